/**
 * A lineage: all statements about one person with the certificates of who signed them, as they travel
 * and as they are kept (PROTOCOL.md, "Succession").
 *
 * @module
 */

import { type Bytes, equalBytes } from "../../model/bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "../../model/cbor.ts";
import { PeriError } from "../../model/errors.ts";
import { misshapen, readFields } from "../../model/fields.ts";
import {
  MAX_CERTIFICATE_BYTES,
  MAX_LINEAGE_BYTES,
  MAX_RECOVERIES,
  MAX_RECOVERY_FRIENDS,
  MAX_SIGNATURE_BYTES,
  MAX_STATEMENT_BYTES,
} from "../../model/limits.ts";
import { KINDS } from "./succession.ts";

/** A statement with who signed it. */
export interface Signed {
  readonly document: string;
  readonly signatures: readonly StatementSignature[];
}

/** A detached binary signature, with the certificate of its key as it was then. */
export interface StatementSignature {
  readonly certificate: Bytes;
  readonly signature: Bytes;
}

/** What is said of one person; nothing in it is checked but its shape. */
export interface Lineage {
  /** From serial 1 on, each in place of the one before. */
  readonly recoveries: readonly Signed[];
  /** At most one of each kind. */
  readonly successions: readonly Signed[];
}

/** A lineage without anything. */
export const NO_LINEAGE: Lineage = { recoveries: [], successions: [] };

const WHAT = "a lineage";
/** The person, a recovery key, the successor, and friends. */
const MAX_SIGNATURES = MAX_RECOVERY_FRIENDS + 3;
const MAX_CERTIFICATES = MAX_SIGNATURES * 2;

/**
 * Bytes of a lineage; the same for the same lineage.
 *
 * @throws {PeriError} `too-large` over `MAX_LINEAGE_BYTES`, or with more certificates than are read.
 */
export function encodeLineage({ recoveries, successions }: Lineage): Bytes {
  const certificates: Bytes[] = [];
  const indexOf = (certificate: Bytes) => {
    const at = certificates.findIndex((one) => equalBytes(one, certificate));
    return at >= 0 ? at : certificates.push(certificate) - 1;
  };
  const write = ({ document, signatures }: Signed): Cbor => ({
    document,
    signatures: signatures.map(({ certificate, signature }) => [indexOf(certificate), signature]),
  });
  const written = { recoveries: recoveries.map(write), successions: successions.map(write) };
  const bytes = encodeCbor({ v: 1, certificates, ...written });
  if (bytes.length <= MAX_LINEAGE_BYTES && certificates.length <= MAX_CERTIFICATES) return bytes;
  throw new PeriError("too-large", {
    op: "keep a lineage",
    subject: `${bytes.length} bytes with ${certificates.length} certificates, ` +
      `${MAX_LINEAGE_BYTES} with ${MAX_CERTIFICATES} allowed`,
    hint: "keys with fewer user ids and subkeys take less",
  });
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodeLineage(bytes: Uint8Array): Lineage {
  const keys = ["v", "certificates", "recoveries", "successions"];
  const fields = readFields(WHAT, decodeCbor(bytes, MAX_LINEAGE_BYTES, WHAT), keys);
  fields.integer("v", 1, 1);
  const certificates = fields.list("certificates", 0, MAX_CERTIFICATES)
    .map((value) => binary(value, MAX_CERTIFICATE_BYTES));
  const read = (value: Cbor) => readSigned(value, certificates);
  return {
    recoveries: fields.list("recoveries", 0, MAX_RECOVERIES).map(read),
    successions: fields.list("successions", 0, KINDS.length).map(read),
  };
}

function readSigned(value: Cbor, certificates: readonly Bytes[]): Signed {
  const fields = readFields(WHAT, value, ["document", "signatures"]);
  return {
    document: fields.text("document", MAX_STATEMENT_BYTES),
    signatures: fields.list("signatures", 0, MAX_SIGNATURES).map((pair) => {
      const [index, signature] = Array.isArray(pair) && pair.length === 2 ? pair : [];
      const certificate = typeof index === "number" ? certificates[index] : undefined;
      if (certificate === undefined) throw misshapen(WHAT, "a signature of nobody");
      return { certificate, signature: binary(signature ?? null, MAX_SIGNATURE_BYTES) };
    }),
  };
}

/** Binary OpenPGP: the first octet of a packet has its top bit set. */
function binary(value: Cbor, maxBytes: number): Bytes {
  if (value instanceof Uint8Array && value.length <= maxBytes && (value[0] ?? 0) >= 0x80) {
    return value as Bytes;
  }
  throw misshapen(WHAT, `not a binary OpenPGP packet of at most ${maxBytes} bytes`);
}
