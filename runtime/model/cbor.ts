/**
 * Deterministic CBOR (RFC 8949 section 4.2.1); the one owner of cborg.
 *
 * @module
 */

import { decode, encode } from "cborg";
import type { Bytes } from "./bytes.ts";
import { PeriError } from "./errors.ts";
import { MAX_DEPTH } from "./limits.ts";

/** What crosses the wire: maps have text keys; integers are safe integers. */
export type Cbor =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Cbor[]
  | { readonly [key: string]: Cbor };

/** Deterministic bytes of a value: shortest forms, sorted keys, definite lengths. */
export function encodeCbor(value: Cbor): Bytes {
  return encode(value) as Bytes;
}

/**
 * The value of CBOR bytes from outside. Only what {@link encodeCbor} writes is taken: strict
 * forms, no tags, no indefinite lengths, no duplicate keys, at most `MAX_DEPTH` deep.
 *
 * @param what names the value in the error
 * @throws {PeriError} `too-large` over `maxBytes`, `damaged` for anything but strict CBOR.
 */
export function decodeCbor(bytes: Uint8Array, maxBytes: number, what: string): Cbor {
  const op = `read ${what}`;
  if (bytes.length > maxBytes) {
    throw new PeriError("too-large", { op, subject: `${bytes.length} bytes, ${maxBytes} allowed` });
  }
  guardDepth(bytes, op);
  try {
    return decode(bytes, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowInfinity: false,
      allowNaN: false,
      allowBigInt: false,
      rejectDuplicateMapKeys: true,
    }) as Cbor;
  } catch (cause) {
    const subject = `not strict CBOR: ${cause instanceof Error ? cause.message : cause}`;
    throw new PeriError("damaged", { op, subject, cause });
  }
}

/** Refuses deep nesting before the recursive decoder sees it. Walks heads only, keeps a stack of counts. */
function guardDepth(bytes: Uint8Array, op: string): void {
  const open: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const { major, argument, size } = readHead(bytes, at);
    at += size;
    if (major === 2 || major === 3) at += argument;
    while (open.at(-1) === 0) open.pop();
    if (open.length > 0) open[open.length - 1]!--;
    const items = major === 4 ? argument : major === 5 ? argument * 2 : 0;
    if (items > 0) open.push(items);
    if (open.length > MAX_DEPTH) {
      throw new PeriError("damaged", { op, subject: `nested deeper than ${MAX_DEPTH}` });
    }
  }
}

function readHead(
  bytes: Uint8Array,
  at: number,
): { major: number; argument: number; size: number } {
  const head = bytes[at]!;
  const major = head >> 5;
  const info = head & 31;
  if (info < 24) return { major, argument: info, size: 1 };
  const width = info < 28 ? 1 << (info - 24) : 0;
  let argument = 0;
  for (let index = 1; index <= width; index++) argument = argument * 256 + (bytes[at + index] ?? 0);
  return { major, argument, size: 1 + width };
}
