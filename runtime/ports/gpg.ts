/**
 * GnuPG on the person's computer, for keys that stay there or on a card.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { CertificationWish } from "./certification.ts";
import type { Fingerprint } from "../model/words.ts";

/** Certificates that signing another's key needs. */
export interface Certificates {
  /** Of the signer. */
  readonly own: Uint8Array;
  /** Of the other; with what is taken back, when something is. */
  readonly other: Uint8Array;
}

/** What peri asks of GnuPG. It asks the person for a passphrase or PIN itself. */
export interface Gpg {
  /**
   * The certificate of a key, binary, without what others have signed.
   *
   * @throws {PeriError} `not-found` when gpg has no such key, `missing-implementation` without gpg.
   */
  certificate(person: Fingerprint): Promise<Bytes>;
  /** Whether gpg could sign with a key: its secret, or a card that holds it, is known to it. */
  hasSecret(person: Fingerprint): Promise<boolean>;
  /**
   * A detached binary signature.
   *
   * @throws {PeriError} `denied` when gpg refuses or the person gave up.
   */
  sign(person: Fingerprint, content: Uint8Array): Promise<Bytes>;
  /**
   * Signs user ids of another. The person's own keyring in GnuPG stays as it is.
   *
   * @returns both certificates with the signatures
   * @throws {PeriError} `denied` when gpg refuses or the person gave up, `invalid` for an amount that
   * gpg cannot write.
   */
  certify(signer: Fingerprint, certificates: Certificates, wish: CertificationWish): Promise<Bytes>;
  /** Takes back what was signed over user ids. @throws as `certify`. */
  uncertify(
    signer: Fingerprint,
    certificates: Certificates,
    userIds: readonly string[],
  ): Promise<Bytes>;
  /**
   * Lets a key and its unexpired subkeys expire at another time, or never.
   *
   * @throws {PeriError} `denied` when gpg refuses, as without the primary secret, or the person gave
   * up.
   */
  renew(person: Fingerprint, expiresMs: number | undefined): Promise<void>;
}
