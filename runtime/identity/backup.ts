/**
 * A copy of a person's secret key for a drawer: locked with a passphrase, as OpenPGP armor or as
 * lines to print, and tested before anybody relies on it.
 *
 * @module
 */

import { type Bytes, decodeUtf8, equalBytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { type Fingerprint, formatFingerprint } from "../model/words.ts";
import type { Passphrase } from "../ports/passphrase.ts";
import type { CertificateInfo } from "../ports/pgp.ts";
import { joinKnown } from "./carry.ts";
import { openSecret } from "./change.ts";
import { formatPaper, isPaper, parsePaper } from "./paper.ts";
import { type KeyTools, type PersonKey, refuseEmpty, settle, showPerson } from "./person.ts";
import { unlockAsked, type UnlockTools } from "./unlock.ts";

const BACKUP = "back up the key";
const RESTORE = "restore the key";

/** A backup to be kept somewhere safe. */
export interface Backup {
  readonly fingerprint: Fingerprint;
  /** What is written, with its last line's end. */
  readonly text: string;
  /** What opens it; for the test of what was written. */
  readonly passphrase: string;
}

/** How a backup is made. */
export interface BackupWish {
  /** Lines to print instead of armor. */
  readonly isPaper: boolean;
  /** Where a passphrase of its own comes from; absent: that of the key. */
  readonly fresh?: Passphrase;
}

/**
 * Makes a backup of a key whose secret is here. It is always locked: a key without a passphrase needs
 * one for its backup.
 *
 * @throws {PeriError} `not-found` when the secret is not here, `denied` for a wrong passphrase,
 * `invalid` for an empty one.
 */
export async function makeBackup(
  tools: KeyTools,
  person: Fingerprint,
  wish: BackupWish,
): Promise<Backup> {
  const key = await showPerson(tools, person);
  let passphrase = "";
  const noting: UnlockTools = {
    pgp: tools.pgp,
    passphrase: {
      ask: async (request) => passphrase = await tools.passphrase.ask(request),
      reject: (request) => tools.passphrase.reject(request),
    },
  };
  const hint = `gpg --armor --export-secret-keys ${person}`;
  const opened = await openSecret({ ...tools, ...noting }, key, BACKUP, hint);
  if (wish.fresh !== undefined || passphrase === "") {
    const purpose = `Choose a passphrase for the backup of ${key.userIds[0] ?? person}`;
    passphrase = await (wish.fresh ?? tools.passphrase).ask({ purpose, fresh: true });
  }
  refuseEmpty(passphrase, BACKUP);
  const locked = await tools.smith.lock(opened, passphrase);
  const body = wish.isPaper ? formatPaper(locked) : (await tools.pgp.armor(locked)).trimEnd();
  const head = headOf(key, tools.clock.nowMs(), wish.isPaper);
  const text = `${head.join("\n")}\n\n${body}\n`;
  const backup = { fingerprint: person, text, passphrase };
  await testBackup(tools, backup, text);
  return backup;
}

/**
 * Tests that what was written brings the key back: it can be read, it is the key of the keyring, part
 * by part, and its passphrase opens every secret.
 *
 * @param written read back from where it was written
 * @throws {PeriError} `damaged` when it would not.
 */
export async function testBackup(
  tools: KeyTools,
  { fingerprint, passphrase }: Backup,
  written: string,
): Promise<void> {
  const { pgp, keyring } = tools;
  const locked = await readBackup(pgp, written);
  const [kept, restored] = [
    await pgp.parts(await pgp.dearmor(await keyring.secretKey(fingerprint))),
    await pgp.parts(await pgp.unlock(locked, passphrase)),
  ];
  const isWhole = kept.length === restored.length &&
    kept.every((part, index) =>
      restored[index]!.fingerprint === part.fingerprint &&
      (restored[index]!.secret === "open" || part.secret === "elsewhere")
    );
  const isLocked = (await pgp.parts(locked)).every(({ secret }) => secret !== "open");
  if (isWhole && isLocked) return;
  throw new PeriError("damaged", {
    op: BACKUP,
    subject: `what was written does not bring ${fingerprint} back; do not rely on it`,
  });
}

/** A backup that was opened, and so could be restored. */
export interface OpenedBackup {
  readonly info: CertificateInfo;
  readonly locked: Bytes;
}

/**
 * Reads a backup, armor or printed lines, and opens it with the passphrase that is asked.
 *
 * @throws {PeriError} `damaged` when it cannot be read, naming the lines; `denied` for a wrong
 * passphrase.
 */
export async function openBackup(tools: KeyTools, content: Uint8Array): Promise<OpenedBackup> {
  const { pgp } = tools;
  const locked = await readBackup(pgp, decodeUtf8(content));
  const info = await pgp.inspect(await pgp.publicPart(locked));
  const person = info.fingerprint;
  const purpose = `Unlock the backup of ${info.userIds[0] ?? person}`;
  await unlockAsked(tools, locked, { person, purpose });
  return { info, locked };
}

/**
 * Keeps the key of a backup, locked as the backup is. Also one that has expired or is revoked: it is
 * the person's own.
 *
 * @throws {PeriError} `exists` when its secret is kept already.
 */
export async function restoreBackup(
  tools: KeyTools,
  { info, locked }: OpenedBackup,
): Promise<PersonKey> {
  const { pgp, keyring } = tools;
  const { fingerprint } = info;
  const entry = (await keyring.list()).find((one) => one.fingerprint === fingerprint);
  if (entry !== undefined && entry.custody !== "absent") {
    throw new PeriError("exists", {
      op: RESTORE,
      subject: `${fingerprint} is here already`,
      hint: "peri key import --replace FILE takes the copy in its place; --check only tests it",
    });
  }
  const known = await joinKnown(tools, fingerprint, await pgp.publicPart(locked));
  const secretKey = await pgp.armor(await tools.smith.adopt(locked, known));
  await keyring.put({ fingerprint, certificate: await pgp.armor(known), secretKey });
  return await settle(tools, fingerprint);
}

/** The locked secret key in a backup, armor or printed lines. @throws {PeriError} `damaged`. */
export async function readBackup(pgp: KeyTools["pgp"], text: string): Promise<Bytes> {
  if (isPaper(text)) {
    const bytes = parsePaper(text);
    const armored = await pgp.armor(bytes);
    if (equalBytes(await pgp.dearmor(armored), bytes)) return bytes;
  }
  const start = text.indexOf("-----BEGIN PGP PRIVATE KEY BLOCK-----");
  if (start >= 0) return await pgp.dearmor(text.slice(start));
  throw new PeriError("damaged", {
    op: RESTORE,
    subject: "it is neither an armored secret key nor lines of a printed one",
    hint: "peri key backup writes both; a printed line reads  1: C586 0469 …  7F31A2",
  });
}

function headOf(key: PersonKey, nowMs: number, isPaper: boolean): string[] {
  const about = [
    "Secret key of a person, locked with a passphrase that is not written here.",
    ...key.userIds.slice(0, 3).map((userId) => `  ${shown(userId)}`),
    `  ${formatFingerprint(key.fingerprint)}`,
    `Written ${
      new Date(nowMs).toISOString().slice(0, 10)
    }. To bring it back: peri key restore FILE.`,
  ];
  if (!isPaper) return [...about, "Or without peri: gpg --import FILE."];
  return [
    ...about,
    "Scan or type the lines below into FILE. Each ends with a check of its own (CRC-24 of OpenPGP",
    "over the line's number in two bytes and its bytes), so a wrong one is named. Without peri, the",
    "digits between colon and check are an OpenPGP secret key in hexadecimal:",
    "  sed -nE 's/^ *[0-9]+: (.*) [0-9A-F]{6}$/\\1/p' FILE | xxd -r -p | gpg --import",
  ];
}

/** A user id cannot steer a terminal or look like a line of the key. */
function shown(userId: string): string {
  return userId.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?").slice(0, 80);
}
