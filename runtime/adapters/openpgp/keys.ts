/**
 * Making keys and looking at them. The profile is what GnuPG 2.2 can use: version 4, EdDSA and ECDH
 * over curve 25519 under their older algorithm numbers.
 *
 * @module
 */

import type { AnyPacket, AnySecretKeyPacket, Key, PrivateKey, SignaturePacket } from "openpgp";
import { type Bytes, encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_CLOCK_SKEW_MS } from "../../model/limits.ts";
import { type Fingerprint, parseFingerprint } from "../../model/words.ts";
import type { CertificateInfo, NewKey } from "../../ports/pgp.ts";
import { lifeSecondsOf, signOver } from "./certifying.ts";
import { type Library, library } from "./library.ts";
import { judgingTime, readCertificate, readSecretKey } from "./read.ts";

const MAKE = "make a key";
/** GnuPG shows longer ones badly, and a certificate holds several. */
const MAX_USER_ID_BYTES = 256;

/** "I read SEIPD version 1" (RFC 9580 section 5.2.3.32); the library's types leave it out. */
const INTEGRITY_PROTECTION = 1;

/** What a new person's key is made of. */
export interface PersonKeyOptions {
  readonly userId: string;
  readonly passphrase: string;
  readonly expiresMs?: number;
}

/** See {@link import("../../ports/pgp.ts").Pgp.makePersonKey}. */
export async function makePersonKey(options: PersonKeyOptions, nowMs: number): Promise<NewKey> {
  const loaded = await library();
  const userId = checkUserId(options.userId);
  const date = new Date(Math.floor(nowMs / 1_000) * 1_000);
  const lifeSeconds = lifeOf(date, options.expiresMs);
  const { privateKey, revocationCertificate } = await loaded.generateKey({
    type: "ecc",
    curve: "ed25519Legacy",
    // Stands in until the key is put together below; the library takes no free text here.
    userIDs: [{ name: "person" }],
    subkeys: [{ sign: true }, {}, { sign: true }],
    keyExpirationTime: lifeSeconds,
    date,
    format: "object",
  });
  const key = await assemble(loaded, privateKey, userId, date, lifeSeconds);
  const stored = options.passphrase === ""
    ? key
    : await loaded.encryptKey({ privateKey: key, passphrase: options.passphrase });
  return {
    fingerprint: fingerprintOf(key),
    certificate: key.toPublic().write() as Bytes,
    secretKey: stored.write() as Bytes,
    revocation: revocationCertificate,
  };
}

/** See {@link import("../../ports/pgp.ts").Pgp.makePodKey}. */
export async function makePodKey(userId: string, nowMs: number): Promise<NewKey> {
  const { generateKey } = await library();
  const { privateKey } = await generateKey({
    type: "ecc",
    curve: "ed25519Legacy",
    userIDs: [{ name: checkUserId(`peri pod ${userId}`) }],
    date: new Date(nowMs),
    format: "object",
  });
  return {
    fingerprint: fingerprintOf(privateKey),
    certificate: privateKey.toPublic().write() as Bytes,
    secretKey: privateKey.write() as Bytes,
  };
}

/** See {@link import("../../ports/pgp.ts").Pgp.inspect}. */
export async function inspectCertificate(
  certificate: Uint8Array,
  nowMs: number,
): Promise<CertificateInfo> {
  const op = "read a certificate";
  const key = await readCertificate(certificate, op);
  refuseFuture(key, nowMs, op);
  const at = judgingTime(key, nowMs);
  const userIds = await boundUserIds(key, at);
  const expires = await key.getExpirationTime();
  // A version 6 key certifies itself without a user id (RFC 9580 section 10.1.1).
  const isNamed = userIds.length > 0 || key.keyPacket.version === 6;
  if (!isNamed || expires === null) {
    throw new PeriError("damaged", {
      op,
      subject: `${fingerprintOf(key)} does not certify itself`,
    });
  }
  return {
    fingerprint: fingerprintOf(key),
    userIds,
    createdMs: key.getCreationTime().getTime(),
    ...(expires instanceof Date ? { expiresMs: expires.getTime() } : {}),
    revoked: await key.isRevoked(undefined, undefined, at),
    canSign: await key.getSigningKey(undefined, at).then(() => true, () => false),
    canEncrypt: await key.getEncryptionKey(undefined, at).then(() => true, () => false),
  };
}

function refuseFuture(key: Key, nowMs: number, op: string): void {
  const created = key.getCreationTime();
  if (created.getTime() <= nowMs + MAX_CLOCK_SKEW_MS) return;
  const day = created.toISOString().slice(0, 10);
  throw new PeriError("damaged", {
    op,
    subject: `${fingerprintOf(key)} was made in the future, ${day}`,
    hint: "is a clock wrong, here or where it was made?",
  });
}

/** See {@link import("../../ports/pgp.ts").Pgp.unlock}. */
export async function unlockKey(secretKey: Uint8Array, passphrase: string): Promise<Bytes> {
  const op = "unlock the key";
  const { decryptKey } = await library();
  const key = await readSecretKey(secretKey, op);
  if (!isLocked(key)) return key.write() as Bytes;
  const name = fingerprintOf(key);
  const unlocked = await decryptKey({ privateKey: key, passphrase }).catch((cause: unknown) => {
    const isWrong = String(cause).includes("Incorrect key passphrase");
    throw isWrong
      ? new PeriError("denied", {
        op,
        subject: `wrong passphrase for ${name}`,
        hint: "try again; peri cannot recover a forgotten passphrase",
        cause,
      })
      : new PeriError("damaged", { op, subject: `${name} cannot be decrypted`, cause });
  });
  return unlocked.write() as Bytes;
}

/** The fingerprint of a parsed key. */
export function fingerprintOf(key: Key): Fingerprint {
  return parseFingerprint(key.getFingerprint());
}

function isLocked(key: PrivateKey): boolean {
  return key.getKeys().some(({ keyPacket }) => {
    const packet = keyPacket as AnySecretKeyPacket;
    return !packet.isMissingSecretKeyMaterial() && !packet.isDecrypted();
  });
}

async function boundUserIds(key: Key, at: Date): Promise<string[]> {
  const primary = await key.getPrimaryUser(at).catch(() => undefined);
  const bound: string[] = [];
  for (const user of key.users) {
    const isBound = user.userID !== null && await user.verify(at).catch(() => false);
    if (!isBound || user.userID === null) continue;
    if (user === primary?.user) bound.unshift(user.userID.userID);
    else bound.push(user.userID.userID);
  }
  return bound;
}

function checkUserId(userId: string): string {
  const size = encodeUtf8(userId).length;
  // deno-lint-ignore no-control-regex -- control characters are what is refused
  if (size > 0 && size <= MAX_USER_ID_BYTES && !/[\u0000-\u001f\u007f]/.test(userId)) return userId;
  const subject = `${JSON.stringify(userId.slice(0, 80))} is not 1 to ${MAX_USER_ID_BYTES} bytes ` +
    "of text on one line";
  throw new PeriError("invalid", {
    op: MAKE,
    subject: `user id ${subject}`,
    hint: 'a user id is usually written "Name <mail@example.org>"',
  });
}

function lifeOf(date: Date, expiresMs: number | undefined): number {
  if (expiresMs === undefined) return 0;
  const nowMs = date.getTime();
  return lifeSecondsOf(nowMs, expiresMs, { nowMs, op: MAKE });
}

/**
 * Puts the key packets together again with self-signatures of our own: the library always lets the
 * primary key sign, and knows no subkeys that authenticate.
 */
async function assemble(
  loaded: Library,
  made: PrivateKey,
  userId: string,
  date: Date,
  lifeSeconds: number,
): Promise<PrivateKey> {
  const { enums, PacketList, PrivateKey, UserIDPacket } = loaded;
  const primary = made.keyPacket as AnySecretKeyPacket;
  const by = { signer: primary, date, config: loaded.config };
  const [signing, encrypting, authenticating] = made.subkeys;
  const user = new UserIDPacket();
  user.read(encodeUtf8(userId));
  const selfSignature = signaturePacket(loaded, primary, lifeSeconds, {
    signatureType: enums.signature.certPositive,
    keyFlags: new Uint8Array([enums.keyFlags.certifyKeys]),
    isPrimaryUserID: true,
    preferredSymmetricAlgorithms: [enums.symmetric.aes256, enums.symmetric.aes128],
    preferredHashAlgorithms: [enums.hash.sha512, enums.hash.sha256],
    preferredCompressionAlgorithms: [enums.compression.uncompressed],
    features: new Uint8Array([INTEGRITY_PROTECTION]),
  });
  await signOver(selfSignature, { ...by, data: { userID: user, key: primary } });
  const authentication = signaturePacket(loaded, primary, lifeSeconds, {
    signatureType: enums.signature.subkeyBinding,
    keyFlags: new Uint8Array([enums.keyFlags.authentication]),
  });
  const authenticator = authenticating!.keyPacket;
  await signOver(authentication, { ...by, data: { key: primary, bind: authenticator } });
  const packets = new PacketList<AnyPacket>();
  packets.push(primary, user, selfSignature);
  for (const { keyPacket, bindingSignatures } of [signing!, encrypting!]) {
    packets.push(keyPacket, ...bindingSignatures);
  }
  packets.push(authenticator, authentication);
  return new PrivateKey(packets);
}

function signaturePacket(
  { enums, SignaturePacket }: Library,
  signer: AnySecretKeyPacket,
  lifeSeconds: number,
  fields: Partial<SignaturePacket>,
): SignaturePacket {
  const packet = Object.assign(new SignaturePacket(), fields, {
    publicKeyAlgorithm: signer.algorithm,
    hashAlgorithm: enums.hash.sha512,
  });
  if (lifeSeconds === 0) return packet;
  return Object.assign(packet, { keyExpirationTime: lifeSeconds, keyNeverExpires: false });
}
