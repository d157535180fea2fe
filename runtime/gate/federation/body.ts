/**
 * Reading what strangers send: never more than is allowed, never longer than is allowed, and all
 * bodies together never more than the process can bear.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { GateRequest } from "./request.ts";

/** What all requests in work share. */
export class Room {
  #requests = 0;
  #bytes = 0;

  constructor(private readonly most: { readonly requests: number; readonly bytes: number }) {}

  /** Requests and bytes in work, for `peri status`. */
  get used(): { readonly requests: number; readonly bytes: number } {
    return { requests: this.#requests, bytes: this.#bytes };
  }

  /** Takes a place for one request, or nothing when all are taken. Give it back with `using`. */
  enter(): Place | undefined {
    if (this.#requests >= this.most.requests) return undefined;
    this.#requests++;
    return new Place((bytes) => this.#take(bytes), (bytes) => {
      this.#requests--;
      this.#bytes -= bytes;
    });
  }

  #take(bytes: number): boolean {
    if (this.#bytes + bytes > this.most.bytes) return false;
    this.#bytes += bytes;
    return true;
  }
}

/** The place of one request in a {@link Room}. */
export class Place implements Disposable {
  #bytes = 0;

  constructor(
    private readonly claim: (bytes: number) => boolean,
    private readonly leave: (bytes: number) => void,
  ) {}

  /** Room for bytes that have arrived; `false` when there is none. */
  take(bytes: number): boolean {
    const taken = this.claim(bytes);
    if (taken) this.#bytes += bytes;
    return taken;
  }

  [Symbol.dispose](): void {
    this.leave(this.#bytes);
  }
}

/** Bounds of one body. */
export interface BodyBounds {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/**
 * The whole body of a request. What is too long is refused before it is read when its length was
 * declared, else as soon as it shows.
 *
 * @throws {PeriError} `too-large` over `maxBytes`, `expired` when it was not whole in time, `busy`
 * when all bodies together take too much memory, `damaged` when it broke off.
 */
export async function readBody(
  request: GateRequest,
  place: Place,
  bounds: BodyBounds,
): Promise<Bytes> {
  const { maxBytes } = bounds;
  if ((request.declaredBytes ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const enough = new AbortController();
  const late = bounds.clock.sleep(bounds.timeoutMs, enough.signal).then(() => "late" as const);
  const parts = request.body()[Symbol.asyncIterator]();
  const whole: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const next = await Promise.race([nextPart(parts), late]);
      if (next === "late") throw tooSlow(bounds.timeoutMs);
      if (next.done) break;
      size += next.value.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      if (!place.take(next.value.length)) throw tooMuch();
      whole.push(next.value);
    }
  } finally {
    enough.abort();
    // Not awaited: an iterator that waits for bytes returns only when they come.
    parts.return?.().catch(() => {});
  }
  return concatBytes(whole);
}

async function nextPart(
  parts: AsyncIterator<Uint8Array>,
): Promise<IteratorResult<Uint8Array>> {
  try {
    return await parts.next();
  } catch (cause) {
    throw new PeriError("damaged", { op: "read request", subject: "it broke off", cause });
  }
}

function tooLarge(maxBytes: number): PeriError {
  return new PeriError("too-large", {
    op: "read request",
    subject: `its body is longer than ${maxBytes} bytes`,
  });
}

function tooSlow(timeoutMs: number): PeriError {
  return new PeriError("expired", {
    op: "read request",
    subject: `its body was not whole within ${timeoutMs} ms`,
  });
}

function tooMuch(): PeriError {
  return new PeriError("busy", { op: "read request", subject: "too many bodies at once" });
}
