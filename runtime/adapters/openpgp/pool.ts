/**
 * OpenPGP on other threads, so that a server that seals and opens thousands of messages goes on
 * answering meanwhile.
 *
 * @module
 */

import { type Bytes, equalBytes } from "../../model/bytes.ts";
import { errorFromRecord, type ErrorRecord, PeriError } from "../../model/errors.ts";
import type { CertificateInfo, KeyPart, Keyring, NewKey, Pgp, Unsealed } from "../../ports/pgp.ts";

/** What a worker is asked: a method of {@link Pgp}, or the check of a message it has opened. */
export interface Task {
  readonly id: number;
  readonly method: keyof Pgp | "verifyOpened";
  readonly args: readonly unknown[];
}

/** What a worker answers. */
export type Done =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorRecord };

/** OpenPGP that has threads to end. */
export interface PgpPool extends Pgp {
  /** Threads that have been started. */
  readonly started: number;
  /** Ends the threads; what they had not done rejects as `internal`. */
  close(): void;
}

/** Tasks that wait for another one until one more thread is started: that takes as long as dozens. */
const WAITS = 16;

/**
 * A pool of `size` threads, 1 upward. The first thread starts with the first task, further ones when
 * tasks have waited for each other; a task goes to the one with the least to do.
 */
export function openPgpPool(size: number): PgpPool {
  const threads = [new Thread()];
  let waited = 0;
  const least = () => {
    const thread = threads.reduce((a, b) => b.load < a.load ? b : a);
    if (thread.load === 0 || threads.length === size || ++waited < WAITS) return thread;
    waited = 0;
    const another = new Thread();
    threads.push(another);
    return another;
  };
  const senders = new WeakMap<Uint8Array, Uint8Array>();
  const ask = <Value>(method: keyof Pgp, args: readonly unknown[]) =>
    least().ask(method, args).done as Promise<Value>;
  return {
    makePersonKey: (...args) => ask<NewKey>("makePersonKey", args),
    makePodKey: (...args) => ask<NewKey>("makePodKey", args),
    inspect: (...args) => ask<CertificateInfo>("inspect", args),
    parts: (...args) => ask<KeyPart[]>("parts", args),
    merge: (...args) => ask<Bytes>("merge", args),
    dearmor: (...args) => ask<Bytes>("dearmor", args),
    publicPart: (...args) => ask<Bytes>("publicPart", args),
    armor: (...args) => ask<string>("armor", args),
    unlock: (...args) => ask<Bytes>("unlock", args),
    sign: (...args) => ask<Bytes>("sign", args),
    verify: (...args) => ask<void>("verify", args),
    certifiers: (...args) => ask<string[]>("certifiers", args),
    certifications: (...args) => ask<Keyring>("certifications", args),
    attach: (...args) => ask<Bytes>("attach", args),
    dearmorRing: (...args) => ask<Bytes>("dearmorRing", args),
    armorRing: (...args) => ask<string>("armorRing", args),
    verifyThen: (...args) => ask<void>("verifyThen", args),
    seal: (...args) => ask<Bytes>("seal", args),
    open: (...args) => openOn(least(), senders, args),
    get started() {
      return threads.filter(({ isStarted }) => isStarted).length;
    },
    close: () => threads.forEach((thread) => thread.close()),
  };
}

/** What a thread says of a message that it has opened. */
export interface OpenedMessage {
  readonly content: Bytes;
  /** When its signature was found to be of the certificate that was expected, in ms since 1970. */
  readonly verifiedMs?: number;
}

/** A check this much earlier is as good as one now. */
const SAME_TIME_MS = 5_000;

/**
 * The thread that opened a message keeps what its signature is checked against. Most messages to a
 * key come from who wrote to it last, so that signature is checked at once, without going back and
 * forth; whether it was the one to ask for is still said by who asks.
 */
async function openOn(
  thread: Thread,
  senders: WeakMap<Uint8Array, Uint8Array>,
  args: Parameters<Pgp["open"]>,
): Promise<Unsealed> {
  const [key] = args;
  const expected = senders.get(key);
  const { id, done } = thread.ask("open", [args, expected]);
  const { content, verifiedMs = -Infinity } = await done as OpenedMessage;
  return {
    content,
    async verify(certificate, atMs) {
      const isExpected = expected !== undefined && equalBytes(expected, certificate);
      if (isExpected && Math.abs(atMs - verifiedMs) < SAME_TIME_MS) return;
      await thread.ask("verifyOpened", [id, certificate, atMs]).done;
      senders.set(key, certificate);
    },
  };
}

class Thread {
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  #worker: Worker | undefined;
  #ids = 0;

  /** Tasks given and not yet done. */
  get load(): number {
    return this.#asked.size;
  }

  get isStarted(): boolean {
    return this.#worker !== undefined;
  }

  ask(method: Task["method"], args: readonly unknown[]): { id: number; done: Promise<unknown> } {
    const id = ++this.#ids;
    const answer = Promise.withResolvers<unknown>();
    this.#asked.set(id, answer);
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id, method, args } satisfies Task);
    return { id, done: answer.promise };
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#fail("the pool was closed");
  }

  #start(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Done>) => {
      const answer = this.#asked.get(data.id);
      this.#asked.delete(data.id);
      if ("error" in data) answer?.reject(errorFromRecord(data.error));
      else answer?.resolve(data.value);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#worker = undefined;
      this.#fail(event.message);
    };
    return worker;
  }

  #fail(reason: string): void {
    const error = new PeriError("internal", { op: "use OpenPGP", subject: reason });
    for (const answer of this.#asked.values()) answer.reject(error);
    this.#asked.clear();
  }
}
