/**
 * A recovery key: made, locked with a passphrase of its own, written for a drawer and nowhere else.
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import { equalBytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { type Fingerprint, formatFingerprint } from "../../model/words.ts";
import type { Passphrase } from "../../ports/passphrase.ts";
import { readBackup } from "../backup.ts";
import { formatPaper } from "../paper.ts";
import { type KeyTools, type PersonKey, refuseEmpty } from "../person.ts";
import { unlockAsked } from "../unlock.ts";

const OP = "make a recovery key";
/** Longest user id of a key in bytes, with room for what stands before it. */
const MAX_NAME = 60;

/** A recovery key as it is written. */
export interface RecoveryPaper {
  readonly fingerprint: Fingerprint;
  /** What is written, with its last line's end. */
  readonly text: string;
}

/**
 * Makes a recovery key for a person. Its passphrase is asked of `fresh`.
 *
 * @throws {PeriError} `invalid` for an empty passphrase.
 */
export async function makeRecoveryKey(
  tools: KeyTools,
  person: PersonKey,
  { fresh, isPaper }: { readonly fresh: Passphrase; readonly isPaper: boolean },
): Promise<RecoveryPaper> {
  const { pgp, clock } = tools;
  const name = [...(person.userIds[0] ?? person.fingerprint).replace(/[\p{C}<>]/gu, " ").trim()]
    .slice(0, MAX_NAME).join("");
  const passphrase = await fresh.ask({
    purpose: "Choose a passphrase for the recovery key",
    fresh: true,
  });
  refuseEmpty(passphrase, OP);
  const made = await pgp.makePersonKey({ userId: `recovery of ${name}`, passphrase });
  const body = isPaper ? formatPaper(made.secretKey) : (await pgp.armor(made.secretKey)).trimEnd();
  const head = [
    "Recovery key, locked with a passphrase that is not written here. Should the key",
    `  ${formatFingerprint(person.fingerprint)}`,
    `of ${name} be lost or stolen, this one names another in its place:`,
    "  peri key init; peri key succeed --to NEW --recovery FILE --reason lost",
    `Its own fingerprint: ${formatFingerprint(made.fingerprint)}`,
    `Written ${new Date(clock.nowMs()).toISOString().slice(0, 10)}.`,
  ];
  const text = `${head.join("\n")}\n\n${body}\n`;
  const back = await readBackup(pgp, text);
  await pgp.unlock(back, passphrase);
  if (equalBytes(back, made.secretKey) || !isPaper) return { fingerprint: made.fingerprint, text };
  throw new PeriError("damaged", { op: OP, subject: "what was written does not bring it back" });
}

/**
 * Opens a recovery key from its file with the passphrase that is asked.
 *
 * @throws {PeriError} `damaged` when it cannot be read, `denied` for a wrong passphrase.
 */
export async function openRecoveryKey(
  tools: KeyTools,
  text: string,
): Promise<{ readonly fingerprint: Fingerprint; readonly secretKey: Bytes }> {
  const locked = await readBackup(tools.pgp, text);
  const info = await tools.pgp.inspect(await tools.pgp.publicPart(locked));
  const person = info.fingerprint;
  const purpose = `Unlock the recovery key ${info.userIds[0] ?? person}`;
  return { fingerprint: person, secretKey: await unlockAsked(tools, locked, { person, purpose }) };
}
