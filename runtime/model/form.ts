/**
 * The form of deterministic CBOR (RFC 8949 section 4.2.1), checked on the bytes alone, before
 * anything is built from them: depth, lengths, order of keys, and that nothing is in it which has
 * no place here.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import { MAX_DEPTH } from "./limits.ts";

/** A list or map whose items are being read. */
interface Frame {
  /** Items that follow; for a map, keys and values. */
  left: number;
  readonly isMap: boolean;
  /** Where the key before this one stands. */
  lastKey: Uint8Array | undefined;
}

const enum Major {
  Unsigned = 0,
  Negative = 1,
  Bytes = 2,
  Text = 3,
  List = 4,
  Map = 5,
  Tag = 6,
  Simple = 7,
}

interface Head {
  readonly major: Major;
  readonly argument: number;
  readonly size: number;
}

/** What is wrong with the form of a single CBOR item that fills these bytes; none when it is right. */
export function faultOfForm(bytes: Uint8Array): string | undefined {
  const open: Frame[] = [];
  let at = 0;
  do {
    const head = readHead(bytes, at);
    if (typeof head === "string") return head;
    const end = at + head.size + (isString(head) ? head.argument : 0);
    if (end > bytes.length) return "cut off";
    const item = bytes.subarray(at, end);
    const fault = faultOfItem(head, item) ?? place(open, head, item);
    if (fault !== undefined) return fault;
    at = end;
  } while (open.length > 0);
  return at === bytes.length ? undefined : "more bytes than one item";
}

function isString({ major }: Head): boolean {
  return major === Major.Bytes || major === Major.Text;
}

function faultOfItem({ major, argument, size }: Head, item: Uint8Array): string | undefined {
  if (major === Major.Tag) return "a tag";
  if (major === Major.Simple && (size > 1 || argument < 20 || argument > 22)) {
    return "neither true, false nor null";
  }
  if (argument > Number.MAX_SAFE_INTEGER) return "an integer out of range";
  return major === Major.Text && !isUtf8(item.subarray(size)) ? "not UTF-8" : undefined;
}

/** Counts an item where it stands, and opens it when it holds others. */
function place(open: Frame[], { major, argument }: Head, item: Uint8Array): string | undefined {
  const frame = open.at(-1);
  if (frame) {
    const isKey = frame.isMap && frame.left % 2 === 0;
    if (isKey && major !== Major.Text) return "a key that is no text";
    if (isKey && frame.lastKey && compare(frame.lastKey, item) >= 0) return "keys out of order";
    if (isKey) frame.lastKey = item;
    frame.left--;
  }
  const isMap = major === Major.Map;
  if (isMap || major === Major.List) {
    open.push({ left: isMap ? argument * 2 : argument, isMap, lastKey: undefined });
    if (open.length > MAX_DEPTH) return `nested deeper than ${MAX_DEPTH}`;
  }
  while (open.at(-1)?.left === 0) open.pop();
  return undefined;
}

function readHead(bytes: Uint8Array, at: number): Head | string {
  const first = bytes[at];
  if (first === undefined) return "cut off";
  const major = first >> 5 as Major;
  const info = first & 31;
  if (info < 24) return { major, argument: info, size: 1 };
  if (info > 27) return "a length that is not definite";
  const width = 1 << (info - 24);
  if (at + width >= bytes.length) return "cut off";
  let argument = 0;
  for (let index = 1; index <= width; index++) argument = argument * 256 + bytes[at + index]!;
  const least = width === 1 ? 24 : 2 ** (4 * width);
  if (argument < least) return "not in its shortest form";
  return { major, argument, size: 1 + width };
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let at = 0; at < common; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return a.length - b.length;
}
