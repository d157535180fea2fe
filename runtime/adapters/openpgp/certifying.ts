/**
 * What signatures over keys and user ids have in common: how they are made, and how long what they
 * speak of may live.
 *
 * @module
 */

import type { AnySecretKeyPacket, Config, SignaturePacket } from "openpgp";
import { PeriError } from "../../model/errors.ts";

const SECOND_MS = 1_000;
/** Expiry is 32 bits of seconds (RFC 9580 sections 5.2.3.13 and 5.2.3.18). */
const MAX_LIFE_SECONDS = 2 ** 32 - 1;

/** What a signature packet signs besides documents; the library's types name only bytes. */
interface Certifies {
  sign(
    signer: AnySecretKeyPacket,
    data: object,
    date: Date,
    detached: boolean,
    config: Config,
  ): Promise<void>;
}

/** Signs what the library calls `data`: a key with a user id, a subkey or nothing more. */
export async function signOver(
  packet: SignaturePacket,
  { signer, data, date, config }: {
    /** Unlocked. */
    readonly signer: AnySecretKeyPacket;
    readonly data: object;
    readonly date: Date;
    readonly config: Config;
  },
): Promise<void> {
  await (packet as unknown as Certifies).sign(signer, data, date, false, config);
}

/**
 * Whole seconds from the beginning of something to its end.
 *
 * @param nowMs its end must be behind this
 * @throws {PeriError} `invalid` when it is not, or is too far ahead for the format.
 */
export function lifeSecondsOf(
  beginsMs: number,
  endsMs: number,
  { nowMs, op }: { readonly nowMs: number; readonly op: string },
): number {
  const seconds = Math.floor((endsMs - beginsMs) / SECOND_MS);
  const isAhead = endsMs > nowMs && seconds >= 1;
  if (isAhead && seconds <= MAX_LIFE_SECONDS) return seconds;
  throw new PeriError("invalid", {
    op,
    subject: isAhead ? "the expiry is too far ahead" : "the expiry is not after now",
  });
}
