/**
 * How lanes rest. Where a server said that it can take nothing just now, as one whose disk is full
 * does, that it is heard of may mean that it can again.
 *
 * @module
 */

import type { Clock } from "../ports/clock.ts";
import { backoffMs } from "./retry.ts";

/** A rest. */
export interface Rest {
  /** The name of the server that can take nothing, as its courier has it; absent: it is not that. */
  readonly server: string | undefined;
  readonly waitMs: number;
  /** Rests in a row that hearing of the server has ended in vain. */
  readonly woken: number;
}

/** See the module. */
export class Rests {
  readonly #clock: Clock;
  readonly #resting = new Map<string, Set<AbortController>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves when a rest is over. Hearing of the server ends it, but ever later as long as that is in
   * vain, so that a server in trouble is not asked again with each message it sends.
   *
   * @returns whether the server was heard of
   */
  async sleep({ server, waitMs, woken }: Rest, signal: AbortSignal): Promise<boolean> {
    if (server === undefined) return await this.#clock.sleep(waitMs, signal).then(() => false);
    const leastMs = Math.min(waitMs, backoffMs(woken + 1, 0));
    const heard = new AbortController();
    const resting = this.#resting.get(server) ?? new Set();
    this.#resting.set(server, resting.add(heard));
    await this.#clock.sleep(leastMs, signal);
    await this.#clock.sleep(waitMs - leastMs, AbortSignal.any([heard.signal, signal]));
    resting.delete(heard);
    if (resting.size === 0 && this.#resting.get(server) === resting) this.#resting.delete(server);
    return heard.signal.aborted;
  }

  /** A server was heard of. */
  heard(server: string): void {
    const resting = this.#resting.get(server);
    if (resting === undefined) return;
    this.#resting.delete(server);
    for (const heard of resting) heard.abort();
  }
}
