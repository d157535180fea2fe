/**
 * Time that moves only when it is told to, for tests and simulations.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Clock } from "../../ports/clock.ts";

interface Sleeper {
  /** On the scale of time that passed, which no correction of the wall clock touches. */
  readonly at: number;
  readonly wake: () => void;
}

/** A clock whose sleepers wake in order of time, then of asking. */
export class MemoryClock implements Clock {
  #startMs: number;
  #passedMs = 0;
  readonly #sleepers = new Set<Sleeper>();

  /** Starts at a moment. */
  constructor(startMs = 1_800_000_000_000) {
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#startMs + this.#passedMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper = { at: this.#passedMs + Math.max(0, delayMs), wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /** Another clock on the same time, as the one of another machine: `skewMs` ahead of this one. */
  skewed(skewMs: number): Clock {
    return {
      nowMs: () => this.nowMs() + skewMs,
      sleep: (delayMs, signal) => this.sleep(delayMs, signal),
    };
  }

  /** Time until the next sleeper wakes. */
  untilNextMs(): number | undefined {
    const next = this.#next();
    return next && next.at - this.#passedMs;
  }

  /** Lets everything run that can run now, then wakes the next sleeper; false when nobody sleeps. */
  async step(): Promise<boolean> {
    await settled();
    const next = this.#next();
    if (!next) return false;
    this.#passedMs = next.at;
    next.wake();
    await settled();
    return true;
  }

  /** Moves on by a time, waking who wants to be woken meanwhile. */
  async advance(delayMs: number): Promise<void> {
    const end = this.#passedMs + delayMs;
    await settled();
    for (let next = this.#next(); next && next.at <= end; next = this.#next()) await this.step();
    this.#passedMs = end;
    await settled();
  }

  /** Moves the wall clock without waking anybody, as a correction of it does. */
  jump(deltaMs: number): void {
    this.#startMs += deltaMs;
  }

  #next(): Sleeper | undefined {
    let first: Sleeper | undefined;
    // A set keeps the order of asking, so the earliest of equals stays first.
    for (const sleeper of this.#sleepers) if (!first || sleeper.at < first.at) first = sleeper;
    return first;
  }
}

/** Things that {@link rest} is still to do. */
let resting = 0;

/**
 * Does something when everything has run that can run now. {@link settled} waits for it, and for
 * what follows from it, so that no time passes in between.
 */
export function rest(go: () => void): void {
  resting++;
  setImmediate(() => {
    resting--;
    go();
  });
}

/** Resolves when every promise that can settle without time or I/O has. */
export async function settled(): Promise<void> {
  do await new Promise<void>((resolve) => setImmediate(resolve)); while (resting > 0);
}
