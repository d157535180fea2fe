/**
 * Deterministic CBOR (RFC 8949 section 4.2.1); the one owner of cborg.
 *
 * @module
 */

import { decode, encode } from "cborg";
import type { Bytes } from "./bytes.ts";
import { PeriError } from "./errors.ts";
import { faultOfForm } from "./form.ts";

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
 * The value of CBOR bytes from outside. Only what {@link encodeCbor} writes is taken: shortest
 * forms, sorted keys, no tags, no floats, no indefinite lengths, at most `MAX_DEPTH` deep.
 *
 * @param what names the value in the error
 * @throws {PeriError} `too-large` over `maxBytes`, `damaged` for anything but such CBOR.
 */
export function decodeCbor(bytes: Uint8Array, maxBytes: number, what: string): Cbor {
  const op = `read ${what}`;
  if (bytes.length > maxBytes) {
    throw new PeriError("too-large", { op, subject: `${bytes.length} bytes, ${maxBytes} allowed` });
  }
  const fault = faultOfForm(bytes);
  if (fault !== undefined) {
    throw new PeriError("damaged", { op, subject: `not strict CBOR: ${fault}` });
  }
  try {
    return decode(bytes, STRICT) as Cbor;
  } catch (cause) {
    const subject = `not strict CBOR: ${cause instanceof Error ? cause.message : cause}`;
    throw new PeriError("damaged", { op, subject, cause });
  }
}

/** The form was checked before; this holds the library to the same. */
const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
};
