/**
 * A lineage on its way to the server of its person, as bytes (PROTOCOL.md, "Succession").
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import { decodeCbor, encodeCbor } from "../../model/cbor.ts";
import { readFields } from "../../model/fields.ts";
import { MAX_LINEAGE_BYTES } from "../../model/limits.ts";
import { type Fingerprint, parseFingerprint } from "../../model/words.ts";

/** Longest reply. */
export const MAX_TOLD_BYTES = 1_024;
const WHAT = "a lineage that is told";

/** The body of `POST /peri/v1/lineage`. */
export function encodeTelling(lineage: Bytes): Bytes {
  return encodeCbor({ v: 1, lineage });
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodeTelling(body: Uint8Array): Bytes {
  const value = decodeCbor(body, MAX_LINEAGE_BYTES + 64, WHAT);
  const fields = readFields(WHAT, value, ["v", "lineage"]);
  fields.integer("v", 1, 1);
  return fields.bytes("lineage");
}

/** The reply: who stands in the place of the person then. */
export function encodeTold(to: Fingerprint | undefined): Bytes {
  return encodeCbor({ v: 1, to: to ?? null });
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodeTold(body: Uint8Array): Fingerprint | undefined {
  const fields = readFields(WHAT, decodeCbor(body, MAX_TOLD_BYTES, WHAT), ["v", "to"]);
  fields.integer("v", 1, 1);
  return fields.value("to") === null ? undefined : parseFingerprint(fields.text("to", 64));
}
