/**
 * What a verb gives to be shown in a way of its own, and the same as data.
 *
 * @module
 */

import { cleanText } from "../text/clean.ts";
import type { Run } from "../run.ts";

/** Lines for people, all at once or as they come. */
export type Lines = Iterable<string> | AsyncIterable<string>;

/** A value with its own way to be shown. Made with {@link shown}. */
export class Shown<Value> {
  /** @param lines makes the lines for people; not called for `--json` */
  constructor(readonly value: Value, readonly lines: () => Lines) {}

  /** Prints it; with `isJson` one record a line for each item of a list. */
  async print(run: Run, isJson: boolean): Promise<void> {
    if (!isJson) {
      for await (const line of this.lines()) run.print(cleanText(line));
    } else if (isIterable(this.value)) {
      for await (const record of this.value) run.printJson(record as never);
    } else if (this.value !== undefined) run.printJson(this.value as never);
  }
}

/**
 * The result of a verb that is shown in a way of its own: `--json` prints the value (of a list or
 * anything that gives values one by one each on a line of its own), else its lines are printed.
 *
 * ```ts
 * async names(): Promise<Shown<Petname[]>> {
 *   return shown(await this.#names.list(), (names) => names.map(({ name }) => name));
 * }
 * ```
 *
 * @param value JSON
 */
export function shown<Value>(value: Value, lines: (value: Value) => Lines): Shown<Value> {
  return new Shown(value, () => lines(value));
}

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof value === "object" && value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value);
}
