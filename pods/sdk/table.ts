/**
 * A pod's tables: JSON values by key, read through what the run has already written.
 *
 * @module
 */

import type { EffectBuffer } from "./effects.ts";
import { formatJson } from "./text/json.ts";
import { nearestWord } from "./text/nearest.ts";
import { compareKeys } from "./order.ts";
import { entryRange, entryTable, type IndexRange, type IndexValue } from "./state/entries.ts";
import { partsOf } from "./state/keys.ts";
import { exactRange, View } from "./state/view.ts";

/** Most rows in one answer of the periphery. */
const MAX_PAGE = 1_000;

/** Which rows of a table. Keys are compared by their UTF-8 bytes. */
export interface Range {
  /** First key, itself included, whichever the direction. */
  readonly from?: string;
  /** End of the keys, itself left out. */
  readonly to?: string;
  /** How keys begin. */
  readonly prefix?: string;
  /** Where a list goes on: only keys beyond this one in its direction. */
  readonly after?: string;
  /** Most rows to give; all without it. */
  readonly limit?: number;
  /** From the last key to the first. */
  readonly reverse?: boolean;
}

/** What a table needs of the indexes of its run. */
interface TableIndexes {
  /** Names of the indexes of a table. */
  of(table: string): readonly string[];
  /** Resolves when all that is written can be found. */
  ready(): Promise<void>;
}

/** What a table needs of its run. */
export interface TableSource {
  readonly effects: Pick<EffectBuffer, "written" | "write" | "turn" | "total">;
  readonly indexes?: TableIndexes | undefined;
  /** Asks the periphery; resolves to the answer's JSON value. */
  request(operation: string, argument: unknown): Promise<unknown>;
}

type Row = [key: string, text: string];

/** What the periphery says of a count; `after`: it goes on there. */
interface Counted {
  readonly count: number;
  readonly after?: string;
}

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

  /** The values of keys, in their order; undefined where there is none. */
  async getMany(keys: readonly string[]): Promise<(Value | undefined)[]> {
    const texts = await this.texts(keys);
    return texts.map((text) => text === undefined ? undefined : JSON.parse(text));
  }

  /** As {@link Table.getMany}, as JSON texts; used by the SDK. */
  async texts(keys: readonly string[]): Promise<(string | undefined)[]> {
    const written = this.#source.effects.written(this.name);
    const found = new Map<string, string | undefined>();
    for (const part of partsOf(keys.filter((key) => !written.has(key)))) {
      for (let rest = part; rest.length > 0;) {
        const argument = { table: this.name, keys: rest };
        const texts = await this.#source.request("state-get", argument) as (string | null)[];
        texts.forEach((text, at) => found.set(rest[at]!, text ?? undefined));
        rest = rest.slice(texts.length);
      }
    }
    return keys.map((key) => written.has(key) ? written.get(key) : found.get(key));
  }

  /**
   * Rows found by an index: those of one value, or of a range of values in their order.
   *
   * ```ts
   * for await (const [key, issue] of this.#issues.by("label", "bug")) …
   * await this.#issues.by("opened", { from: yesterday }).list({ limit: 10, reverse: true });
   * ```
   *
   * @throws {Error} when the table was declared without this index.
   */
  by(index: string, which: IndexValue | IndexRange = {}): View<Value> {
    const { indexes } = this.#source;
    const names = indexes?.of(this.name) ?? [];
    if (!indexes || !names.includes(index)) throw noIndex(this.name, index, names);
    const isExact = typeof which !== "object";
    return new View({
      index,
      rows: this,
      entries: new Table<0>(entryTable(this.name), this.#source),
      range: isExact ? exactRange(index, which) : entryRange(index, which),
      isExact,
      ready: () => indexes.ready(),
    });
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

  /**
   * How many rows there are. Of a whole table the periphery keeps the number; a range is counted key
   * by key.
   */
  async count(range: Range = {}): Promise<number> {
    const { limit = Infinity } = range;
    const written = this.#writtenInside(range, range.after);
    const [stored, known] = await Promise.all([
      this.#countRange(range),
      this.#countKeys(written.map(([key]) => key)),
    ]);
    const put = written.filter(([, text]) => text !== undefined).length;
    return Math.min(stored - known + put, limit);
  }

  async #countRange({ from, to, prefix, after, reverse }: Range): Promise<number> {
    let sum = 0;
    let last = after;
    do {
      const argument = { table: this.name, from, to, prefix, after: last, reverse };
      const part = await this.#source.request("state-count", argument) as Counted;
      sum += part.count;
      last = part.after;
    } while (last !== undefined);
    return sum;
  }

  /** How many of these the periphery has. */
  async #countKeys(keys: readonly string[]): Promise<number> {
    let sum = 0;
    for (const part of partsOf(keys)) {
      const argument = { table: this.name, keys: part };
      sum += (await this.#source.request("state-count", argument) as Counted).count;
    }
    return sum;
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
    const { from, to, prefix, after, limit, reverse } = range;
    const argument = { table: this.name, from, to, prefix, after, limit, reverse };
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
    const rows = stored.filter(([key]) => !written.has(key));
    for (const [key, text] of this.#writtenInside(range, after, last)) {
      if (text !== undefined) rows.push([key, text]);
    }
    return rows.sort(([a], [b]) => range.reverse ? compareKeys(b, a) : compareKeys(a, b));
  }

  /** This run's writes inside a range, between two keys in its direction. */
  #writtenInside(
    { prefix = "", from, to, reverse }: Range,
    after: string | undefined,
    last?: string,
  ): [key: string, text: string | undefined][] {
    const written = this.#source.effects.written(this.name);
    const compare = (a: string, b: string) => reverse ? compareKeys(b, a) : compareKeys(a, b);
    return [...written].filter(([key]) =>
      key.startsWith(prefix) &&
      (from === undefined || compareKeys(key, from) >= 0) &&
      (to === undefined || compareKeys(key, to) < 0) &&
      (after === undefined || compare(key, after) > 0) &&
      (last === undefined || compare(key, last) <= 0)
    );
  }
}

function noIndex(table: string, index: string, names: readonly string[]): Error {
  const meant = nearestWord(index, names);
  const hint = meant === undefined ? "" : `: did you mean ${meant}?`;
  return new Error(`the table ${table} has no index ${index}${hint}`);
}
