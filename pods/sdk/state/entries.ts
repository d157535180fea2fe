/**
 * Entries of an index: texts that stand in the order of what is indexed. An entry is the index, the
 * value and the key of its row.
 *
 * @module
 */

import { formatJson } from "../text/json.ts";
import { Refusal } from "../refusal.ts";
import { sizeUtf8 } from "../text/utf8.ts";

/** What rows can be found by. Numbers come before texts, and false before true before both. */
export type IndexValue = string | number | boolean;

/** What a row is found by in an index: a value, several, or none. */
export type IndexOf<Value> = (
  value: Value,
  key: string,
) => IndexValue | readonly IndexValue[] | null | undefined;

/** The indexes of a table by their names. */
export type Indexed<Value> = { readonly [index: string]: IndexOf<Value> };

/** Which values of an index. */
export interface IndexRange {
  /** First value, itself included, whichever the direction. */
  readonly from?: IndexValue;
  /** End of the values, itself left out. */
  readonly to?: IndexValue;
  /** How texts begin. */
  readonly prefix?: string;
}

/** A stretch of entries. */
export interface EntryRange {
  readonly prefix: string;
  readonly from?: string;
  readonly to?: string;
}

/** As `MAX_STATE_KEY_BYTES` of the periphery. */
const MAX_KEY_BYTES = 512;
/** Between the parts of an entry; in texts every zero has a one behind it. */
const END = "\0\0";

/** The SDK's own table of the entries of a table. */
export function entryTable(table: string): string {
  return `sdk:by/${table}`;
}

/** The entries of a row. @throws {Refusal} `invalid` or `too-large` for a value that cannot be one. */
export function entriesOf<Value>(by: Indexed<Value>, key: string, value: Value): Set<string> {
  const entries = new Set<string>();
  for (const [index, of] of Object.entries(by)) {
    const found = of(value, key) ?? [];
    for (const one of Array.isArray(found) ? found : [found]) {
      const entry = `${entryPrefix(index, one)}${key}`;
      if (sizeUtf8(entry) > MAX_KEY_BYTES) throw tooLong(index, key);
      entries.add(entry);
    }
  }
  return entries;
}

/** How the entries of a value begin. */
export function entryPrefix(index: string, value: IndexValue): string {
  return `${headOf(index)}${encode(index, value)}${END}`;
}

/** The entries of some values of an index. */
export function entryRange(index: string, which: IndexRange): EntryRange {
  const { from, to, prefix } = which;
  const head = headOf(index);
  const start = prefix === undefined ? head : `${head}s${escape(prefix)}`;
  return {
    prefix: start,
    ...from === undefined ? {} : { from: head + encode(index, from) },
    ...to === undefined ? {} : { to: head + encode(index, to) },
  };
}

/** The key of an entry's row. */
export function keyOfEntry(index: string, entry: string): string {
  const end = entry.indexOf(END, headOf(index).length);
  return entry.slice(end + END.length);
}

function headOf(index: string): string {
  return `${index}${END}`;
}

function encode(index: string, value: unknown): string {
  if (typeof value === "string" && value.isWellFormed()) return `s${escape(value)}`;
  if (typeof value === "number" && !Number.isNaN(value)) return `n${encodeNumber(value)}`;
  if (typeof value === "boolean") return value ? "b1" : "b0";
  throw new Refusal("invalid", {
    op: `keep the index ${index}`,
    subject: `${formatJson(value).slice(0, 80)} is no text, number or truth value`,
    hint: "an index gives such values, a list of them, or nothing",
  });
}

function escape(text: string): string {
  return text.replaceAll("\0", "\0\x01");
}

/** Digits that stand in the order of the numbers (IEEE 754: all but the sign is in order). */
function encodeNumber(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  // There is one zero only.
  view.setFloat64(0, value === 0 ? 0 : value);
  const bits = view.getBigUint64(0);
  const isNegative = bits >> 63n === 1n;
  const ordered = isNegative ? ~bits & 0xffff_ffff_ffff_ffffn : bits | (1n << 63n);
  return ordered.toString(16).padStart(16, "0");
}

function tooLong(index: string, key: string): Refusal {
  return new Refusal("too-large", {
    op: `keep the index ${index}`,
    subject: `the value of ${formatJson(key).slice(0, 80)} is too long to be found by`,
    hint: "index, value and key have 512 bytes together: index how a long text begins",
  });
}
