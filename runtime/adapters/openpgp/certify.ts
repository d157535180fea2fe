/**
 * Signing what another's user ids say, and taking it back (RFC 9580 sections 5.2.1 and 5.2.3.21).
 *
 * @module
 */

import type { PrivateKey, SecretKeyPacket, SignaturePacket } from "openpgp";
import { type Bytes, concatBytes, encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { CertificationWish } from "../../ports/certification.ts";
import { lifeSecondsOf, signOver } from "./certifying.ts";
import { type Component, joinComponents, readComponents } from "./components.ts";
import { fingerprintOf } from "./keys.ts";
import { library } from "./library.ts";
import { leastOf } from "./merge.ts";
import { judgingTime, readCertificate, readSecretKey } from "./read.ts";
import { refuseWithoutPrimary } from "./renew.ts";
import { trimKey } from "./ring.ts";

/**
 * See {@link import("../../ports/keysmith.ts").Keysmith.certify}.
 *
 * @param wish what is signed; a list of user ids alone: what was signed over them is taken back
 */
export async function certify(
  secretKey: Uint8Array,
  certificate: Uint8Array,
  wish: CertificationWish | readonly string[],
  nowMs: number,
): Promise<Bytes> {
  const op = "sign a key";
  const signer = await readSecretKey(secretKey, op);
  refuseWithoutPrimary(signer, op);
  const date = judgingTime(signer, nowMs);
  const subject = await readCertificate(certificate, op);
  if (signer.getFingerprint() === subject.getFingerprint()) {
    throw new PeriError("invalid", { op, subject: `${fingerprintOf(signer)} is your own key` });
  }
  const userIds = "userIds" in wish ? wish.userIds : wish;
  const parts: Component[] = [];
  for (const part of await readComponents(subject, nowMs)) {
    if (part.kind === "subkey" || part.kind === "user" && part.own.length === 0) continue;
    const isMeant = part.kind === "user" && userIds.includes(nameOf(part));
    const others = isMeant ? [await signUser(signer, part, wish, date)] : [];
    parts.push({ ...await leastOf(part), others });
  }
  const signed = parts.filter(({ others }) => others.length > 0).length;
  if (signed < userIds.length) {
    const what = `${fingerprintOf(subject)} has not all of ${userIds.join(", ")}`;
    throw new PeriError("not-found", { op, subject: what });
  }
  const own = signer.toPublic().write();
  return concatBytes([await trimKey(own, nowMs, op), await joinComponents(parts)]);
}

function nameOf({ packet }: Component): string {
  return "userID" in packet ? String(packet.userID) : "";
}

async function signUser(
  signer: PrivateKey,
  { data }: Component,
  wish: CertificationWish | readonly string[],
  date: Date,
): Promise<SignaturePacket> {
  const { SignaturePacket, enums, config } = await library();
  const key = signer.keyPacket as SecretKeyPacket;
  const signature = new SignaturePacket();
  const { certGeneric, certRevocation } = enums.signature;
  const isWish = "userIds" in wish;
  signature.signatureType = isWish ? certGeneric : certRevocation;
  signature.publicKeyAlgorithm = key.algorithm;
  signature.hashAlgorithm = enums.hash.sha512;
  if (isWish) setTerms(signature, wish, date);
  else {
    signature.reasonForRevocationFlag = enums.reasonForRevocation.noReason;
    signature.reasonForRevocationString = "";
  }
  await signOver(signature, { signer: key, data, date, config });
  return signature;
}

function setTerms(
  signature: SignaturePacket,
  { depth, amount, regex, expiresMs }: CertificationWish,
  date: Date,
): void {
  if (expiresMs !== undefined) {
    const nowMs = date.getTime();
    const lifeSeconds = lifeSecondsOf(nowMs, expiresMs, { nowMs, op: "sign a key" });
    signature.signatureExpirationTime = lifeSeconds;
    signature.signatureNeverExpires = false;
  }
  if (depth === 0) return;
  signature.trustLevel = depth;
  signature.trustAmount = amount;
  if (regex === undefined) return;
  // The library writes what stands there, and its type says nothing of the zero that ends it.
  (signature as { regularExpression: unknown }).regularExpression = encodeUtf8(`${regex}\0`);
}
