/**
 * A person's own keys, on their own computer. A periphery never has one.
 *
 * @module
 */

import type { Fingerprint } from "../model/words.ts";

/** Where the secret part of a key is: in this keyring, in GnuPG, or not on this computer. */
export type Custody = "here" | "gpg" | "absent";

/** What a keyring says of a key without opening it. */
export interface KeyEntry {
  readonly fingerprint: Fingerprint;
  readonly custody: Custody;
}

/** A key to keep. All texts are ASCII armor; the keyring does not look inside. */
export interface StoredKey {
  readonly fingerprint: Fingerprint;
  readonly certificate: string;
  /** Locked with the person's passphrase, unless they chose none. */
  readonly secretKey?: string;
  /** Takes the key out of use for good; kept as secret as the key. */
  readonly revocation?: string;
  /** Whether the secret stays in GnuPG; not together with `secretKey`. */
  readonly inGpg?: boolean;
}

/** Keeps keys. Needs no lock: every text is replaced as a whole or not at all. */
export interface Keyring {
  /** All keys, by fingerprint. */
  list(): Promise<KeyEntry[]>;
  /** @throws {PeriError} `not-found`. */
  certificate(person: Fingerprint): Promise<string>;
  /**
   * The secret key as it was put.
   *
   * @throws {PeriError} `not-found` when it is not here, `denied` when others could read it.
   */
  secretKey(person: Fingerprint): Promise<string>;
  /** @throws {PeriError} `not-found` when none is kept, `denied` when others could read it. */
  revocation(person: Fingerprint): Promise<string>;
  /**
   * Keeps a key, durably: what died half way is not listed. A certificate alone may be followed by
   * its secret; nothing that is kept is replaced.
   *
   * @throws {PeriError} `exists` when the key is kept and this adds no secret to it, `invalid` when
   * the secret is given twice, `over-quota` when the disk is full, `denied` when the keyring cannot
   * be written or others could read it.
   */
  put(key: StoredKey): Promise<void>;
  /**
   * Replaces the certificate of a kept key, and its secret when that is here, for example by ones
   * that expire later. The secret stays where it is.
   *
   * @throws {PeriError} `not-found` when the key is not kept, `invalid` when its secret is here and
   * not given; otherwise as {@link Keyring.put}.
   */
  replace(key: StoredKey): Promise<void>;
  /** The key a person uses unless they say otherwise. */
  defaultKey(): Promise<Fingerprint | undefined>;
  /** @throws {PeriError} `not-found` when there is no such key. */
  setDefault(person: Fingerprint): Promise<void>;
}
