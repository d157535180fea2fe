/**
 * Unlocking a secret key with a passphrase that is asked.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { Passphrase, PassphraseRequest } from "../ports/passphrase.ts";
import type { Pgp } from "../ports/pgp.ts";

/** Wrong passphrases before giving up; a slip is likely, a fourth try is not. */
const MAX_ATTEMPTS = 3;

/** What unlocking needs. */
export interface UnlockTools {
  readonly pgp: Pgp;
  readonly passphrase: Passphrase;
}

/**
 * Asks until the key opens, the source has nothing else to offer, or it was wrong thrice.
 *
 * @throws {PeriError} `denied` when no passphrase was right, `damaged` when the key cannot be read.
 */
export async function unlockAsked(
  { pgp, passphrase }: UnlockTools,
  secretKey: Bytes,
  request: PassphraseRequest,
): Promise<Bytes> {
  const open = (text: string) =>
    pgp.unlock(secretKey, text).catch((error: unknown) => {
      if (error instanceof PeriError && error.kind === "denied") return error;
      throw error;
    });
  // A key without a passphrase opens with the empty one, and nobody need be asked.
  let opened = await open("");
  for (let attempt = 1; opened instanceof PeriError; attempt++) {
    opened = await open(await passphrase.ask(request));
    if (!(opened instanceof PeriError)) break;
    const canRetry = await passphrase.reject(request);
    if (!canRetry || attempt === MAX_ATTEMPTS) throw opened;
  }
  return opened;
}
