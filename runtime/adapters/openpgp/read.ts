/**
 * Bytes to keys: bounded, checked for shape, parsed once.
 *
 * @module
 */

import type { Key, PrivateKey, PublicKey } from "openpgp";
import { type Bytes, decodeUtf8, formatHex, sha256 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_CERTIFICATE_BYTES, MAX_CLOCK_SKEW_MS } from "../../model/limits.ts";
import { type Library, library } from "./library.ts";
import { boundPackets } from "./packets.ts";

/** Self-signatures in one key; each may cost a verification, so a hostile key must not have many. */
const MAX_SELF_SIGNATURES = 128;
/** Parsed keys that are remembered; about 10 KiB each. */
const MAX_REMEMBERED = 1_000;
/** Armor is base64 with headers: never twice its content for anything but tiny keys. */
const MAX_ARMOR_BYTES = 2 * MAX_CERTIFICATE_BYTES;

const remembered = new Map<string, Key>();

/** Whether bytes are ASCII armor: the first octet of every binary packet has its top bit set. */
export function isArmored(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes[0]! < 0x80;
}

/**
 * The only key in armored or binary bytes, secret or public. The result is shared: do not change it.
 *
 * @param op what is attempted, for the error
 * @throws {PeriError} `too-large` over a bound, `damaged` when there is not exactly one key.
 */
export async function readAnyKey(bytes: Uint8Array, op: string): Promise<Key> {
  const id = formatHex(sha256(bytes));
  const known = remembered.get(id);
  if (known !== undefined) {
    remembered.delete(id);
    remembered.set(id, known);
    return known;
  }
  const key = await parseOnlyKey(bytes, op);
  remembered.set(id, key);
  const oldest = remembered.keys().next();
  if (remembered.size > MAX_REMEMBERED && !oldest.done) remembered.delete(oldest.value);
  return key;
}

/**
 * The certificate in armored or binary bytes.
 *
 * @throws {PeriError} `damaged` also for a secret key: where a certificate belongs, one is a leak.
 */
export async function readCertificate(bytes: Uint8Array, op: string): Promise<PublicKey> {
  const key = await readAnyKey(bytes, op);
  if (!key.isPrivate()) return key;
  throw new PeriError("damaged", { op, subject: "a secret key where a certificate belongs" });
}

/** The secret key in armored or binary bytes. @throws {PeriError} `damaged` for a certificate. */
export async function readSecretKey(bytes: Uint8Array, op: string): Promise<PrivateKey> {
  const key = await readAnyKey(bytes, op);
  if (key.isPrivate()) return key;
  throw new PeriError("damaged", { op, subject: "a certificate where a secret key belongs" });
}

/**
 * The bytes inside an armored key or certificate.
 *
 * @throws {PeriError} `too-large` over a bound, `damaged` when the text is no armored key.
 */
export async function dearmorKey(text: string, op: string): Promise<Bytes> {
  if (text.length > MAX_ARMOR_BYTES) {
    const subject = `${text.length} bytes of armor, ${MAX_ARMOR_BYTES} allowed`;
    throw new PeriError("too-large", { op, subject });
  }
  const { unarmor, enums } = await library();
  const { type, data } = await unarmor(text).catch((cause: unknown) => {
    throw unreadable(op, cause);
  });
  if (type !== enums.armor.publicKey && type !== enums.armor.privateKey) {
    throw new PeriError("damaged", { op, subject: "armor of something that is not a key" });
  }
  // Typed as a stream, but whole when the text was: not a stream.
  const bytes = data as unknown as Bytes;
  await readAnyKey(bytes, op);
  return bytes;
}

/**
 * When to judge a key: at `nowMs`, or as much later as its owner's clock runs ahead of ours, within
 * the allowed skew.
 */
export function judgingTime(key: Key, nowMs: number): Date {
  const stamps = [
    key.getCreationTime(),
    ...key.revocationSignatures.map(({ created }) => created),
    ...key.users.flatMap((user) => user.selfCertifications.map(({ created }) => created)),
    ...key.subkeys.flatMap((subkey) => [
      subkey.getCreationTime(),
      ...subkey.bindingSignatures.map(({ created }) => created),
    ]),
  ].map((stamp) => stamp?.getTime() ?? 0);
  const ahead = stamps.filter((stamp) => stamp <= nowMs + MAX_CLOCK_SKEW_MS);
  return new Date(Math.max(nowMs, ...ahead));
}

async function parseOnlyKey(bytes: Uint8Array, op: string): Promise<Key> {
  if (isArmored(bytes)) return await readAnyKey(await dearmorKey(decodeUtf8(bytes), op), op);
  if (bytes.length > MAX_CERTIFICATE_BYTES) {
    const subject = `a key of ${bytes.length} bytes, ${MAX_CERTIFICATE_BYTES} allowed`;
    const hint = "gpg --export-options export-minimal leaves out what others have signed";
    throw new PeriError("too-large", { op, subject, hint });
  }
  boundPackets(bytes, op);
  const loaded = await library();
  const keys = await loaded.readKeys({ binaryKeys: bytes }).catch((cause: unknown) => {
    throw unreadable(op, cause);
  });
  if (keys.length !== 1) {
    const subject = `${keys.length} keys where exactly one is expected`;
    throw new PeriError("damaged", { op, subject });
  }
  return boundSelfSignatures(keys[0]!, loaded, op);
}

function boundSelfSignatures(key: Key, { SignaturePacket }: Library, op: string): Key {
  const own = key.toPacketList().filter((packet) =>
    packet instanceof SignaturePacket && packet.issuerKeyID.equals(key.getKeyID())
  );
  if (own.length <= MAX_SELF_SIGNATURES) return key;
  const subject = `a key with ${own.length} signatures of its own, ${MAX_SELF_SIGNATURES} allowed`;
  throw new PeriError("too-large", { op, subject });
}

function unreadable(op: string, cause: unknown): PeriError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PeriError("damaged", { op, subject: `not an OpenPGP key: ${reason}`, cause });
}
