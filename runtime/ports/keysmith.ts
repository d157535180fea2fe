/**
 * Work on a person's own key that only its holder can do. A periphery never has one. Keys cross this
 * port as transferable bytes, like `pgp.ts`.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { CertificationWish } from "./certification.ts";
import type { Fingerprint } from "../model/words.ts";

/** Why a key is taken out of use (RFC 9580 section 5.2.3.31), or a behalf. */
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

/** Every {@link RevocationReason}. */
export const REVOCATION_REASONS = ["unspecified", "superseded", "compromised", "retired"] as const;

/** Why, in one word and in the person's own. */
export interface Revocation {
  readonly reason: RevocationReason;
  /** For whoever reads it; may be empty. */
  readonly text: string;
}

/** Changes a person's key. Secret keys are unlocked before they come here. */
export interface Keysmith {
  /** Locks a secret key with a passphrase; with an empty one it stays open. */
  lock(secretKey: Uint8Array, passphrase: string): Promise<Bytes>;
  /**
   * The certificate with new terms: it and those of its subkeys that were good when it was last good
   * expire at `expiresMs`, or never. What was revoked stays so.
   *
   * @throws {PeriError} `invalid` when the primary secret is not in these bytes or the time has
   * passed, `denied` when the key is revoked.
   */
  renew(
    secretKey: Uint8Array,
    certificate: Uint8Array,
    expiresMs: number | undefined,
  ): Promise<Bytes>;
  /**
   * A revocation certificate, ASCII armor: takes the key out of use for good once it is applied.
   *
   * @throws {PeriError} `invalid` when its primary secret is not in these bytes.
   */
  revoke(secretKey: Uint8Array, why: Revocation): Promise<string>;
  /**
   * A certificate with a revocation certificate applied.
   *
   * @throws {PeriError} `damaged` when that is none, `denied` when it is not of this very key.
   */
  withRevocation(certificate: Uint8Array, revocation: string): Promise<Bytes>;
  /**
   * The secret key, locked or not, with all that a certificate of the same key says. Its secrets stay
   * byte for byte; a subkey of which there is no secret here is left out.
   *
   * @throws {PeriError} `denied` for another key's certificate.
   */
  adopt(secretKey: Uint8Array, certificate: Uint8Array): Promise<Bytes>;
  /**
   * As `Pgp.merge`, but what others have signed is kept: for the person's own keyring.
   *
   * @throws {PeriError} as `Pgp.merge`.
   */
  merge(known: Uint8Array, offered: Uint8Array): Promise<Bytes>;
  /**
   * A keyring of two certificates without subkeys: the signer's, and another's with what the signer
   * says of its user ids.
   *
   * @throws {PeriError} `not-found` when it has not all of the user ids, `invalid` for the signer's
   * own certificate, a time that has passed, or when the primary secret is not in these bytes.
   */
  certify(secretKey: Uint8Array, certificate: Uint8Array, wish: CertificationWish): Promise<Bytes>;
  /** The same with signatures that take back what the signer has said. @throws as `certify`. */
  uncertify(
    secretKey: Uint8Array,
    certificate: Uint8Array,
    userIds: readonly string[],
  ): Promise<Bytes>;
  /**
   * An Ed25519 part of a key as a file of OpenSSH.
   *
   * @param part the fingerprint of the part
   * @param passphrase locks the file; an empty one leaves it open
   * @throws {PeriError} `invalid` for a part of another kind, or whose secret is not in these bytes.
   */
  sshSecret(
    secretKey: Uint8Array,
    part: Fingerprint,
    passphrase: string,
    comment: string,
  ): Promise<string>;
  /** Why a key is revoked; undefined when it is not. */
  revokedWhy(key: Uint8Array): Promise<Revocation | undefined>;
}
