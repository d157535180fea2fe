/**
 * SSH public keys: the bytes that SSH carries (RFC 4253 section 6.6), and the lines and fingerprints
 * that people and OpenSSH read.
 *
 * @module
 */

import { type Bytes, concatBytes, formatBase64, parseBase64, sha256 } from "../bytes.ts";
import { PeriError } from "../errors.ts";
import { encodeMpint, encodeString, SshReader } from "./wire.ts";

declare const brand: unique symbol;
/** The fingerprint of an SSH key as OpenSSH shows it: `SHA256:` and 43 characters of base64. */
export type SshFingerprint = string & { readonly [brand]: "SshFingerprint" };

/** Longest public key that is looked at: RSA with 8192 bits takes 1,050 bytes. */
export const MAX_SSH_KEY_BYTES = 1_200;

/** An Ed25519 key (RFC 8709). @param point 32 bytes */
export function ed25519Key(point: Uint8Array): Bytes {
  return concatBytes([encodeString("ssh-ed25519"), encodeString(point)]);
}

/** An RSA key. Both numbers big-endian. */
export function rsaKey(exponent: Uint8Array, modulus: Uint8Array): Bytes {
  return concatBytes([encodeString("ssh-rsa"), encodeMpint(exponent), encodeMpint(modulus)]);
}

/** An ECDSA key (RFC 5656). @param point uncompressed, with its leading 4 */
export function ecdsaKey(curve: "nistp256" | "nistp384" | "nistp521", point: Uint8Array): Bytes {
  const type = encodeString(`ecdsa-sha2-${curve}`);
  return concatBytes([type, encodeString(curve), encodeString(point)]);
}

/** The type that a key names: `ssh-ed25519`. @throws {PeriError} `damaged` when it names none. */
export function sshKeyType(key: Uint8Array): string {
  return new SshReader(key, "SSH key").text();
}

/** A key as a line of `authorized_keys`. */
export function formatSshKey(key: Uint8Array, comment: string): string {
  return `${sshKeyType(key)} ${formatBase64(key)} ${comment}`.trimEnd();
}

/**
 * The key of such a line; what follows it is left out.
 *
 * @throws {PeriError} `damaged` for anything else.
 */
export function parseSshKey(line: string): Bytes {
  const [type, content = ""] = line.trim().split(/\s+/);
  const isShort = content.length <= MAX_SSH_KEY_BYTES * 2;
  const key = isShort ? parseBase64(content) : new Uint8Array(0);
  if (key.length > 0 && sshKeyType(key) === type) return key;
  throw new PeriError("damaged", { op: "read SSH key", subject: "it is not TYPE BASE64" });
}

/** What people compare: SHA-256 of a key. */
export function sshFingerprint(key: Uint8Array): SshFingerprint {
  return `SHA256:${formatBase64(sha256(key)).replace(/=+$/, "")}` as SshFingerprint;
}

/** @throws {PeriError} `invalid` when the text is no fingerprint of an SSH key. */
export function parseSshFingerprint(text: string): SshFingerprint {
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(text)) return text as SshFingerprint;
  throw new PeriError("invalid", {
    op: "read fingerprint of a host key",
    subject: `${JSON.stringify(text.slice(0, 80))} is not SHA256: and 43 characters`,
    hint: "peri status on the server shows it",
  });
}

/** Who answers at an address, as `known_hosts` names it: `[host]:2222`, `host` for port 22. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}
