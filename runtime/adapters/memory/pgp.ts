/**
 * OpenPGP's shape without its mathematics, for tests and simulations: keys are names of secrets
 * that only this object knows, so what is sealed or signed with one key fails with another.
 *
 * @module
 */

import {
  type Bytes,
  concatBytes,
  equalBytes,
  formatHex,
  hmacSha256,
  parseHex,
  sha256,
} from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { type Fingerprint, parseFingerprint } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Entropy } from "../../ports/entropy.ts";
import type { CertificateInfo, KeyPart, Keyring, NewKey, Pgp, Unsealed } from "../../ports/pgp.ts";

interface KeyRecord {
  readonly info: CertificateInfo;
  readonly secret: Bytes;
}

const SIGNATURE_BYTES = 33;
const MAC_BYTES = 32;
const FINGERPRINT_BYTES = 20;
/** First octets of packets (RFC 9580 section 4.2), so that what is made here looks real. */
const SIGNATURE_TAG = 0xc2;
const SECRET_TAG = 0xc5;
const PUBLIC_TAG = 0xc6;
const TAG_BYTES = 1;
/** Stands behind a certificate whose key is revoked. */
const REVOKED = 1;

/** One world of keys; every periphery of a simulation shares it. */
export class MemoryPgp implements Pgp {
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #keys = new Map<Fingerprint, KeyRecord>();

  constructor(clock: Clock, entropy: Entropy) {
    this.#clock = clock;
    this.#entropy = entropy;
  }

  makePersonKey(
    { userId, expiresMs }: { readonly userId: string; readonly expiresMs?: number },
  ): Promise<NewKey> {
    return Promise.resolve({ ...this.#make(userId, expiresMs), revocation: "" });
  }

  makePodKey(userId: string): Promise<NewKey> {
    return Promise.resolve(this.#make(`peri pod ${userId}`));
  }

  // deno-lint-ignore require-await -- a refusal is a rejection
  async inspect(certificate: Uint8Array): Promise<CertificateInfo> {
    const { info } = this.#keyOf(certificate, "certificate");
    return isRevoked(certificate) ? { ...info, revoked: true } : info;
  }

  /** The certificate with which its person says that the key is revoked. */
  revoke(secretKey: Uint8Array): Bytes {
    const { info } = this.#keyOf(secretKey, "secret");
    return concatBytes([certificateOf(info.fingerprint), new Uint8Array([REVOKED])]);
  }

  async parts(certificate: Uint8Array): Promise<KeyPart[]> {
    const { fingerprint, createdMs, expiresMs, revoked } = await this.inspect(certificate);
    const end = expiresMs === undefined ? {} : { expiresMs };
    return [{ fingerprint, createdMs, ...end, revoked, uses: ["sign"], secret: "elsewhere" }];
  }

  /** Keys never change here, but for their end. */
  async merge(known: Uint8Array, offered: Uint8Array): Promise<Bytes> {
    const [{ fingerprint }, other] = [await this.inspect(known), await this.inspect(offered)];
    if (other.fingerprint === fingerprint) {
      return new Uint8Array(isRevoked(known) ? known : offered);
    }
    const subject = `${other.fingerprint} is not ${fingerprint}`;
    throw new PeriError("denied", { op: "bring a certificate up to date", subject });
  }

  // deno-lint-ignore require-await -- a refusal is a rejection
  async dearmor(text: string): Promise<Bytes> {
    return parseHex(text);
  }

  armor(key: Uint8Array): Promise<string> {
    return Promise.resolve(formatHex(key));
  }

  // deno-lint-ignore require-await -- a refusal is a rejection
  async publicPart(secretKey: Uint8Array): Promise<Bytes> {
    return certificateOf(this.#keyOf(secretKey, "secret").info.fingerprint);
  }

  /** Nobody has signed anything over others. */
  certifiers(): Promise<string[]> {
    return Promise.resolve([]);
  }

  certifications(): Promise<Keyring> {
    return Promise.resolve({ keys: [], certifications: [] });
  }

  attach(certificates: readonly Bytes[]): Promise<Bytes> {
    return Promise.resolve(concatBytes(certificates));
  }

  dearmorRing(keyring: Uint8Array): Promise<Bytes> {
    return Promise.resolve(new Uint8Array(keyring));
  }

  armorRing(keyring: Uint8Array): Promise<string> {
    return this.armor(keyring);
  }

  unlock(secretKey: Uint8Array): Promise<Bytes> {
    return Promise.resolve(new Uint8Array(secretKey));
  }

  // deno-lint-ignore require-await -- a refusal is a rejection
  async sign(secretKey: Uint8Array, content: Uint8Array): Promise<Bytes> {
    return tagged(SIGNATURE_TAG, hmacSha256(this.#keyOf(secretKey, "secret").secret, content));
  }

  // deno-lint-ignore require-await -- a refusal is a rejection
  async verify(
    certificate: Uint8Array,
    content: Uint8Array,
    signature: Uint8Array,
    atMs: number,
  ): Promise<void> {
    const { secret, info } = this.#keyOf(certificate, "certificate");
    if (isRevoked(certificate)) {
      throw new PeriError("denied", { op: "verify a signature", subject: "the key is revoked" });
    }
    const isExpired = info.expiresMs !== undefined && info.expiresMs <= atMs;
    if (!isExpired && equalBytes(signature.subarray(TAG_BYTES), hmacSha256(secret, content))) {
      return;
    }
    throw new PeriError("denied", { op: "verify a signature", subject: "it does not hold" });
  }

  /** Signatures bear no time here. */
  async verifyThen(
    certificate: Uint8Array,
    content: Uint8Array,
    signature: Uint8Array,
    { fromMs }: { readonly fromMs: number },
  ): Promise<void> {
    await this.verify(certificate, content, signature, fromMs);
  }

  async seal(signer: Uint8Array, recipient: Uint8Array, content: Uint8Array): Promise<Bytes> {
    const signed = concatBytes([await this.sign(signer, content), content]);
    const { secret, info } = this.#keyOf(recipient, "certificate");
    const parts = [parseHex(info.fingerprint), hmacSha256(secret, signed), mask(signed, secret)];
    return concatBytes(parts);
  }

  // deno-lint-ignore require-await -- a refusal is a rejection
  async open(secretKey: Uint8Array, sealed: Uint8Array, maxBytes: number): Promise<Unsealed> {
    const { secret } = this.#keyOf(secretKey, "secret");
    const head = FINGERPRINT_BYTES + MAC_BYTES;
    const signed = mask(sealed.subarray(head), secret);
    const mac = sealed.subarray(FINGERPRINT_BYTES, head);
    const op = "open a sealed message";
    if (!equalBytes(mac, hmacSha256(secret, signed))) {
      throw new PeriError("damaged", { op, subject: "not for this key, or not whole" });
    }
    const content = signed.slice(SIGNATURE_BYTES);
    if (content.length > maxBytes) {
      throw new PeriError("too-large", { op, subject: `${content.length} bytes` });
    }
    const signature = signed.slice(0, SIGNATURE_BYTES);
    return {
      content,
      verify: (certificate, atMs) => this.verify(certificate, content, signature, atMs),
    };
  }

  #make(userId: string, expiresMs?: number): NewKey {
    const secret = this.#entropy.bytes(32);
    const fingerprint = parseFingerprint(formatHex(sha256(secret)).slice(0, 40));
    const info: CertificateInfo = {
      fingerprint,
      userIds: [userId],
      createdMs: this.#clock.nowMs(),
      ...(expiresMs === undefined ? {} : { expiresMs }),
      revoked: false,
      canSign: true,
      canEncrypt: true,
    };
    this.#keys.set(fingerprint, { info, secret });
    return {
      fingerprint,
      certificate: certificateOf(fingerprint),
      secretKey: tagged(SECRET_TAG, secret),
    };
  }

  #keyOf(bytes: Uint8Array, wanted: "certificate" | "secret"): KeyRecord {
    const isSecret = bytes[0] === SECRET_TAG;
    const rest = isRevoked(bytes) ? bytes.subarray(TAG_BYTES, -1) : bytes.subarray(TAG_BYTES);
    const named = isSecret ? sha256(rest).subarray(0, FINGERPRINT_BYTES) : rest;
    const fingerprint = formatHex(named).toUpperCase();
    const key = this.#keys.get(fingerprint as Fingerprint);
    if (key && (isSecret || wanted === "certificate")) return key;
    throw new PeriError("damaged", { op: `read a ${wanted}`, subject: "not one of this world" });
  }
}

function certificateOf(fingerprint: Fingerprint): Bytes {
  return tagged(PUBLIC_TAG, parseHex(fingerprint));
}

function isRevoked(certificate: Uint8Array): boolean {
  return certificate.length === TAG_BYTES + FINGERPRINT_BYTES + 1 &&
    certificate[0] === PUBLIC_TAG && certificate.at(-1) === REVOKED;
}

function tagged(tag: number, bytes: Uint8Array): Bytes {
  return concatBytes([new Uint8Array([tag]), bytes]);
}

/** Hides bytes from a reader of the wire; its own inverse. */
function mask(bytes: Uint8Array, secret: Uint8Array): Bytes {
  const masked = new Uint8Array(bytes);
  for (let at = 0; at < masked.length; at++) masked[at]! ^= secret[at & 31]!;
  return masked;
}
