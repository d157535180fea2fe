/**
 * A token bucket: so much may happen at once, and what happened is forgotten by and by.
 *
 * @module
 */

/** How much may happen. */
export interface Rate {
  /** What is given back in a minute. */
  readonly perMinute: number;
  /** What may happen at once. */
  readonly burst: number;
}

const MINUTE_MS = 60_000;

/** What one thing may still do. A new one is full. */
export class Bucket {
  #spent = 0;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /**
   * Takes so much. What is more than a full bucket goes when the bucket is full, and is paid off
   * afterwards, so that nothing has to wait for ever.
   *
   * @returns 0 when it is taken, else after how many milliseconds it will be; Infinity for never
   */
  take(count: number, rate: Rate, nowMs: number): number {
    const spent = this.spent(rate, nowMs);
    const over = spent + Math.min(count, rate.burst) - rate.burst;
    if (count > 0 && rate.burst <= 0) return Infinity;
    if (over > 0) return Math.ceil(over * MINUTE_MS / rate.perMinute);
    this.#spent = spent + count;
    return 0;
  }

  /** Gives back what was taken and not used. */
  giveBack(count: number): void {
    this.#spent = Math.max(0, this.#spent - count);
  }

  /** What was taken and is not forgotten yet. A clock that is set back gives nothing. */
  spent({ perMinute }: Pick<Rate, "perMinute">, nowMs: number): number {
    const earned = Math.max(0, nowMs - this.#atMs) * perMinute / MINUTE_MS;
    this.#atMs = nowMs;
    this.#spent = Math.max(0, this.#spent - earned);
    return this.#spent;
  }
}
