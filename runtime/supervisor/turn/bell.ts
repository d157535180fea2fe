/**
 * Wakes one waiter.
 *
 * @module
 */

/** Rings are not counted: who wakes looks at everything there is. */
export class Bell {
  #rung = Promise.withResolvers<void>();

  /** Wakes the waiter, or lets the next wait end at once. */
  ring(): void {
    this.#rung.resolve();
  }

  /** Resolves at the next ring, or at once when it rang since the last wait. One waiter at a time. */
  async wait(): Promise<void> {
    await this.#rung.promise;
    this.#rung = Promise.withResolvers();
  }
}
