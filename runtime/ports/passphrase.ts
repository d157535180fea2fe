/**
 * Where passphrases come from: a hidden prompt, a file, an agent. Never from an argument.
 *
 * @module
 */

import type { Fingerprint } from "../model/words.ts";

/** What a passphrase is wanted for. */
export interface PassphraseRequest {
  /** Absent while the key is still to be made. */
  readonly person?: Fingerprint;
  /** What it is for, for people: `Unlock the key of Alice`. */
  readonly purpose: string;
  /** A new one: whoever types it types it twice. */
  readonly fresh?: boolean;
}

/** Gives passphrases. */
export interface Passphrase {
  /** @throws {PeriError} `denied` when there is none to be had or the person gave up. */
  ask(request: PassphraseRequest): Promise<string>;
  /**
   * Tells that the last answer was wrong, so that it is not remembered. Whether asking again can
   * bring another one.
   */
  reject(request: PassphraseRequest): Promise<boolean>;
}
