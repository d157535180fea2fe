/**
 * What the tables of a pod hold, as far as it must be known before a write: the size of each entry
 * it takes the place of, and of all together, which has a quota.
 *
 * @module
 */

import type { TableWrite } from "../../model/pod.ts";
import type { BlobId } from "../../model/words.ts";
import { type Change, mergeChanges, type Store } from "../../ports/store.ts";
import type { Blobs } from "../../ports/blobs.ts";
import { findContent, namesContent } from "./content.ts";
import { Counts } from "./counts.ts";
import type { Files } from "./files.ts";
import { goesToFile, largeOf, type LargeValue, type Stored } from "./large.ts";
import { stateKey, type StatePlace } from "../rows.ts";
import { sizeOfEntry } from "./state.ts";

/** Whose account, and where it is. */
export interface AccountOptions {
  readonly place: StatePlace;
  readonly store: Store;
  readonly blobs: Blobs;
  /** Notes what its tables will take. @throws {PeriError} `over-quota` when they may not. */
  keep(usedBytes: number, isGrowing: boolean): void;
}

/** Writes of a turn. */
interface Writer {
  /** Grows. */
  readonly number: number;
  readonly writes: readonly TableWrite[];
}

/** Writes as they go into a commit. */
export interface PlannedWrites {
  readonly change: Change;
  /** What must be in files before. */
  readonly large: readonly LargeValue[];
}

/** What is known of an entry: its bytes, 0 when there is none, and its file when it has one. */
interface Held {
  readonly bytes: number;
  readonly blob?: BlobId;
}

/** Entries that are remembered. */
const MAX_KNOWN = 2_000;
/** Entries that are read at once. */
const MAX_READING = 990;
const NOTHING: Held = { bytes: 0 };

/** The account of one instance's turns, from which alone the pod's tables are written meanwhile. */
export class Account {
  /** Of tables that somebody counts. */
  readonly counts: Counts;
  readonly #options: AccountOptions;
  readonly #files: Files;
  /** Entries whose write is planned and maybe not yet visible in the store. */
  readonly #planned = new Map<string, { readonly held: Held; readonly turn: number }>();
  /** Entries that were written last; nobody else writes them. */
  readonly #known = new Map<string, Held>();
  /** Entries that are being read for the turns of one commit. */
  readonly #reading = new Map<string, Promise<Held>>();
  #usedBytes: number | undefined;

  constructor(options: AccountOptions, files: Files) {
    this.#options = options;
    this.#files = files;
    this.counts = new Counts(options.store, options.place);
  }

  /** What is about to be written over is read at once, not by one turn after the other. */
  readAhead(writes: readonly TableWrite[]): void {
    this.#reading.clear();
    for (const { table, key } of writes) {
      const name = nameOf(table, key);
      if (this.#known.has(name) || this.#reading.has(name)) continue;
      if (this.#reading.size >= MAX_READING) return;
      const held = this.#read(table, key);
      // Who needs it hears of the failure.
      held.catch(() => {});
      this.#reading.set(name, held);
    }
  }

  /**
   * The rows of a turn's writes, after those of all turns planned before.
   *
   * @throws {PeriError} `over-quota` when the pod's tables would take more than they may.
   */
  async plan({ number, writes }: Writer): Promise<PlannedWrites> {
    if (writes.length === 0) return { change: {}, large: [] };
    const { place } = this.#options;
    const [used, counted, ...before] = await Promise.all([
      this.#used(),
      this.counts.load(),
      ...writes.map(({ table, key }) => this.#heldBy(table, key)),
    ]);
    const contents = await this.#contentsOf(writes);
    const after = writes.map(({ table, key, value }, at) =>
      sizeOfEntry(table, key, contents[at]?.ref ?? value)
    );
    const grown = sum(after) - sum(before.map(({ bytes }) => bytes));
    const usedBytes = used + grown;
    this.#options.keep(usedBytes, grown > 0);
    this.#usedBytes = usedBytes;
    const large = writes.map((write, at) =>
      contents[at] ?? (goesToFile(write) ? largeOf(place, write.value!) : undefined)
    );
    writes.forEach(({ table, key }, at) => {
      const blob = large[at]?.ref.blob;
      const held = blob === undefined ? { bytes: after[at]! } : { bytes: after[at]!, blob };
      this.#planned.set(nameOf(table, key), { held, turn: number });
    });
    const rows = writes.map((write, at) => ({ ...write, stored: large[at]?.ref ?? write.value }));
    const parts = [this.#rowsOf(rows)];
    if (counted.size > 0) parts.push(await this.counts.shift(rowsGained(writes, before)));
    const kept = await this.#files.plan(before.flatMap(({ blob }) => blob ?? []), large);
    if (kept !== undefined) parts.push(kept.change);
    const change = parts.length === 1 ? parts[0]! : mergeChanges(parts);
    return { change, large: kept?.large ?? [] };
  }

  /** The writes of a turn are on disk. */
  settle({ number, writes }: Writer): void {
    for (const { table, key } of writes) {
      const name = nameOf(table, key);
      const planned = this.#planned.get(name);
      if (planned?.turn !== number) continue;
      this.#planned.delete(name);
      this.#remember(name, planned.held);
    }
  }

  #rowsOf(rows: readonly (TableWrite & { readonly stored: Stored | undefined })[]): Change {
    const { place } = this.#options;
    const keyOf = ({ table, key }: TableWrite) => stateKey(place, "state", table, key);
    const puts = rows.filter(({ stored }) => stored !== undefined);
    return {
      puts: [
        ...puts.map((row) => ({ key: keyOf(row), value: row.stored })),
        { key: stateKey(place, "used"), value: this.#usedBytes },
      ],
      deletes: rows.filter(({ stored }) => stored === undefined).map(keyOf),
    };
  }

  /** Of most turns none. */
  async #contentsOf(writes: readonly TableWrite[]): Promise<readonly (LargeValue | undefined)[]> {
    const { place, blobs } = this.#options;
    const usesOf = (blob: BlobId) => this.#files.usesOf(blob);
    if (!writes.some(namesContent)) return [];
    return await Promise.all(
      writes.map((write) =>
        namesContent(write) ? findContent({ place, blobs, usesOf }, write.value!) : undefined
      ),
    );
  }

  async #used(): Promise<number> {
    const { place, store } = this.#options;
    return this.#usedBytes ?? await readUsedBytes(store, place);
  }

  async #heldBy(table: string, key: string): Promise<Held> {
    const name = nameOf(table, key);
    const known = this.#planned.get(name)?.held ?? this.#known.get(name);
    return known ?? await (this.#reading.get(name) ?? this.#read(table, key));
  }

  async #read(table: string, key: string): Promise<Held> {
    const { place, store } = this.#options;
    const entry = await store.get<Stored>(stateKey(place, "state", table, key));
    if (entry === undefined) return NOTHING;
    const bytes = sizeOfEntry(table, key, entry.value);
    return typeof entry.value === "string" ? { bytes } : { bytes, blob: entry.value.blob };
  }

  #remember(name: string, held: Held): void {
    this.#known.delete(name);
    this.#known.set(name, held);
    if (this.#known.size <= MAX_KNOWN) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

/** Bytes a pod's tables take. */
export async function readUsedBytes(store: Store, place: StatePlace): Promise<number> {
  return (await store.get<number>(stateKey(place, "used")))?.value ?? 0;
}

/** How many entries writes add to each table. */
function rowsGained(writes: readonly TableWrite[], before: readonly Held[]): Map<string, number> {
  const gained = new Map<string, number>();
  writes.forEach(({ table, value }, at) => {
    const by = Number(value !== undefined) - Number(before[at]!.bytes > 0);
    if (by !== 0) gained.set(table, (gained.get(table) ?? 0) + by);
  });
  return gained;
}

function nameOf(table: string, key: string): string {
  return JSON.stringify([table, key]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
