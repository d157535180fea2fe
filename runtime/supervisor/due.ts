/**
 * What is to be done at times that are known beforehand: it sleeps until the next of them.
 *
 * @module
 */

import type { Clock } from "../ports/clock.ts";

/** What {@link Due} is about. */
export interface DueOptions {
  readonly clock: Clock;
  /** When something is due, of all that is known now; empty: it waits for nothing. */
  times(): readonly number[];
  /** Does what is due by then. What fails stays due. Rejects never. */
  work(nowMs: number): Promise<void>;
}

/** After a failure it is tried again. */
const AGAIN_MS = 60 * 60 * 1000;

/** See the module. It waits only while something is to come. */
export class Due {
  readonly #options: DueOptions;
  #waiting = new AbortController();
  #isStopped = false;

  constructor(options: DueOptions) {
    this.#options = options;
  }

  /** Looks what is next; to be called at the start, and when there may be something more. */
  look(): void {
    this.#waiting.abort();
    this.#waiting = new AbortController();
    if (!this.#isStopped) void this.#wait(this.#waiting.signal);
  }

  /** Looks no more. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.abort();
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { clock, times, work } = this.#options;
    for (let leastMs = 0;; leastMs = AGAIN_MS) {
      const known = times();
      if (known.length === 0) return;
      await clock.sleep(Math.max(leastMs, Math.min(...known) - clock.nowMs()), signal);
      if (signal.aborted) return;
      await work(clock.nowMs());
      if (signal.aborted) return;
    }
  }
}
