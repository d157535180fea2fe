/**
 * Time, passed in so that a network can be simulated from a seed.
 *
 * @module
 */

/** Wall time and waiting. */
export interface Clock {
  /** Milliseconds since 1970 UTC; may jump either way. */
  nowMs(): number;
  /**
   * Resolves after at least `delayMs`; rejects never. When `signal` aborts it resolves at once,
   * so check the signal afterwards.
   */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
