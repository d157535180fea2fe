/**
 * Keeps the indexes of a run's tables in step with their rows: entries are written in the same
 * transaction as the rows they are of, before anybody can see either.
 *
 * @module
 */

import { Refusal } from "../refusal.ts";
import { Table, type TableSource } from "../table.ts";
import { sizeUtf8 } from "../text/utf8.ts";
import { entriesOf, entryTable, type Indexed } from "./entries.ts";

/** Asks the periphery; resolves to the answer's JSON value. */
export type Request = TableSource["request"];

/** The SDK's own table of the tables that have indexes. */
const NAMES = "sdk:indexes";
/** Longest name of a table; as `MAX_TABLE_BYTES` of the periphery. */
const MAX_NAME_BYTES = 64;

/** See the module. */
export class Indexes {
  readonly #source: TableSource;
  readonly #tables = new Map<string, Indexed<never>>();
  /** By table and key: the text for which entries are written, in this turn. */
  readonly #settled = new Map<string, Map<string, string | undefined>>();
  #turn = -1;
  #last: Promise<unknown> = Promise.resolve();
  /** Of the run with which a version begins: writes at the last building. */
  #builtAt: number | undefined;

  /** @param isBeginning a version begins: indexes are made anew, whatever it writes */
  constructor(source: TableSource, readonly isBeginning: boolean) {
    this.#source = source;
  }

  /** A table has indexes. */
  declare<Value>(table: string, by: Indexed<Value>): void {
    const excess = sizeUtf8(entryTable(table)) - MAX_NAME_BYTES;
    if (excess > 0) {
      throw new Error(`the name of ${table}, which has indexes, is ${excess} bytes too long`);
    }
    for (const index of Object.keys(by)) {
      if (index === "" || index.includes("\0")) {
        throw new Error(`${table} has an index without name`);
      }
    }
    this.#tables.set(table, { ...this.#tables.get(table), ...by as Indexed<never> });
  }

  /** The indexes of a table. */
  of(table: string): readonly string[] {
    return Object.keys(this.#tables.get(table) ?? {});
  }

  /** Whether rows are written whose entries are not. */
  get isDirty(): boolean {
    if (this.isBeginning) return this.#builtAt !== this.#source.effects.total;
    return [...this.#tables.keys()].some((table) => this.#dirtyKeys(table).length > 0);
  }

  /** Writes the entries of all rows that are written by then. */
  async flush(request: Request): Promise<void> {
    // What runs in the meantime may write on, and be about to read.
    const flushed = this.#last.then(() =>
      this.isBeginning ? this.#rebuild() : this.#flush(request)
    );
    this.#last = flushed.catch(() => {});
    await flushed;
  }

  /** Before a table is read by an index. */
  async ready(): Promise<void> {
    if (this.isBeginning && this.#builtAt === undefined) {
      const subject = "indexes are made when migrate has ended";
      throw new Refusal("invalid", { op: "read an index", subject, hint: "walk the table itself" });
    }
    if (this.isDirty) await this.flush(this.#source.request.bind(this.#source));
  }

  /** A version begins with a state that has no indexes, or those of another version. */
  async begin(isNew: boolean): Promise<void> {
    const names = new Table<0>(NAMES, this.#source);
    for (const [name] of await names.list()) {
      if (this.#tables.has(name)) continue;
      await this.#wipe(name);
      names.delete(name);
    }
    for (const name of this.#tables.keys()) names.put(name, 0);
    if (isNew) this.#builtAt = this.#source.effects.total;
    else await this.#rebuild();
  }

  async #rebuild(): Promise<void> {
    if (this.#builtAt === this.#source.effects.total) return;
    for (const [name, by] of this.#tables) {
      await this.#wipe(name);
      const entries = new Table<0>(entryTable(name), this.#source);
      for await (const [key, value] of new Table<never>(name, this.#source).walk()) {
        for (const entry of entriesOf(by, key, value)) entries.put(entry, 0);
      }
    }
    this.#builtAt = this.#source.effects.total;
  }

  async #wipe(name: string): Promise<void> {
    const entries = new Table<0>(entryTable(name), this.#source);
    for await (const [entry] of entries.walk()) entries.delete(entry);
  }

  async #flush(request: Request): Promise<void> {
    for (const [table, by] of this.#tables) await this.#flushTable(table, by, request);
  }

  async #flushTable(table: string, by: Indexed<never>, request: Request): Promise<void> {
    const { effects } = this.#source;
    const keys = this.#dirtyKeys(table);
    if (keys.length === 0) return;
    const settled = this.#settled.get(table) ?? new Map<string, string | undefined>();
    this.#settled.set(table, settled);
    const unknown = keys.filter((key) => !settled.has(key));
    const stored = new Table<never>(table, { effects: NOTHING, request });
    const texts = await stored.texts(unknown);
    // What a run did may have been undone meanwhile, and the entries with it.
    if (effects.turn !== this.#turn) return;
    unknown.forEach((key, at) => settled.set(key, texts[at]));
    const entries = new Table<0>(entryTable(table), this.#source);
    for (const key of keys) {
      const text = effects.written(table).get(key);
      const before = entriesIn(by, key, settled.get(key));
      const after = entriesIn(by, key, text);
      for (const entry of before) if (!after.has(entry)) entries.delete(entry);
      for (const entry of after) if (!before.has(entry)) entries.put(entry, 0);
      settled.set(key, text);
    }
  }

  #dirtyKeys(table: string): string[] {
    const { effects } = this.#source;
    if (effects.turn !== this.#turn) this.#settled.clear();
    this.#turn = effects.turn;
    const settled = this.#settled.get(table);
    return [...effects.written(table)]
      .filter(([key, text]) => !settled?.has(key) || settled.get(key) !== text)
      .map(([key]) => key);
  }
}

/** Writes of a run are not to be seen through. */
const NOTHING: TableSource["effects"] = {
  written: () => new Map(),
  write: () => {},
  turn: 0,
  total: 0,
};

function entriesIn(by: Indexed<never>, key: string, text: string | undefined): Set<string> {
  return text === undefined ? new Set() : entriesOf(by, key, JSON.parse(text) as never);
}
