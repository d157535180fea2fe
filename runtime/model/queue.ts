/**
 * One thing after the other.
 *
 * @module
 */

/** Work that must not overlap, in the order in which it was asked for. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();
  #refusal: (() => Error) | undefined;

  /** Runs something when all before it has ended, well or not. Rejects as the work does. */
  alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => {
      if (this.#refusal !== undefined) throw this.#refusal();
      return work();
    });
    this.#last = result.catch(() => {});
    return result;
  }

  /** From now on nothing begins, also of what waits already: it is refused with this. */
  close(refusal: () => Error): void {
    this.#refusal ??= refusal;
  }

  /** Waits until all that was asked for so far has ended. */
  async ended(): Promise<void> {
    await this.#last;
  }
}
