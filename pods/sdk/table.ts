/**
 * A pod's tables: JSON values by key, read through what the run has already written.
 *
 * @module
 */

import type { EffectBuffer } from "./effects.ts";
import { formatJson } from "./json.ts";
import { compareKeys } from "./order.ts";

/** Most rows in one answer of the periphery. */
const MAX_PAGE = 1_000;

/** Which rows of a table; `after` itself is left out. */
export interface Range {
  readonly prefix?: string;
  readonly after?: string;
  /** Most rows to give; all without it. */
  readonly limit?: number;
  /** From the last key to the first. */
  readonly reverse?: boolean;
}

/** What a table needs of its run. */
export interface TableSource {
  readonly effects: EffectBuffer;
  /** Asks the periphery; resolves to the answer's JSON value. */
  request(operation: string, argument: unknown): Promise<unknown>;
}

type Row = [key: string, text: string];

/** Values of one kind by key. Keys are at most 512 bytes, values 8 MiB of JSON. */
export class Table<Value> {
  readonly #source: TableSource;

  constructor(readonly name: string, source: TableSource) {
    this.#source = source;
  }

  /** The value of a key; undefined when there is none. */
  async get(key: string): Promise<Value | undefined> {
    const written = this.#source.effects.written(this.name);
    const text = written.has(key)
      ? written.get(key)
      : await this.#source.request("state-get", { table: this.name, key });
    return typeof text === "string" ? JSON.parse(text) : undefined;
  }

  /** Whether there is a value. */
  async has(key: string): Promise<boolean> {
    return await this.get(key) !== undefined;
  }

  /** Sets the value of a key. Happens when the run ends well. */
  put(key: string, value: Value): void {
    this.#source.effects.write(this.name, key, formatJson(value));
  }

  /** Deletes a key; nothing happens when there is none. */
  delete(key: string): void {
    this.#source.effects.write(this.name, key, undefined);
  }

  /** Rows in the order of their keys' UTF-8 bytes. */
  async list(range: Range = {}): Promise<[key: string, value: Value][]> {
    const rows: [string, Value][] = [];
    for await (const page of this.#pages(range)) rows.push(...page);
    return rows;
  }

  /** As {@link Table.list}, reading on only as far as it is asked. */
  async *walk(range: Range = {}): AsyncGenerator<[key: string, value: Value]> {
    for await (const page of this.#pages(range)) yield* page;
  }

  async *#pages(range: Range): AsyncGenerator<[key: string, value: Value][]> {
    let left = range.limit ?? Infinity;
    let after = range.after;
    while (left > 0) {
      const limit = Math.min(left, MAX_PAGE);
      const stored = await this.#page({ ...range, limit, ...after !== undefined && { after } });
      // A page may end early by its bytes; only an empty one is the last.
      const last = stored.at(-1)?.[0];
      const rows = this.#merge(stored, range, after, last).slice(0, left);
      yield rows.map(([key, text]) => [key, JSON.parse(text)]);
      if (last === undefined) return;
      left -= rows.length;
      after = last;
    }
  }

  async #page(range: Range): Promise<Row[]> {
    const { prefix, after, limit, reverse } = range;
    const argument = { table: this.name, prefix, after, limit, reverse };
    return await this.#source.request("state-list", argument) as Row[];
  }

  /** Stored rows with this run's writes between `after` and `last` put in their places. */
  #merge(
    stored: readonly Row[],
    range: Range,
    after: string | undefined,
    last: string | undefined,
  ): Row[] {
    const written = this.#source.effects.written(this.name);
    if (written.size === 0) return [...stored];
    const compare = (a: string, b: string) => range.reverse ? compareKeys(b, a) : compareKeys(a, b);
    const isInside = (key: string) =>
      key.startsWith(range.prefix ?? "") &&
      (after === undefined || compare(key, after) > 0) &&
      (last === undefined || compare(key, last) <= 0);
    const rows = stored.filter(([key]) => !written.has(key));
    for (const [key, text] of written) {
      if (text !== undefined && isInside(key)) rows.push([key, text]);
    }
    return rows.sort(([a], [b]) => compare(a, b));
  }
}
