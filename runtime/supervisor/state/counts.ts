/**
 * How many entries the tables of a pod have. A table that somebody has counted and found long has a
 * row with the number, which changes in the commits that change it; others cost nothing.
 *
 * @module
 */

import type { Change, Key, Store } from "../../ports/store.ts";
import { stateKey, type StatePlace } from "../rows.ts";

/** Entries below which counting them again is as quick as reading their number. */
const MIN_COUNTED = 20;
/** Rows read at once. */
const PAGE = 500;

/** The numbers of one state, seen by the only one who writes it. */
export class Counts {
  readonly #store: Store;
  readonly #place: StatePlace;
  /** By table, as of the last planned turn; undefined until they are read. */
  #known: Map<string, number> | undefined;

  constructor(store: Store, place: StatePlace) {
    this.#store = store;
    this.#place = place;
  }

  /** The numbers that stand. */
  async load(): Promise<ReadonlyMap<string, number>> {
    if (this.#known !== undefined) return this.#known;
    const known = new Map<string, number>();
    for await (const { key, value } of this.#rows<number>(stateKey(this.#place, "count"))) {
      known.set(String(key.at(-1)), value);
    }
    return this.#known ??= known;
  }

  /** The rows of what a turn adds to tables, or takes away with a negative number. */
  async shift(grown: ReadonlyMap<string, number>): Promise<Change> {
    const known = await this.load();
    const puts: { key: Key; value: unknown }[] = [];
    const deletes: Key[] = [];
    for (const [table, by] of grown) {
      const before = known.get(table);
      if (before === undefined || by === 0) continue;
      const change = this.#set(table, before + by);
      puts.push(...change.puts ?? []);
      deletes.push(...change.deletes ?? []);
    }
    return { puts, deletes };
  }

  /**
   * Counts a table, while no commit for its pod is under way and none is planned; with the change
   * that keeps the number, if it is worth that.
   */
  async count(table: string): Promise<{ readonly count: number; readonly change: Change }> {
    let count = 0;
    for await (const _ of this.#rows(stateKey(this.#place, "state", table))) count++;
    await this.load();
    return { count, change: count < MIN_COUNTED ? {} : this.#set(table, count) };
  }

  /** An empty table needs no row. */
  #set(table: string, count: number): Change {
    const key = stateKey(this.#place, "count", table);
    if (count > 0) {
      this.#known!.set(table, count);
      return { puts: [{ key, value: count }] };
    }
    this.#known!.delete(table);
    return { deletes: [key] };
  }

  async *#rows<Value>(prefix: Key): AsyncGenerator<{ readonly key: Key; readonly value: Value }> {
    let start: Key | undefined;
    for (;;) {
      const range = { prefix, limit: PAGE, ...start === undefined ? {} : { start } };
      const page = await this.#store.list<Value>(range);
      yield* page;
      if (page.length < PAGE) return;
      start = [...page.at(-1)!.key, 0];
    }
  }
}
