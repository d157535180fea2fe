/**
 * Gives back the memory of pods that have ended. To V8 it looks small, as most of it is outside of
 * its heap, so a host in which pods come and go would keep that of hundreds.
 *
 * @module
 */

/** Pods that have ended before it is worth the while to look for their memory. */
const MANY = 8;
/** It is looked for when nothing has run for so long, as nothing runs meanwhile. */
const QUIET_MS = 500;

/** What a tidy host asks of its surroundings. */
export interface TidyOptions {
  /** Whether guests run at this moment. */
  isBusy(): boolean;
  /** Collects what is dead; takes some ten milliseconds. */
  collect(): void;
}

/** Counts pods that have ended and collects in quiet moments. */
export class Tidy {
  readonly #options: TidyOptions;
  #ended = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TidyOptions) {
    this.#options = options;
  }

  /** A pod has ended. */
  ended(): void {
    this.#ended++;
    if (this.#ended >= MANY) this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), QUIET_MS);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  #look(): void {
    if (this.#options.isBusy()) return this.#wait();
    this.#ended = 0;
    this.#options.collect();
  }
}

/** V8's own collector, where the process was started with it; else nothing happens. */
export function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}
