/**
 * Certifications on disk, and the certificates that they are about.
 *
 * Rows: `["trust", issuer, subject, SHA-256 of the user id]` what somebody says of a user id, the
 * newest alone; `["trust-key", person]` the certificate of everybody whom that concerns, without
 * subkeys, all that was ever learned of it.
 *
 * @module
 */

import type { KeyState } from "../../identity/trust/graph.ts";
import { type Bytes, encodeUtf8, formatHex, sha256 } from "../../model/bytes.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Certification } from "../../ports/certification.ts";
import type { Entry, Key, Store } from "../../ports/store.ts";

/** The value of `["trust", …]`; issuer and subject stand in the key. */
export interface SignedRow extends Omit<Certification, "issuer" | "subject"> {
  /** When it was taken. */
  readonly atMs: number;
}

/** The value of `["trust-key", person]`. */
export interface KeyRow extends KeyState {
  readonly certificate: Bytes;
}

/** Rows read at once. */
const PAGE = 1_000;

/** Where what somebody says of a user id is. */
export function signedKey(
  { issuer, subject, userId }: Pick<Certification, "issuer" | "subject" | "userId">,
): Key {
  return ["trust", issuer, subject, formatHex(sha256(encodeUtf8(userId)))];
}

/** Where a person's certificate is. */
export function keyKey(person: Fingerprint): Key {
  return ["trust-key", person];
}

/** What a row says. */
export function readSigned(
  { key, value: { atMs: _atMs, ...said } }: Entry<SignedRow>,
): Certification {
  return { ...said, issuer: key[1] as Fingerprint, subject: key[2] as Fingerprint };
}

/** All rows below a prefix. */
export async function* allRows<Row>(store: Store, prefix: Key): AsyncGenerator<Entry<Row>> {
  for (let start: { start?: Key } = {};;) {
    const rows = await store.list<Row>({ prefix, ...start, limit: PAGE });
    yield* rows;
    if (rows.length < PAGE) return;
    start = { start: [...rows.at(-1)!.key, ""] };
  }
}

/**
 * Whether one certification stands over another of the same issuer and user id: the newer one, and of
 * two of one second the one that takes back.
 */
export function isNewer(
  offered: Pick<Certification, "createdMs" | "isRevocation">,
  known: Pick<Certification, "createdMs" | "isRevocation">,
): boolean {
  if (offered.createdMs !== known.createdMs) return offered.createdMs > known.createdMs;
  return offered.isRevocation && !known.isRevocation;
}
