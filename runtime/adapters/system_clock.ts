/**
 * The machine's clock.
 *
 * @module
 */

import type { Clock } from "../ports/clock.ts";

/** Longest delay a timer takes; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Wall time and timers of this process. Sleepers keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep(delayMs, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(wake, Math.min(Math.max(0, delayMs), MAX_TIMER_MS));
      function wake(): void {
        clearTimeout(timer);
        signal?.removeEventListener("abort", wake);
        resolve();
      }
      signal?.addEventListener("abort", wake, { once: true });
    });
  },
};
