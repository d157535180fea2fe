/**
 * Making and checking signatures over documents and messages.
 *
 * @module
 */

import type {
  AnySecretKeyPacket,
  Key,
  PrivateKey,
  PublicKey,
  SignaturePacket,
  Subkey,
} from "openpgp";
import { type Bytes, decodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_CLOCK_SKEW_MS, MAX_SIGNATURE_BYTES } from "../../model/limits.ts";
import { library } from "./library.ts";
import { isArmored, judgingTime, readCertificate, readSecretKey } from "./read.ts";

const SIGN = "sign";
const VERIFY = "verify a signature";

/** A detached binary signature of `content` by the key's newest signing (sub)key. */
export async function signDetached(
  secretKey: Uint8Array,
  content: Uint8Array,
  nowMs: number,
): Promise<Bytes> {
  const { createMessage, sign } = await library();
  const key = await readSecretKey(secretKey, SIGN);
  const date = judgingTime(key, nowMs);
  const signer = await signingKeyOf(key, date);
  const signature = await sign({
    message: await createMessage({ binary: content, date }),
    signingKeys: key,
    signingKeyIDs: signer.getKeyID(),
    detached: true,
    format: "binary",
    date,
  });
  return signature as Bytes;
}

/**
 * The (sub)key to sign with: the newest valid one whose secret is here and unlocked. A card or a
 * laptop without the primary secret leaves stubs, which are passed over.
 *
 * @throws {PeriError} `invalid` when there is none.
 */
export async function signingKeyOf(key: PrivateKey, date: Date): Promise<PrivateKey | Subkey> {
  // The library's own choice, which is right unless its secret is elsewhere.
  const usual = await key.getSigningKey(undefined, date).catch(() => undefined);
  if (usual !== undefined && isOpen(usual)) return usual as PrivateKey | Subkey;
  const newestFirst = [...key.subkeys].sort((a, b) => +b.getCreationTime() - +a.getCreationTime());
  for (const candidate of [...newestFirst, key].filter(isOpen)) {
    const usable = await key.getSigningKey(candidate.getKeyID(), date).catch(() => undefined);
    if (usable !== undefined) return usable as PrivateKey | Subkey;
  }
  const why = usual === undefined ? "has no valid key that may sign" : "is locked or elsewhere";
  throw new PeriError("invalid", { op: SIGN, subject: `the key ${nameOf(key)} ${why}` });
}

/** Whether a key's secret is here and unlocked. */
function isOpen({ keyPacket }: Key | Subkey): boolean {
  const packet = keyPacket as AnySecretKeyPacket;
  return !packet.isMissingSecretKeyMaterial() && packet.isDecrypted();
}

/** See {@link import("../../ports/pgp.ts").Pgp.verify}. */
export async function verifyDetached(
  certificate: Uint8Array,
  content: Uint8Array,
  signature: Uint8Array,
  atMs: number,
): Promise<void> {
  const signed = await readOnlySignature(signature);
  const signer = await readCertificate(certificate, VERIFY);
  await checkSignature(signer, signed, content, atMs);
}

/** See {@link import("../../ports/pgp.ts").Pgp.verifyThen}. */
export async function verifyDetachedThen(
  certificate: Uint8Array,
  content: Uint8Array,
  signature: Uint8Array,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<void> {
  const signed = await readOnlySignature(signature);
  const signer = await readCertificate(certificate, VERIFY);
  const createdMs = signed.created?.getTime() ?? NaN;
  const isTimely = createdMs >= fromMs - MAX_CLOCK_SKEW_MS && createdMs <= toMs + MAX_CLOCK_SKEW_MS;
  if (!isTimely) throw refusal(signer, "it is of another time");
  await checkSignature(signer, signed, content, createdMs);
}

/**
 * Checks that a signature over content was made by a key of the certificate that may sign
 * and is valid at `atMs`. OpenPGP.js judges the key at the time the signature claims, which a
 * holder of an expired or retired key can backdate; this judges it at the later of both times.
 *
 * @throws {PeriError} `denied` when it was not.
 */
export async function checkSignature(
  certificate: PublicKey,
  signature: SignaturePacket,
  content: Uint8Array,
  atMs: number,
): Promise<void> {
  const { createMessage, enums } = await library();
  const createdMs = signature.created?.getTime() ?? Infinity;
  if (signature.signatureType !== enums.signature.binary) {
    throw refusal(certificate, "it is not a signature over a binary document");
  }
  if (createdMs > atMs + MAX_CLOCK_SKEW_MS) throw refusal(certificate, "it is dated ahead");
  // As late as the certificate's own signatures, when its owner's clock runs ahead of ours.
  const at = new Date(Math.max(judgingTime(certificate, atMs).getTime(), createdMs));
  try {
    const signer = await certificate.getSigningKey(signature.issuerKeyID, at);
    if (signer.getCreationTime().getTime() > createdMs) throw new Error("older than its key");
    const { packets: [literal] } = await createMessage({ binary: content, date: at });
    await signature.verify(signer.keyPacket, enums.signature.binary, literal!, at, true);
  } catch (cause) {
    throw refusal(certificate, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

async function readOnlySignature(bytes: Uint8Array): Promise<SignaturePacket> {
  const armored = isArmored(bytes);
  const limit = armored ? 2 * MAX_SIGNATURE_BYTES : MAX_SIGNATURE_BYTES;
  if (bytes.length > limit) {
    const subject = `a signature of ${bytes.length} bytes, ${limit} allowed`;
    throw new PeriError("too-large", { op: VERIFY, subject });
  }
  const { readSignature, SignaturePacket } = await library();
  const { packets } =
    await (armored
      ? readSignature({ armoredSignature: decodeUtf8(bytes) })
      : readSignature({ binarySignature: bytes })).catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        const subject = `not an OpenPGP signature: ${reason}`;
        throw new PeriError("damaged", { op: VERIFY, subject, cause });
      });
  const only = packets[0];
  if (packets.length === 1 && only instanceof SignaturePacket) return only;
  const subject = `${packets.length} signatures where exactly one is expected`;
  throw new PeriError("damaged", { op: VERIFY, subject });
}

function refusal(certificate: Key, reason: string, cause?: unknown): PeriError {
  const subject = `no valid signature by ${nameOf(certificate)}: ${reason}`;
  return new PeriError("denied", { op: VERIFY, subject, cause });
}

function nameOf(key: Key): string {
  return key.getFingerprint().toUpperCase();
}
