/**
 * The store in memory, with the contract of the one on disk. `MemoryDisk` is what survives a
 * crash; `MemoryStore` is the handle of one process on it.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import type { Change, Entry, Key, KeyPart, Range, Store } from "../../ports/store.ts";

interface Row {
  readonly key: Key;
  readonly value: unknown;
  readonly version: string;
}

/** Rows in key order. */
export class MemoryDisk {
  readonly #rows = new Map<string, Row>();
  #order: string[] = [];
  #commits = 0;

  /** Every row in key order, for tests. */
  rows(): { key: Key; value: unknown }[] {
    return this.#order.map((name) => this.#rows.get(name)!);
  }

  /** Another disk with the same rows, as a backup. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk();
    copy.#commits = this.#commits;
    copy.#order = [...this.#order];
    for (const [name, row] of this.#rows) copy.#rows.set(name, row);
    return copy;
  }

  /** One row. */
  get(key: Key): Row | undefined {
    return this.#rows.get(nameOf(key));
  }

  /** Rows from name to name, the last excluded. */
  between(start: string, end: string): Row[] {
    const names = this.#order.slice(this.#place(start), this.#place(end));
    return names.map((name) => this.#rows.get(name)!);
  }

  /** Applies a change at once; false when a check fails. */
  apply({ checks = [], puts = [], deletes = [] }: Change): boolean {
    const holds = checks.every(({ key, version }) => (this.get(key)?.version ?? null) === version);
    if (!holds) return false;
    const version = String(++this.#commits);
    for (const key of deletes) this.#remove(nameOf(key));
    for (const { key, value } of puts) {
      this.#insert(nameOf(key), { key: [...key], value, version });
    }
    return true;
  }

  #insert(name: string, row: Row): void {
    if (!this.#rows.has(name)) this.#order.splice(this.#place(name), 0, name);
    this.#rows.set(name, row);
  }

  #remove(name: string): void {
    if (this.#rows.delete(name)) this.#order.splice(this.#place(name), 1);
  }

  #place(name: string): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#order[middle]! < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * What goes wrong at a commit, for simulations: called before it takes effect with a function that
 * makes it take effect, and with what it is. Throwing, or never returning, is what its caller sees.
 */
export type CommitFault = (apply: () => boolean, change: Change) => Promise<boolean>;

const MAX_MUTATIONS = 1_000;
const MAX_CHECKS = 100;
const MAX_VALUE_BYTES = 65_536;
const MAX_CHANGE_BYTES = 819_200;

/** One process's handle on a {@link MemoryDisk}. */
export class MemoryStore implements Store {
  readonly #disk: MemoryDisk;
  readonly #fault: CommitFault;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(disk = new MemoryDisk(), fault: CommitFault = (apply) => Promise.resolve(apply())) {
    this.#disk = disk;
    this.#fault = fault;
  }

  get<Value>(key: Key): Promise<Entry<Value> | undefined> {
    const row = this.#disk.get(key);
    return Promise.resolve(row && entryOf<Value>(row));
  }

  list<Value>({ prefix, start, end, limit, reverse = false }: Range): Promise<Entry<Value>[]> {
    if (!(limit >= 1 && limit <= 1000)) {
      const subject = `${limit} entries at once`;
      return Promise.reject(new PeriError("too-large", { op: "read store", subject }));
    }
    const below = nameOf(prefix);
    if (![start, end].every((key) => key === undefined || isBelow(nameOf(key), below))) {
      const subject = "a range that begins or ends outside of its prefix";
      return Promise.reject(new PeriError("internal", { op: "read store", subject }));
    }
    const rows = this.#disk.between(
      start ? nameOf(start) : `${below}\x01`,
      end ? nameOf(end) : `${below}\xff`,
    );
    const wanted = (reverse ? rows.reverse() : rows).slice(0, limit);
    return Promise.resolve(wanted.map((row) => entryOf<Value>(row)));
  }

  commit(change: Change): Promise<boolean> {
    const refusal = refusalOf(change, this.#closed);
    if (refusal) return Promise.reject(refusal);
    // What the caller does to its values afterwards is its own business.
    const puts = (change.puts ?? []).map(({ key, value }) => ({
      key,
      value: copyOf(value),
    }));
    const work = this.#last.then(() =>
      this.#fault(() => this.#disk.apply({ ...change, puts }), change)
    );
    this.#last = work.catch(() => undefined);
    return work;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }
}

function isBelow(name: string, prefix: string): boolean {
  return name.length > prefix.length && name.startsWith(prefix);
}

function entryOf<Value>({ key, value, version }: Row): Entry<Value> {
  return { key, value: copyOf(value) as Value, version };
}

/** Structured cloning is slow for the bytes, lists and plain records that most rows are. */
function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return value.slice();
  if (Array.isArray(value)) return value.map(copyOf);
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value);
  const copy: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) copy[name] = copyOf(part);
  return copy;
}

function refusalOf(change: Change, closed: boolean): PeriError | undefined {
  const { checks = [], puts = [], deletes = [] } = change;
  const sizes = puts.map(({ value }) => sizeOf(value));
  const op = "write store";
  if (closed) return new PeriError("internal", { op, subject: "the store is closed" });
  const subject = checks.length > MAX_CHECKS
    ? `${checks.length} checks, ${MAX_CHECKS} allowed`
    : puts.length + deletes.length > MAX_MUTATIONS
    ? `${puts.length + deletes.length} writes, ${MAX_MUTATIONS} allowed`
    : sizes.some((size) => size > MAX_VALUE_BYTES)
    ? `a value of ${Math.max(...sizes)} bytes, ${MAX_VALUE_BYTES} allowed`
    : sizes.reduce((sum, size) => sum + size, 0) > MAX_CHANGE_BYTES
    ? `more than ${MAX_CHANGE_BYTES} bytes`
    : undefined;
  return subject === undefined ? undefined : new PeriError("too-large", { op, subject });
}

/** Near enough to what Deno KV counts: texts as UTF-8, numbers as 8 bytes. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return new TextEncoder().encode(value).length;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== "object" || value === null) return 8;
  return Object.entries(value).reduce((sum, [key, part]) => sum + key.length + sizeOf(part), 4);
}

/** A text that orders as the key does: the tuple form of FoundationDB, which Deno KV uses too. */
function nameOf(key: Key): string {
  return key.map(nameOfPart).join("");
}

function nameOfPart(part: KeyPart): string {
  if (part instanceof Uint8Array) return `\x01${escapeZeros(part)}\0`;
  if (typeof part === "string") {
    // deno-lint-ignore no-control-regex -- what UTF-8 leaves as it is
    const isPlain = /^[\x01-\x7f]*$/.test(part);
    return `\x02${isPlain ? part : escapeZeros(new TextEncoder().encode(part))}\0`;
  }
  if (typeof part === "boolean") return part ? "\x27" : "\x26";
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, part);
  const isNegative = (bits.getUint8(0) & 0x80) !== 0;
  for (let at = 0; at < 8; at++) {
    const flip = isNegative ? 0xff : at === 0 ? 0x80 : 0;
    bits.setUint8(at, bits.getUint8(at) ^ flip);
  }
  return `\x21${latin1(new Uint8Array(bits.buffer))}`;
}

function escapeZeros(bytes: Uint8Array): string {
  return latin1(bytes).replaceAll("\0", "\0\xff");
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
