/**
 * The person's own keys: making, showing, choosing.
 *
 * @module
 */

import { type Bytes, equalBytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { type Fingerprint, isFingerprint, parseFingerprint } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Gpg } from "../ports/gpg.ts";
import type { Keysmith } from "../ports/keysmith.ts";
import type { Custody, KeyEntry, Keyring } from "../ports/keyring.ts";
import type { Passphrase } from "../ports/passphrase.ts";
import type { CertificateInfo, KeyPart, Pgp } from "../ports/pgp.ts";
import { type Warning, warnOfKey } from "./expiry.ts";

/** What work with a person's keys needs. */
export interface KeyTools {
  readonly pgp: Pgp;
  readonly smith: Keysmith;
  readonly keyring: Keyring;
  readonly passphrase: Passphrase;
  readonly gpg: Gpg;
  readonly clock: Clock;
}

/** A key of the person, as it is shown. */
export interface PersonKey extends CertificateInfo {
  readonly custody: Custody;
  /** Whether it is used when nothing else is said. */
  readonly isDefault: boolean;
  /** The primary key, then its subkeys. */
  readonly parts: readonly KeyPart[];
  /** What ends soon. */
  readonly warnings: readonly Warning[];
}

/** A shorter prefix of a fingerprint is more likely a word of a user id. */
const MIN_PREFIX = 8;

/**
 * Makes a key and keeps it, locked with a passphrase that is asked, or with none when `unprotected`
 * says so. It becomes the default when there was none.
 *
 * @param options `expiresMs` absent: it never expires
 * @throws {PeriError} `invalid` for a user id or expiry that cannot be, or an empty passphrase.
 */
export async function initPerson(
  tools: KeyTools,
  options: {
    readonly userId: string;
    readonly expiresMs?: number;
    readonly unprotected?: boolean;
    /** Keeps the revocation certificate elsewhere than in the keyring, before the key is kept. */
    readonly keepRevocation?: (armor: string) => Promise<void>;
  },
): Promise<PersonKey> {
  const { userId, expiresMs } = options;
  const passphrase = options.unprotected ? "" : await tools.passphrase.ask({
    purpose: `Choose a passphrase for the new key of ${userId}`,
    fresh: true,
  });
  if (!options.unprotected) refuseEmpty(passphrase, "make a key");
  const made = await tools.pgp.makePersonKey(
    expiresMs === undefined ? { userId, passphrase } : { userId, passphrase, expiresMs },
  );
  const { fingerprint, revocation = "" } = made;
  await options.keepRevocation?.(revocation);
  await tools.keyring.put({
    fingerprint,
    certificate: await tools.pgp.armor(made.certificate),
    secretKey: await tools.pgp.armor(made.secretKey),
    ...(options.keepRevocation === undefined ? { revocation } : {}),
  });
  return await settle(tools, made.fingerprint);
}

/** @throws {PeriError} `invalid` for a passphrase that keeps nobody out. */
export function refuseEmpty(passphrase: string, op: string): void {
  if (passphrase !== "") return;
  throw new PeriError("invalid", {
    op,
    subject: "the passphrase is empty: whoever reads the file would be you",
    hint: "choose a passphrase, or say --no-passphrase",
  });
}

/** What a key of the keyring says of itself. @throws {PeriError} `not-found`, `damaged`. */
export async function showPerson(tools: KeyTools, person: Fingerprint): Promise<PersonKey> {
  const entry = (await tools.keyring.list()).find(({ fingerprint }) => fingerprint === person);
  if (entry === undefined) throw notHere(person);
  return await describe(tools, entry, await tools.keyring.defaultKey());
}

/** All keys of the keyring, by fingerprint. @throws {PeriError} `damaged` when one of them is. */
export async function listPersons(tools: KeyTools): Promise<PersonKey[]> {
  const preferred = await tools.keyring.defaultKey();
  const entries = await tools.keyring.list();
  return await Promise.all(entries.map((entry) => describe(tools, entry, preferred)));
}

async function describe(
  tools: KeyTools,
  { fingerprint, custody }: KeyEntry,
  preferred: Fingerprint | undefined,
): Promise<PersonKey> {
  const certificate = await certificateOf(tools, fingerprint);
  const info = await tools.pgp.inspect(certificate);
  if (info.fingerprint === fingerprint) {
    const parts = await tools.pgp.parts(certificate);
    const warnings = warnOfKey(info, parts, tools.clock.nowMs(), howToRenew(fingerprint, custody));
    return { ...info, custody, isDefault: fingerprint === preferred, parts, warnings };
  }
  const subject = `the file of ${fingerprint} holds ${info.fingerprint}`;
  throw new PeriError("damaged", { op: "read a key", subject });
}

/** What lets a key expire later: where its secret is. */
export function howToRenew(person: Fingerprint, custody: Custody): string {
  return custody === "absent"
    ? "renew it where its secret is, then peri key import --replace FILE"
    : `peri key renew ${person}`;
}

/**
 * The key that is meant by a fingerprint, its first digits or a part of a user id; without either
 * the default, or the only one.
 *
 * @throws {PeriError} `not-found` when none is, `conflict` when several are.
 */
export async function choosePerson(tools: KeyTools, wanted?: string): Promise<PersonKey> {
  const named = wanted === undefined
    ? await tools.keyring.defaultKey()
    : isFingerprint(wanted)
    ? parseFingerprint(wanted)
    : undefined;
  // A key that is named is read alone, so that a broken one does not keep others from use.
  const kept = (await tools.keyring.list()).some(({ fingerprint }) => fingerprint === named);
  if (named !== undefined && kept) return await showPerson(tools, named);
  const keys = await listPersons(tools);
  const fitting = wanted === undefined ? keys : keys.filter((key) => isMeant(key, wanted));
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length === 0) throw notHere(wanted);
  throw new PeriError("conflict", {
    op: "choose a key",
    subject: `${wanted ?? "your key"} may be any of ` +
      fitting.map((key) => `${key.fingerprint} (${key.userIds[0] ?? "no user id"})`).join(", "),
    hint: "name one by its fingerprint",
  });
}

/**
 * The certificate of a kept key, with what the file of its secret says beyond it: of two files one
 * may have been written and the other not, when a change died in between.
 *
 * @throws {PeriError} `not-found`, `damaged`.
 */
export async function certificateOf(tools: KeyTools, person: Fingerprint): Promise<Bytes> {
  const { pgp, smith, keyring } = tools;
  const certificate = await pgp.dearmor(await keyring.certificate(person));
  const own = await keyring.secretKey(person)
    .then(async (armored) => await pgp.publicPart(await pgp.dearmor(armored)))
    // Not here, open to others or damaged: whoever needs the secret will say so.
    .catch((error: unknown) => {
      if (error instanceof PeriError) return certificate;
      throw error;
    });
  if (equalBytes(own, certificate)) return certificate;
  return await smith.merge(certificate, own).catch((error: unknown) => {
    if (error instanceof PeriError && error.kind === "denied") return certificate;
    throw error;
  });
}

function isMeant({ fingerprint, userIds }: PersonKey, wanted: string): boolean {
  const text = wanted.trim().toLowerCase();
  const digits = text.replace(/^0x/, "").replace(/[\s:]/g, "").toUpperCase();
  if (digits.length >= MIN_PREFIX && fingerprint.startsWith(digits)) return true;
  return text !== "" && userIds.some((userId) => userId.toLowerCase().includes(text));
}

function notHere(wanted: string | undefined): PeriError {
  return new PeriError("not-found", {
    op: "find your key",
    subject: wanted === undefined ? "there is none yet" : `no key here fits ${wanted}`,
    hint: wanted === undefined
      ? 'make one: peri key init --name "Your Name", or bring yours: peri key import FILE'
      : "peri key list shows the keys that are here",
  });
}

/** A key that was just kept, as it is shown; the default when there is no other. */
export async function settle(tools: KeyTools, person: Fingerprint): Promise<PersonKey> {
  if (await tools.keyring.defaultKey() === undefined) await tools.keyring.setDefault(person);
  return await showPerson(tools, person);
}
