/**
 * What one person signs over another's user id (RFC 9580 section 5.2.1, types 0x10 to 0x13 and
 * 0x30), and how many of them travel: as a keyring, certificates one behind the other with the
 * signatures of others in their places, as `gpg --export` writes and `gpg --import` reads them.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { Fingerprint } from "../model/words.ts";

/** Trust as OpenPGP counts it, 0 to 255 (RFC 9580 section 5.2.3.21). */
export const AMOUNT = {
  /** Two who are trusted so far are enough. */
  partial: 60,
  /** One who is trusted so far is enough. */
  full: 120,
} as const;

/** What somebody says of a user id, their signature checked. */
export interface Certification {
  readonly issuer: Fingerprint;
  readonly subject: Fingerprint;
  /** Well-formed UTF-8, otherwise whatever its person wrote. */
  readonly userId: string;
  /** Whether it takes back what its issuer said before. */
  readonly isRevocation: boolean;
  readonly createdMs: number;
  /** Absent when it never expires. */
  readonly expiresMs?: number;
  /** How far the subject may certify others: 0 not at all, 1 people, 2 people who do so too, … */
  readonly depth: number;
  /** How much the subject's certifications count, 0 to 255; 0 with depth 0. */
  readonly amount: number;
  /** What user ids certified by the subject must match (RFC 9580 section 8). */
  readonly regex?: string;
  /** The signature as one OpenPGP packet. */
  readonly packet: Bytes;
}

/** What is to be signed over user ids. */
export interface CertificationWish {
  /** User ids of the certificate; each gets a signature. */
  readonly userIds: readonly string[];
  /** 0 to 255; see {@link Certification}. */
  readonly depth: number;
  /** Without meaning at depth 0. */
  readonly amount: number;
  /** Only with a depth. */
  readonly regex?: string;
  readonly expiresMs?: number;
}
