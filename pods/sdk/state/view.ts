/**
 * Rows of a table by one of its indexes.
 *
 * @module
 */

import { Refusal } from "../refusal.ts";
import { entryPrefix, type EntryRange, keyOfEntry } from "./entries.ts";

/** Rows whose values are read at once. */
const MAX_PAGE = 100;

/** How far and in which direction. */
export interface ViewOptions {
  /** Most rows to give; all without it. */
  readonly limit?: number;
  /** From the last value to the first. */
  readonly reverse?: boolean;
  /** Of the rows of one value: only those beyond this key in the direction. */
  readonly after?: string;
}

/** A table of entries. */
interface Entries {
  list(range: EntryRange & ViewOptions): Promise<[key: string, value: 0][]>;
  count(range: EntryRange): Promise<number>;
}

/** What a view reads from. */
export interface ViewSource<Value> {
  readonly index: string;
  readonly rows: { getMany(keys: readonly string[]): Promise<(Value | undefined)[]> };
  readonly entries: Entries;
  readonly range: EntryRange;
  /** It is of one value, so that its rows stand in the order of their keys. */
  readonly isExact: boolean;
  /** Resolves when the entries are those of the rows. */
  ready(): Promise<void>;
}

/**
 * Rows in the order of what they are indexed by, and of their keys where that is the same. A row
 * with several values in a range stands there for each.
 */
export class View<Value> implements AsyncIterable<[key: string, value: Value]> {
  readonly #source: ViewSource<Value>;

  constructor(source: ViewSource<Value>) {
    this.#source = source;
  }

  /** All rows, or the first of them. */
  async list(options: ViewOptions = {}): Promise<[key: string, value: Value][]> {
    const rows: [string, Value][] = [];
    for await (const row of this.walk(options)) rows.push(row);
    return rows;
  }

  /** As {@link View.list}, reading on only as far as it is asked. */
  async *walk(options: ViewOptions = {}): AsyncGenerator<[key: string, value: Value]> {
    const { entries, index, rows } = this.#source;
    let { limit: left = Infinity } = options;
    let after = this.#after(options);
    await this.#source.ready();
    while (left > 0) {
      const { reverse = false } = options;
      const limit = Math.min(left, MAX_PAGE);
      const beyond = after === undefined ? {} : { after };
      const page = await entries.list({ ...this.#source.range, ...beyond, reverse, limit });
      const keys = page.map(([entry]) => keyOfEntry(index, entry));
      const values = await rows.getMany(keys);
      for (const [at, key] of keys.entries()) {
        const value = values[at];
        if (value !== undefined) yield [key, value];
      }
      if (page.length < limit) return;
      left -= page.length;
      after = page.at(-1)![0];
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<[key: string, value: Value]> {
    return this.walk();
  }

  /** How many rows there are; rows are not read. */
  async count(): Promise<number> {
    await this.#source.ready();
    return await this.#source.entries.count(this.#source.range);
  }

  #after({ after }: ViewOptions): string | undefined {
    if (after === undefined) return undefined;
    const { index, isExact, range: { prefix } } = this.#source;
    if (isExact) return `${prefix}${after}`;
    const subject =
      `the rows of several values of ${index} do not stand in the order of their keys`;
    const hint = "go on with from, at the value of the last row";
    throw new Refusal("invalid", { op: "read an index", subject, hint });
  }
}

/** The stretch of one value. */
export function exactRange(index: string, value: Parameters<typeof entryPrefix>[1]): EntryRange {
  return { prefix: entryPrefix(index, value) };
}
