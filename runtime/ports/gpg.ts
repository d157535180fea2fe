/**
 * GnuPG on the person's computer, for keys that stay there or on a card.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { Fingerprint } from "../model/words.ts";

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
   * Lets a key and its unexpired subkeys expire at another time, or never.
   *
   * @throws {PeriError} `denied` when gpg refuses, as without the primary secret, or the person gave
   * up.
   */
  renew(person: Fingerprint, expiresMs: number | undefined): Promise<void>;
}
