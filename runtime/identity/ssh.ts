/**
 * The SSH key of a person: the part of their OpenPGP key that authenticates.
 *
 * @module
 */

import { type Bytes, formatHex, parseHex } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { formatSshKey } from "../model/ssh/key.ts";
import type { Fingerprint } from "../model/words.ts";
import type { KeyPart } from "../ports/pgp.ts";
import { type KeyTools, showPerson } from "./person.ts";
import { unlockAsked } from "./unlock.ts";

/** A part that authenticates, by which a person comes in. */
export interface SshKey {
  /** Of the part, not of the person. */
  readonly fingerprint: Fingerprint;
  /** The public key as SSH carries it. */
  readonly key: Bytes;
}

/**
 * The parts of a key that authenticate now, the newest first: none of a key that is revoked or has
 * expired.
 *
 * @param parts the primary key and then its subkeys
 */
export function sshKeysOf(parts: readonly KeyPart[], nowMs: number): SshKey[] {
  const [primary] = parts;
  if (primary === undefined || !isGood(primary, nowMs)) return [];
  return parts
    .filter((part) => isGood(part, nowMs) && part.uses.includes("authenticate"))
    .toSorted((a, b) => b.createdMs - a.createdMs)
    .flatMap(({ fingerprint, ssh }) => ssh === undefined ? [] : [{ fingerprint, key: ssh }]);
}

function isGood({ revoked, expiresMs = Infinity, createdMs }: KeyPart, nowMs: number): boolean {
  return !revoked && expiresMs > nowMs && createdMs <= nowMs;
}

/** The newest of them. @throws {PeriError} `not-found` when no part authenticates now. */
export async function sshKeyOf(tools: KeyTools, person: Fingerprint): Promise<SshKey> {
  const { parts } = await showPerson(tools, person);
  const [newest] = sshKeysOf(parts, tools.clock.nowMs());
  if (newest !== undefined) return newest;
  throw new PeriError("not-found", {
    op: "find your SSH key",
    subject: `no part of ${person} authenticates now`,
    hint: `gpg --quick-add-key ${person} ed25519 auth 1y, then peri key import --replace`,
  });
}

/** A line of `authorized_keys`, the same as that of `gpg --export-ssh-key`. */
export async function exportSshKey(tools: KeyTools, person: Fingerprint): Promise<string> {
  const { fingerprint, key } = await sshKeyOf(tools, person);
  return formatSshKey(key, sshComment(fingerprint));
}

/** GnuPG's name of a part: the last digits of its key id. */
function sshComment(fingerprint: Fingerprint): string {
  const bytes = parseHex(fingerprint.toLowerCase());
  // The key id is at the other end in version 6 (RFC 9580 section 5.5.4.3).
  const id = bytes.length === 20 ? bytes.subarray(-4) : bytes.subarray(4, 8);
  return `openpgp:0x${formatHex(id).toUpperCase()}`;
}

/**
 * The secret of it as a file of OpenSSH, locked with a passphrase that is asked anew; an empty one
 * leaves it open, when `evenUnprotected` says so.
 *
 * @throws {PeriError} `not-found` when the secret is not here, `invalid` for a key that is not
 * Ed25519 or an empty passphrase, `denied` when the key's passphrase is wrong.
 */
export async function exportSshSecret(
  tools: KeyTools,
  person: Fingerprint,
  options: { readonly evenUnprotected?: boolean } = {},
): Promise<string> {
  const { pgp, keyring, passphrase, smith } = tools;
  const { fingerprint } = await sshKeyOf(tools, person);
  const locked = await pgp.dearmor(await keyring.secretKey(person));
  const purpose = `Unlock the key of ${person} to export its SSH key`;
  const open = await unlockAsked(tools, locked, { person, purpose });
  const chosen = options.evenUnprotected ? "" : await passphrase.ask({
    purpose: "Choose a passphrase for the file, which is asked whenever it is used",
    fresh: true,
  });
  if (chosen === "" && !options.evenUnprotected) {
    const subject = "the passphrase is empty: whoever reads the file could come in as you";
    const hint = "choose a passphrase, or say --unprotected";
    throw new PeriError("invalid", { op: "export the SSH key", subject, hint });
  }
  return await smith.sshSecret(open, fingerprint, chosen, sshComment(fingerprint));
}
