/**
 * What happens to requests between peripheries: ways that are cut, and weather that loses, doubles
 * and delays. All chance is from the village's seed.
 *
 * @module
 */

import type { MemoryClock } from "../adapters/memory/clock.ts";
import type { SeededEntropy } from "../adapters/memory/entropy.ts";
import type { Link } from "../adapters/memory/transport.ts";
import { PeriError } from "../model/errors.ts";
import { POST_TIMEOUT_MS } from "../model/limits.ts";
import type { ServerUrl } from "../model/words.ts";

/** How likely each kind of trouble is for one request, from 0 to 1. */
export interface Weather {
  /** A request or its reply is lost, half of the times each. */
  readonly loss?: number;
  /** A request arrives again, seconds later. */
  readonly doubling?: number;
  /** Longest time a request or reply takes; they pass each other then. Milliseconds. */
  readonly delayMs?: number;
}

/** Longest time until a doubled request arrives again. */
const ECHO_MS = 20_000;

/** The ways between all servers of a village. */
export class Ways {
  #weather: Weather = {};
  readonly #cut = new Set<string>();

  constructor(private readonly clock: MemoryClock, private readonly chance: SeededEntropy) {}

  /** From now on it is like this; without anything the weather is fine. */
  turn(weather: Weather): void {
    this.#weather = weather;
  }

  /** Nothing passes between two servers any more, in both directions. */
  cut(a: ServerUrl, b: ServerUrl): void {
    this.#cut.add(wayOf(a, b));
  }

  /** What {@link cut} did is undone. */
  heal(a: ServerUrl, b: ServerUrl): void {
    this.#cut.delete(wayOf(a, b));
  }

  /** The way out of a server. */
  link(from: ServerUrl): Link {
    return (request, deliver) => {
      const passing = this.#pass(from, request.server, () => deliver(request));
      if (isFine(this.#weather)) return passing;
      const late = this.clock.sleep(POST_TIMEOUT_MS).then(() => lose("no reply in time"));
      return Promise.race([passing, late]);
    };
  }

  async #pass<Reply>(from: ServerUrl, to: ServerUrl, deliver: () => Promise<Reply>) {
    await this.#delay();
    if (this.#cut.has(wayOf(from, to))) lose(`the way from ${from} to ${to} is cut`);
    const { loss = 0, doubling = 0 } = this.#weather;
    if (this.#happens(loss / 2)) lose("the request was lost");
    if (this.#happens(doubling)) {
      const echo = this.clock.sleep(1 + this.chance.below(ECHO_MS)).then(deliver);
      echo.catch(() => {});
    }
    const reply = await deliver();
    await this.#delay();
    if (this.#happens(loss / 2)) lose("the reply was lost");
    return reply;
  }

  async #delay(): Promise<void> {
    const { delayMs = 0 } = this.#weather;
    if (delayMs > 0) await this.clock.sleep(this.chance.below(delayMs + 1));
  }

  #happens(probability: number): boolean {
    return probability > 0 && this.chance.happens(probability);
  }
}

function isFine({ loss = 0, doubling = 0, delayMs = 0 }: Weather): boolean {
  return loss === 0 && doubling === 0 && delayMs === 0;
}

function wayOf(a: ServerUrl, b: ServerUrl): string {
  return [a, b].sort().join(" ");
}

function lose(subject: string): never {
  throw new PeriError("unreachable", { op: "reach server", subject });
}
