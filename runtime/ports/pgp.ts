/**
 * OpenPGP as peri needs it (RFC 9580, v4 keys that GnuPG 2.2 reads). Certificates and keys cross
 * this port as transferable bytes; an implementation may remember parsed ones.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { Fingerprint } from "../model/words.ts";
import type { Certification } from "./certification.ts";

/** What a certificate says of itself, its self-signatures checked. */
export interface CertificateInfo {
  readonly fingerprint: Fingerprint;
  /** User ids that are bound and not revoked, the primary one first; claims, not facts. */
  readonly userIds: readonly string[];
  readonly createdMs: number;
  /** Absent when it never expires. */
  readonly expiresMs?: number;
  readonly revoked: boolean;
  /** Whether some valid key of it can sign, encrypt. */
  readonly canSign: boolean;
  readonly canEncrypt: boolean;
}

/** A certificate of a keyring, without its subkeys and what others have signed. */
export interface RingKey extends CertificateInfo {
  readonly certificate: Bytes;
}

/** What a keyring holds. */
export interface Keyring {
  readonly keys: readonly RingKey[];
  /** Of each issuer and user id the newest that holds. */
  readonly certifications: readonly Certification[];
}

/** What a part of a key is for. */
export type KeyUse = "certify" | "sign" | "encrypt" | "authenticate";

/** The primary key or a subkey, as far as its key's own signatures hold. */
export interface KeyPart {
  readonly fingerprint: Fingerprint;
  readonly createdMs: number;
  /** Absent when it never expires. */
  readonly expiresMs?: number;
  readonly revoked: boolean;
  readonly uses: readonly KeyUse[];
  /** `elsewhere`: not in these bytes, but perhaps on a card, in another file, or nowhere. */
  readonly secret: "open" | "locked" | "elsewhere";
  /** The public key as SSH carries it (RFC 4253 section 6.6), of a part that SSH can take. */
  readonly ssh?: Bytes;
}

/** A fresh secret key with what belongs to it. */
export interface NewKey {
  readonly fingerprint: Fingerprint;
  /** Transferable public key. */
  readonly certificate: Bytes;
  /** Transferable secret key; locked when a passphrase was given. */
  readonly secretKey: Bytes;
  /** Revocation certificate, ASCII armor; only for a person's key. */
  readonly revocation?: string;
}

/** What {@link Pgp.open} found, before the signature is believed. */
export interface Unsealed {
  readonly content: Bytes;
  /**
   * Checks that the content was signed by a key of this certificate, valid at `atMs`.
   *
   * @throws {PeriError} `denied` when it was not.
   */
  verify(certificate: Uint8Array, atMs: number): Promise<void>;
}

/** OpenPGP operations. All of them bound their input (`limits.ts`) before parsing. */
export interface Pgp {
  /**
   * A key of a person: Ed25519 primary that only certifies, subkeys to sign, encrypt and
   * authenticate, dated by the clock.
   */
  makePersonKey(options: {
    readonly userId: string;
    readonly passphrase: string;
    readonly expiresMs?: number;
  }): Promise<NewKey>;
  /** A key of a pod: signs and encrypts, no passphrase, user id `peri pod <text>`. */
  makePodKey(userId: string): Promise<NewKey>;
  /** Reads and checks a certificate, armored or binary. @throws {PeriError} `damaged`, `too-large`. */
  inspect(certificate: Uint8Array): Promise<CertificateInfo>;
  /** The primary key and then the subkeys of a certificate or secret key. @throws as `inspect`. */
  parts(key: Uint8Array): Promise<KeyPart[]>;
  /**
   * One certificate of two copies: the newest that its key says of each part, and every revocation.
   * Signatures that do not hold and those of others are left out, so that it grows with the key
   * alone. The same again for what it has taken in before.
   *
   * @throws {PeriError} `denied` for two keys, `too-large` when the result is, `damaged`.
   */
  merge(known: Uint8Array, offered: Uint8Array): Promise<Bytes>;
  /** A certificate or secret key as binary without armor. @throws {PeriError} `damaged`. */
  dearmor(text: string): Promise<Bytes>;
  /** The certificate (public part) of a transferable secret key. @throws {PeriError} `damaged`. */
  publicPart(secretKey: Uint8Array): Promise<Bytes>;
  /** ASCII armor of a certificate or secret key. */
  armor(key: Uint8Array): Promise<string>;
  /** Unlocks a secret key. @throws {PeriError} `denied` when the passphrase is wrong. */
  unlock(secretKey: Uint8Array, passphrase: string): Promise<Bytes>;
  /** A detached binary signature by the key's signing (sub)key. @throws {PeriError} `invalid`. */
  sign(secretKey: Uint8Array, content: Uint8Array): Promise<Bytes>;
  /**
   * Checks a detached signature, armored or binary, made by a valid signing key of the certificate.
   *
   * @throws {PeriError} `denied` when it does not hold, `damaged` when it cannot be read.
   */
  verify(
    certificate: Uint8Array,
    content: Uint8Array,
    signature: Uint8Array,
    atMs: number,
  ): Promise<void>;
  /**
   * As {@link Pgp.verify}, but the key is judged at the time that the signature claims, which lies
   * between these two, give or take the skew of clocks: for what outlives its signer.
   *
   * @throws {PeriError} as `verify`.
   */
  verifyThen(
    certificate: Uint8Array,
    content: Uint8Array,
    signature: Uint8Array,
    when: { readonly fromMs: number; readonly toMs: number },
  ): Promise<void>;
  /** Signs with one key, then encrypts to one certificate; binary, uncompressed. */
  seal(signer: Uint8Array, recipient: Uint8Array, content: Uint8Array): Promise<Bytes>;
  /**
   * Fingerprints and key ids (16 hex digits) of those who claim to have signed over others' user ids
   * in a keyring. Nothing is checked.
   *
   * @throws {PeriError} `damaged`, `too-large`.
   */
  certifiers(keyring: Uint8Array): Promise<string[]>;
  /**
   * What others have signed over user ids in a keyring, armored or binary, as far as their
   * certificates are in it or among `known`, and the signatures hold. What is dated ahead of the
   * clock, not meant for others, or over a bound is left out.
   *
   * @throws {PeriError} `damaged` when no certificate can be read, `too-large`.
   */
  certifications(keyring: Uint8Array, known: readonly Bytes[]): Promise<Keyring>;
  /**
   * A keyring of certificates, with certifications put behind the user ids they are about. What fits
   * none of them is left out. Nothing is checked.
   *
   * @throws {PeriError} `damaged`.
   */
  attach(
    certificates: readonly Bytes[],
    certifications: readonly Pick<Certification, "subject" | "userId" | "packet">[],
  ): Promise<Bytes>;
  /** A keyring as binary without armor; nothing is checked. @throws {PeriError} `damaged`, `too-large`. */
  dearmorRing(keyring: Uint8Array): Promise<Bytes>;
  /** ASCII armor of a keyring. */
  armorRing(keyring: Uint8Array): Promise<string>;
  /** Decrypts. @throws {PeriError} `damaged` when it is not for this key or not whole, `too-large`. */
  open(secretKey: Uint8Array, sealed: Uint8Array, maxBytes: number): Promise<Unsealed>;
}
