/**
 * When to try again. Pure: time and chance come in.
 *
 * @module
 */

import { RETRY_CAP_MS, RETRY_FIRST_MS } from "../model/limits.ts";

/**
 * The wait after so many failures in a row: doubling from `RETRY_FIRST_MS` to `RETRY_CAP_MS`, of
 * which chance takes up to a half, so that those who failed together do not return together.
 *
 * @param chance in [0, 1)
 */
export function backoffMs(failures: number, chance: number): number {
  const longest = Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** Math.min(failures - 1, 30));
  return Math.round(longest * (1 - chance / 2));
}

/** A wait the other side asked for, within what this side is ready to wait. */
export function askedWaitMs(retryAfterMs: number, chance: number): number {
  const wait = Math.min(RETRY_CAP_MS, retryAfterMs);
  return Math.round(wait * (1 + chance / 10));
}

/**
 * Whether a server is worth a POST. Closed: yes. After a failure open: no, until a wait is over or
 * the server is heard of; then one probe at a time decides.
 */
export class Breaker {
  #failures = 0;
  #state: "closed" | "open" | "probing" = "closed";
  #failedMs = 0;
  /** Waits that hearing of the server has ended since it answered last. */
  #heard = 0;

  /** How many POSTs may be under way at once now. */
  allowed(most: number): number {
    return this.#state === "closed" ? most : this.#state === "probing" ? 1 : 0;
  }

  /** POSTs in a row that were not answered. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether the next POST is a probe, which carries little. */
  get isProbing(): boolean {
    return this.#state === "probing";
  }

  /** A POST was answered by a periphery. */
  succeeded(): void {
    this.#state = "closed";
    this.#failures = this.#heard = 0;
  }

  /** A POST was not answered. Returns how long to wait before {@link retry}; 0 when one waits already. */
  failed(nowMs: number, chance: number): number {
    if (this.#state === "open") return 0;
    this.#state = "open";
    this.#failedMs = nowMs;
    return backoffMs(++this.#failures, chance);
  }

  /** The wait is over. */
  retry(): void {
    if (this.#state === "open") this.#state = "probing";
  }

  /**
   * The server was heard of. True when that ends the wait; soon after a failure it does not, and
   * ever later as long as nobody answers: a behalf may name any server, so that who talks to us
   * much could else make us knock at somebody's door as often.
   */
  heard(nowMs: number): boolean {
    const leastMs = backoffMs(this.#heard + 1, 0);
    const ends = this.#state === "open" && Math.abs(nowMs - this.#failedMs) >= leastMs;
    if (!ends) return false;
    this.#heard++;
    this.#state = "probing";
    return true;
  }
}
