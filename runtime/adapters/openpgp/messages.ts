/**
 * Sealing and opening messages: one signature, one literal packet, one recipient, no compression.
 *
 * @module
 */

import type { PrivateKey, SignaturePacket } from "openpgp";
import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { Unsealed } from "../../ports/pgp.ts";
import { library } from "./library.ts";
import { judgingTime, readCertificate, readSecretKey } from "./read.ts";
import { checkSignature, signingKeyOf } from "./signatures.ts";

const SEAL = "seal a message";
const OPEN = "open a sealed message";
/** What sealing may add to the content, even with RSA-4096 keys on both sides. */
const MAX_OVERHEAD_BYTES = 4 * 1024;

/** See {@link import("../../ports/pgp.ts").Pgp.seal}. */
export async function sealMessage(
  signer: Uint8Array,
  recipient: Uint8Array,
  content: Uint8Array,
  nowMs: number,
): Promise<Bytes> {
  const { createMessage, encrypt, sign } = await library();
  const key = await readSecretKey(signer, SEAL);
  const certificate = await readCertificate(recipient, SEAL);
  const date = judgingTime(key, nowMs);
  const signingKey = await signingKeyOf(key, date);
  const message = await createMessage({ binary: content, date });
  const signed = await sign({
    message,
    signingKeys: key,
    signingKeyIDs: signingKey.getKeyID(),
    format: "object",
    date,
  });
  const sealed = await encrypt({
    message: signed,
    encryptionKeys: certificate,
    format: "binary",
    date: judgingTime(certificate, nowMs),
  }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const subject = `to ${certificate.getFingerprint().toUpperCase()}: ${reason}`;
    throw new PeriError("invalid", { op: SEAL, subject, cause });
  });
  return sealed as Bytes;
}

/** See {@link import("../../ports/pgp.ts").Pgp.open}. */
export async function openMessage(
  secretKey: Uint8Array,
  sealed: Uint8Array,
  maxBytes: number,
  nowMs: number,
): Promise<Unsealed> {
  boundSize(sealed.length, maxBytes + MAX_OVERHEAD_BYTES);
  const key = await readSecretKey(secretKey, OPEN);
  const { content, signature } = await decryptSigned(key, sealed, nowMs).catch((cause: unknown) => {
    const subject = cause instanceof Error ? cause.message : String(cause);
    throw new PeriError("damaged", { op: OPEN, subject, cause });
  });
  boundSize(content.length, maxBytes);
  return {
    content,
    async verify(certificate, atMs) {
      const sender = await readCertificate(certificate, "verify a signature");
      await checkSignature(sender, signature, content, atMs);
    },
  };
}

/** Decrypts and takes the message apart. The library holds it to the grammar of RFC 9580, 10.3. */
async function decryptSigned(
  key: PrivateKey,
  sealed: Uint8Array,
  nowMs: number,
): Promise<{ content: Bytes; signature: SignaturePacket }> {
  const loaded = await library();
  const message = await loaded.readMessage({ binaryMessage: sealed });
  const [session, data] = message.packets;
  // One recipient and integrity protection: nothing else is tried, whatever else would decrypt.
  if (
    !(session instanceof loaded.PublicKeyEncryptedSessionKeyPacket) ||
    !(data instanceof loaded.SymEncryptedIntegrityProtectedDataPacket)
  ) {
    throw new Error("not encrypted to exactly one key");
  }
  const opened = await loaded.decrypt({
    message,
    decryptionKeys: key,
    format: "binary",
    date: new Date(nowMs),
  });
  const only = opened.signatures[0];
  if (opened.signatures.length !== 1 || only === undefined) {
    throw new Error(`${opened.signatures.length} signatures where exactly one is expected`);
  }
  const { packets } = await only.signature;
  return { content: opened.data as Bytes, signature: packets[0]! };
}

function boundSize(sizeBytes: number, limitBytes: number): void {
  if (sizeBytes <= limitBytes) return;
  const subject = `${sizeBytes} bytes, ${limitBytes} allowed`;
  throw new PeriError("too-large", { op: OPEN, subject });
}
