/**
 * One after the other, by name.
 *
 * @module
 */

/** Runs work of one name in the order it was given; work of other names does not wait. */
export class Serial {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs when all earlier work of this name has ended, however it ended. */
  run<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const result = (this.#last.get(name) ?? Promise.resolve()).then(work);
    const ended = result.then(() => undefined, () => undefined);
    this.#last.set(name, ended);
    void ended.then(() => {
      if (this.#last.get(name) === ended) this.#last.delete(name);
    });
    return result;
  }
}
