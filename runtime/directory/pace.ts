/**
 * A pace: so many in a minute, the first of them at once.
 *
 * @module
 */

import type { Clock } from "../ports/clock.ts";

const MINUTE_MS = 60_000;

/** See the module. */
export class Pace {
  #left: number;
  #atMs: number;

  /** @param perMinute at most so many, then one whenever its part of a minute has passed */
  constructor(private readonly perMinute: number, private readonly clock: Pick<Clock, "nowMs">) {
    this.#left = perMinute;
    this.#atMs = clock.nowMs();
  }

  /** Whether there is room for one more now; it is taken then. */
  take(): boolean {
    const nowMs = this.clock.nowMs();
    // A clock that was set back gives nothing, and takes nothing.
    const gained = Math.max(0, nowMs - this.#atMs) / MINUTE_MS * this.perMinute;
    this.#left = Math.min(this.perMinute, this.#left + gained);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
