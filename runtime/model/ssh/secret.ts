/**
 * SSH secret keys as OpenSSH keeps them (`openssh-key-v1`, PROTOCOL.key of OpenSSH), Ed25519.
 *
 * @module
 */

import { type Bytes, concatBytes, encodeUtf8, formatBase64, parseBase64 } from "../bytes.ts";
import { PeriError } from "../errors.ts";
import { ed25519Key } from "./key.ts";
import { encodeString, encodeUint32, SshReader } from "./wire.ts";

const MAGIC = encodeUtf8("openssh-key-v1\0");
const BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END = "-----END OPENSSH PRIVATE KEY-----";
/** Longest file of one key. */
const MAX_FILE_BYTES = 16 * 1024;

/** An Ed25519 key pair. */
export interface SshKeyPair {
  /** 32 bytes of which the key is made (RFC 8032 section 5.1.5). */
  readonly seed: Uint8Array;
  /** The public point, 32 bytes. */
  readonly point: Uint8Array;
}

/** Locks the secret part of a key file with a passphrase. */
export interface SshLock {
  readonly cipher: string;
  readonly kdf: string;
  /** What the reader needs besides the passphrase. */
  readonly options: Uint8Array;
  readonly blockBytes: number;
  encrypt(content: Uint8Array): Uint8Array;
}

const OPEN: SshLock = {
  cipher: "none",
  kdf: "none",
  options: new Uint8Array(0),
  blockBytes: 8,
  encrypt: (content) => content,
};

/**
 * The text of a key file.
 *
 * @param check 4 random bytes, by which a reader sees whether the passphrase was right
 */
export function formatSecretKey(
  { seed, point }: SshKeyPair,
  comment: string,
  check: Uint8Array,
  lock: SshLock = OPEN,
): string {
  const secret = concatBytes([
    check,
    check,
    encodeString("ssh-ed25519"),
    encodeString(point),
    encodeString(concatBytes([seed, point])),
    encodeString(comment),
  ]);
  const file = concatBytes([
    MAGIC,
    encodeString(lock.cipher),
    encodeString(lock.kdf),
    encodeString(lock.options),
    encodeUint32(1),
    encodeString(ed25519Key(point)),
    encodeString(lock.encrypt(padded(secret, lock.blockBytes))),
  ]);
  const lines = formatBase64(file).match(/.{1,70}/g) ?? [];
  return [BEGIN, ...lines, END, ""].join("\n");
}

/** Padding counts 1, 2, 3, …. */
function padded(secret: Uint8Array, blockBytes: number): Bytes {
  const missing = (blockBytes - secret.length % blockBytes) % blockBytes;
  return concatBytes([secret, Uint8Array.from({ length: missing }, (_, at) => at + 1)]);
}

/**
 * The key of a file without a passphrase.
 *
 * @throws {PeriError} `damaged` for anything else.
 */
export function parseSecretKey(text: string): SshKeyPair {
  const inner = text.slice(0, MAX_FILE_BYTES).match(
    /^-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----\s*$/,
  )?.[1];
  const file = new SshReader(parseBase64((inner ?? "").replace(/\s/g, "")), "secret SSH key");
  if (inner === undefined || !isMagic(file)) throw torn("it is no file of OpenSSH");
  if (file.text() !== "none" || file.text() !== "none") throw torn("a passphrase locks it");
  file.string();
  if (file.uint32() !== 1) throw torn("it holds more than one key");
  file.string();
  const secret = new SshReader(file.string(), "secret SSH key");
  if (secret.uint32() !== secret.uint32()) throw torn("it is not whole");
  if (secret.text() !== "ssh-ed25519") throw torn("it is no Ed25519 key");
  const point = secret.string();
  const both = secret.string();
  if (point.length !== 32 || both.length !== 64) throw torn("its numbers are not 32 bytes");
  return { seed: both.slice(0, 32), point: point.slice() };
}

function isMagic(file: SshReader): boolean {
  return MAGIC.every((byte) => file.take(1)[0] === byte);
}

function torn(subject: string): PeriError {
  return new PeriError("damaged", { op: "read secret SSH key", subject });
}
