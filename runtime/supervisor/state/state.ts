/**
 * The tables of a pod: what is in the store, seen through writes that are still on their way
 * there.
 *
 * @module
 */

import { utf8Length } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_LIST_BYTES } from "../../model/limits.ts";
import type { TableWrite } from "../../model/pod.ts";
import type { Range, Store } from "../../ports/store.ts";
import { formatContent } from "./content.ts";
import { goesToFile, LARGE_REF_BYTES, LostValue, type ReadLarge, type Stored } from "./large.ts";
import { stateKey, type StatePlace } from "../rows.ts";

/** Most entries of one answer (PROTOCOL.md, "Pod requests"). */
export const MAX_LIST_ENTRIES = 1000;
/** Most entries that are counted for one answer. */
const MAX_COUNTED = 10_000;
/** Most bytes of values that are read for it. */
const MAX_COUNTED_BYTES = 8 * MAX_LIST_BYTES;
/** Values read by their keys at once. */
const KEYS = 25;
/** Entries read from the store at once: 100 of the largest values are 6 MB. */
const PAGE = 100;

/** Which entries of a table are wanted. */
export interface ListQuery {
  readonly table: string;
  readonly prefix: string;
  /** First key, itself included. */
  readonly from?: string;
  /** End of the keys, itself excluded. */
  readonly to?: string;
  /** Only keys beyond this one, in the direction of the list. */
  readonly after?: string;
  /** 1 to 1,000. */
  readonly limit: number;
  readonly isReverse: boolean;
}

/** One key and its value, a JSON text. */
export type TableEntry = readonly [key: string, value: string];

/** One key and what its row holds. */
type StoredEntry = readonly [key: string, value: Stored];

/** What the tables of a pod are read from. */
export interface StateSource {
  readonly place: StatePlace;
  readonly store: Store;
  readonly overlay: Overlay;
  readonly readLarge: ReadLarge;
  /** How many entries a table has, writes on their way among them. */
  count(table: string): Promise<number>;
}

interface Pending {
  readonly value: string | undefined;
  readonly turn: number;
}

/** Writes of turns that have ended and are not yet on disk. Later turns see them. */
export class Overlay {
  readonly #tables = new Map<string, Map<string, Pending>>();

  /** Adds the writes of a turn; `turn` grows. */
  put(turn: number, writes: readonly TableWrite[]): void {
    for (const { table, key, value } of writes) {
      const keys = this.#tables.get(table) ?? new Map<string, Pending>();
      this.#tables.set(table, keys);
      keys.set(key, { value, turn });
    }
  }

  /** Forgets the writes of a turn that are on disk, but for what a later turn wrote again. */
  settle(turn: number, writes: readonly TableWrite[]): void {
    for (const { table, key } of writes) {
      const keys = this.#tables.get(table);
      if (keys?.get(key)?.turn === turn) keys.delete(key);
      if (keys?.size === 0) this.#tables.delete(table);
    }
  }

  /** What a turn on its way wrote to a key, if one did. */
  get(table: string, key: string): { readonly value: string | undefined } | undefined {
    return this.#tables.get(table)?.get(key);
  }

  /** What turns on their way wrote to keys of a query, as of now. */
  select(query: ListQuery): Map<string, string | undefined> {
    const keys = [...this.#tables.get(query.table) ?? []];
    const found = new Map<string, string | undefined>();
    if (keys.length === 0) return found;
    const isWanted = filterOf(query);
    for (const [key, { value }] of keys) if (isWanted(key)) found.set(key, value);
    return found;
  }
}

/**
 * The value of a key, a JSON text.
 *
 * @throws {LostValue} when its file is missing or was changed.
 */
export async function readState(
  { place, store, overlay, readLarge }: StateSource,
  table: string,
  key: string,
): Promise<string | undefined> {
  const pending = overlay.get(table, key);
  if (pending !== undefined) return pending.value;
  const row = stateKey(place, "state", table, key);
  let entry = await store.get<Stored>(row);
  for (;;) {
    if (entry === undefined) return undefined;
    if (typeof entry.value === "string") return entry.value;
    if (entry.value.isContent) return formatContent(entry.value);
    try {
      return await readLarge(entry.value);
    } catch (cause) {
      if (!(cause instanceof LostValue)) throw cause;
      // Its row may have been written over since, and then its file is rightly gone.
      const now = await store.get<Stored>(row);
      if (now?.version === entry.version) throw cause;
      entry = now;
    }
  }
}

/**
 * Entries in order of their keys' UTF-8. Fewer than `limit` when their values are large; empty
 * only when there are none.
 *
 * @throws {LostValue} as {@link readState}.
 */
export async function listState(source: StateSource, query: ListQuery): Promise<TableEntry[]> {
  // Before the first read: a write that lands in the store meanwhile is then seen at least once.
  const pending = source.overlay.select(query);
  const entries: TableEntry[] = [];
  let bytes = 0;
  for await (const [key, value] of merged(storedEntries(source, query), pending, query)) {
    bytes += key.length + readBytes(value);
    if (entries.length > 0 && bytes > MAX_LIST_BYTES) break;
    const text = typeof value === "string" ? value : await readState(source, query.table, key);
    if (text !== undefined) entries.push([key, text]);
    if (entries.length >= query.limit) break;
  }
  return entries;
}

/** Which of these keys have values, as JSON texts; as many as fit one answer, one at least. */
export async function readMany(
  source: StateSource,
  table: string,
  keys: readonly string[],
): Promise<(string | null)[]> {
  const texts: (string | null)[] = [];
  let bytes = 0;
  for (let at = 0; at < keys.length; at += KEYS) {
    const values = await Promise.all(
      keys.slice(at, at + KEYS).map((key) => readStored(source, table, key)),
    );
    for (const [index, value] of values.entries()) {
      bytes += readBytes(value);
      if (texts.length > 0 && bytes > MAX_LIST_BYTES) return texts;
      const text = typeof value === "object"
        ? await readState(source, table, keys[at + index]!)
        : value;
      texts.push(text ?? null);
    }
  }
  return texts;
}

/** About what a value takes as an answer. */
function readBytes(value: Stored | undefined): number {
  if (typeof value !== "object") return value?.length ?? 0;
  return value.isContent ? LARGE_REF_BYTES : value.bytes;
}

/** How many of these keys have values. */
export async function countKeys(
  source: StateSource,
  table: string,
  keys: readonly string[],
): Promise<number> {
  const values = await Promise.all(keys.map((key) => readStored(source, table, key)));
  return values.filter((value) => value !== undefined).length;
}

/**
 * How many keys a query asks for, its limit aside. Of many a part is counted at once: `after` is
 * where it ends, if there may be more.
 */
export async function countState(
  source: StateSource,
  query: ListQuery,
): Promise<{ readonly count: number; readonly after?: string }> {
  const pending = source.overlay.select(query);
  let count = 0;
  let bytes = 0;
  for await (const [key, value] of merged(storedEntries(source, query), pending, query)) {
    bytes += typeof value === "string" ? value.length : 0;
    if (++count >= MAX_COUNTED || bytes > MAX_COUNTED_BYTES) return { count, after: key };
  }
  return { count };
}

async function readStored(
  { place, store, overlay }: StateSource,
  table: string,
  key: string,
): Promise<Stored | undefined> {
  const pending = overlay.get(table, key);
  if (pending !== undefined) return pending.value;
  return (await store.get<Stored>(stateKey(place, "state", table, key)))?.value;
}

async function* storedEntries(
  { store, place }: StateSource,
  query: ListQuery,
): AsyncGenerator<StoredEntry> {
  let after = query.after;
  for (;;) {
    const limit = Math.min(PAGE, query.limit);
    const range = rangeOf(place, after === undefined ? query : { ...query, after }, limit);
    if (range === undefined) return;
    const page = await store.list<Stored>(range);
    for (const { key, value } of page) {
      after = String(key.at(-1));
      yield [after, value];
    }
    if (page.length < limit) return;
  }
}

/** Stored entries with pending ones put in their places; a pending value hides the stored one. */
async function* merged(
  stored: AsyncIterable<StoredEntry>,
  pending: ReadonlyMap<string, string | undefined>,
  { isReverse }: ListQuery,
): AsyncGenerator<StoredEntry> {
  const order = (a: string, b: string) => isReverse ? compareUtf8(b, a) : compareUtf8(a, b);
  const writes = [...pending].sort(([a], [b]) => order(a, b));
  let next = 0;
  for await (const entry of stored) {
    for (; next < writes.length && order(writes[next]![0], entry[0]) < 0; next++) {
      const [key, value] = writes[next]!;
      if (value !== undefined) yield [key, value];
    }
    if (!pending.has(entry[0])) yield entry;
  }
  for (const [key, value] of writes.slice(next)) if (value !== undefined) yield [key, value];
}

/** The stretch of keys a query asks for; none when it is empty. */
function rangeOf(place: StatePlace, query: ListQuery, limit: number): Range | undefined {
  const { table, isReverse } = query;
  const inTable = (key: string) => stateKey(place, "state", table, key);
  const start = startOf(query);
  const end = endOf(query);
  if (end !== undefined && compareUtf8(start, end) >= 0) return undefined;
  return {
    prefix: stateKey(place, "state", table),
    limit,
    reverse: isReverse,
    ...(start === "" ? {} : { start: inTable(start) }),
    ...(end === undefined ? {} : { end: inTable(end) }),
  };
}

/** The first key of a stretch. */
function startOf({ prefix, from = "", after, isReverse }: ListQuery): string {
  // No key lies between a text and the same text with a zero after it.
  const beyond = after === undefined || isReverse ? "" : `${after}\0`;
  return [from, beyond].reduce((a, b) => compareUtf8(a, b) < 0 ? b : a, prefix);
}

/** The first key behind a stretch; none when it goes to the end of the table. */
function endOf({ prefix, to, after, isReverse }: ListQuery): string | undefined {
  const ends = [endOfPrefix(prefix), to, isReverse ? after : undefined]
    .filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : ends.reduce((a, b) => compareUtf8(a, b) < 0 ? a : b);
}

/** Which keys a query asks for. */
function filterOf(query: ListQuery): (key: string) => boolean {
  const start = startOf(query);
  const end = endOf(query);
  return (key) =>
    key.startsWith(query.prefix) && compareUtf8(key, start) >= 0 &&
    (end === undefined || compareUtf8(key, end) < 0);
}

/** The first text, in UTF-8 order, after all that start with `prefix`; none after the last. */
function endOfPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (char) => char.codePointAt(0)!);
  while (points.length > 0) {
    const last = points.pop()!;
    if (last === 0x10ffff) continue;
    // Surrogates are no characters of their own.
    return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}

/** Order of two texts as the store sorts them: by code points, not by UTF-16 units. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === length) return a.length - b.length;
  return rankOf(a.charCodeAt(at)) - rankOf(b.charCodeAt(at));
}

/** Surrogates stand for code points above all other units. */
function rankOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** What a write takes in a commit: of a large value only where it is. */
export function sizeOfRow(write: TableWrite & { readonly isFile?: boolean }): number {
  const { table, key, value } = write;
  if (value === undefined) return 0;
  const bytes = goesToFile(write) ? LARGE_REF_BYTES : utf8Length(value);
  return utf8Length(table) + utf8Length(key) + bytes;
}

/** What a write counts against the quota of its pod. */
export function sizeOfEntry(table: string, key: string, value: Stored | undefined): number {
  if (value === undefined) return 0;
  const bytes = typeof value === "string" ? utf8Length(value) : value.bytes;
  return utf8Length(table) + utf8Length(key) + bytes;
}

/** @throws {PeriError} `invalid` when a text from a pod cannot name a table or key. */
export function checkName(what: string, text: string, maxBytes: number): void {
  if (!text.isWellFormed()) {
    throw new PeriError("invalid", { op: "use state", subject: `the ${what} is not Unicode` });
  }
  const bytes = utf8Length(text);
  if (bytes <= maxBytes) return;
  const subject = `a ${what} of ${bytes} bytes, ${maxBytes} allowed`;
  throw new PeriError("too-large", { op: "use state", subject });
}
