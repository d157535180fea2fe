/**
 * Introductions: all a stranger needs to check a behalf (PROTOCOL.md, "Behalfs").
 *
 * @module
 */

import { type Bytes, encodeUtf8, equalBytes } from "../model/bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "../model/cbor.ts";
import { PeriError } from "../model/errors.ts";
import {
  MAX_BEHALF_BYTES,
  MAX_BEHALF_LIFE_MS,
  MAX_CERTIFICATE_BYTES,
  MAX_CLOCK_SKEW_MS,
  MAX_SIGNATURE_BYTES,
} from "../model/limits.ts";
import { formatPodRef } from "../model/words.ts";
import type { Pgp } from "../ports/pgp.ts";
import { hintOf, revokedKey } from "./ended.ts";
import { type Behalf, type Introduction, type Known, parseBehalf } from "./behalf.ts";

const READ = "read an introduction";
const CHECK = "check a behalf";
/** CBOR's own bytes around the three values. */
const MAX_FRAMING_BYTES = 64;
/** Set in the first octet of every binary OpenPGP packet (RFC 9580 section 4.2). */
const PACKET_BIT = 0x80;

/** Longest introduction in CBOR. */
export const MAX_INTRODUCTION_BYTES = MAX_CERTIFICATE_BYTES + MAX_BEHALF_BYTES +
  MAX_SIGNATURE_BYTES + MAX_FRAMING_BYTES;

/** Bytes of an introduction on its own. */
export function encodeIntroduction(introduction: Introduction): Bytes {
  return encodeCbor(introductionToCbor(introduction));
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodeIntroduction(bytes: Uint8Array): Introduction {
  return introductionFromCbor(decodeCbor(bytes, MAX_INTRODUCTION_BYTES, "an introduction"));
}

/** An introduction as part of a larger CBOR value. */
export function introductionToCbor(introduction: Introduction): Cbor {
  const { certificate, document, signature } = introduction;
  return { certificate, document, signature };
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function introductionFromCbor(value: Cbor): Introduction {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Uint8Array);
  const fields = (isMap ? value : {}) as Readonly<Record<string, Cbor>>;
  const { certificate, document, signature } = fields;
  if (
    !(certificate instanceof Uint8Array) || typeof document !== "string" ||
    !(signature instanceof Uint8Array) || Object.keys(fields).length !== 3
  ) {
    throw new PeriError("damaged", { op: READ, subject: "not of the shape of version 1" });
  }
  const introduction = {
    certificate: certificate as Bytes,
    document,
    signature: signature as Bytes,
  };
  boundIntroduction(introduction);
  return introduction;
}

/**
 * Checks all that an introduction claims: the document is well formed, the certificate is that of
 * its person and not revoked, the signature is by a key in it that may sign, the pod key is the one
 * named and can be written to, and it is in force at `nowMs`.
 *
 * @throws {PeriError} `denied` when a signature or fingerprint does not hold, the person's key is
 * revoked or the behalf is dated more than a day ahead or lives longer than ten years; `expired`; `damaged`; `too-large`.
 */
export async function checkIntroduction(
  pgp: Pgp,
  introduction: Introduction,
  nowMs: number,
): Promise<Known> {
  boundIntroduction(introduction);
  const behalf = parseBehalf(introduction.document);
  await checkPerson(pgp, behalf, introduction, nowMs);
  checkTimes(behalf, nowMs);
  await checkPodKey(pgp, behalf);
  return { behalf, introduction };
}

/**
 * Of two checked behalfs of one pod, the one in force: the higher serial; the one known first when
 * both are the same document.
 *
 * @throws {PeriError} `conflict` when different documents have one serial: the person has signed
 * twice, or their key is in other hands. The one known first stays.
 */
export function newer(known: Known, offered: Known): Known {
  if (offered.behalf.serial > known.behalf.serial) return offered;
  if (offered.behalf.serial < known.behalf.serial) return known;
  if (offered.introduction.document === known.introduction.document) return known;
  const { serial } = known.behalf;
  throw new PeriError("conflict", {
    op: "learn a behalf",
    subject: `${formatPodRef(known.behalf)} has another behalf with serial ${serial}`,
    hint: hintOf(known.behalf),
  });
}

/** Whether two introductions are the same bytes. */
export function sameIntroduction(a: Introduction, b: Introduction): boolean {
  return a.document === b.document && equalBytes(a.certificate, b.certificate) &&
    equalBytes(a.signature, b.signature);
}

async function checkPerson(
  pgp: Pgp,
  behalf: Behalf,
  { certificate, document, signature }: Introduction,
  nowMs: number,
): Promise<void> {
  const person = await pgp.inspect(certificate);
  if (person.fingerprint !== behalf.person) {
    throw denied(behalf, `the certificate is that of ${person.fingerprint}`);
  }
  if (person.revoked) throw revokedKey(behalf);
  if (person.expiresMs !== undefined && person.expiresMs <= nowMs) {
    throw expired(behalf, "the person's key", person.expiresMs);
  }
  await pgp.verify(certificate, encodeUtf8(document), signature, nowMs);
}

function checkTimes(behalf: Behalf, nowMs: number): void {
  if (behalf.expiresMs <= nowMs) throw expired(behalf, "it", behalf.expiresMs);
  if (behalf.issuedMs > nowMs + MAX_CLOCK_SKEW_MS) {
    throw denied(behalf, `it is dated ahead, ${new Date(behalf.issuedMs).toISOString()}`);
  }
  if (behalf.expiresMs - behalf.issuedMs > MAX_BEHALF_LIFE_MS) {
    throw denied(behalf, "it is to live longer than ten years");
  }
}

async function checkPodKey(pgp: Pgp, behalf: Behalf): Promise<void> {
  requireBinary("pod's public key", behalf.podCertificate);
  const pod = await pgp.inspect(behalf.podCertificate);
  if (pod.fingerprint !== behalf.podKey) {
    throw denied(behalf, `its public key is ${pod.fingerprint}, not ${behalf.podKey}`);
  }
  if (pod.revoked || !pod.canSign || !pod.canEncrypt) {
    throw denied(behalf, "its pod key cannot both sign and encrypt");
  }
}

function boundIntroduction({ certificate, document, signature }: Introduction): void {
  const bounds = [
    ["certificate", certificate.length, MAX_CERTIFICATE_BYTES],
    ["document", document.length, MAX_BEHALF_BYTES],
    ["signature", signature.length, MAX_SIGNATURE_BYTES],
  ] as const;
  for (const [name, size, limit] of bounds) {
    if (size <= limit) continue;
    const subject = `a ${name} of ${size} bytes, ${limit} allowed`;
    throw new PeriError("too-large", { op: READ, subject });
  }
  requireBinary("certificate", certificate);
  requireBinary("signature", signature);
}

/** Armor holds the same key, but would make two introductions of one. */
function requireBinary(name: string, bytes: Uint8Array): void {
  const firstByte = bytes[0] ?? 0;
  if (firstByte >= PACKET_BIT) return;
  throw new PeriError("damaged", { op: READ, subject: `the ${name} is no binary OpenPGP packet` });
}

function denied(behalf: Behalf, reason: string): PeriError {
  return new PeriError("denied", { op: CHECK, subject: `${formatPodRef(behalf)}: ${reason}` });
}

function expired(behalf: Behalf, what: string, sinceMs: number): PeriError {
  const since = new Date(sinceMs).toISOString();
  return new PeriError("expired", {
    op: CHECK,
    subject: `${formatPodRef(behalf)}: ${what} expired ${since}`,
    hint: hintOf(behalf),
  });
}
