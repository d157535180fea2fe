/**
 * Changing a person's own key: its passphrase, when it expires, and its end.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { Fingerprint } from "../model/words.ts";
import type { Revocation } from "../ports/keysmith.ts";
import type { Passphrase } from "../ports/passphrase.ts";
import {
  certificateOf,
  howToRenew,
  type KeyTools,
  type PersonKey,
  refuseEmpty,
  showPerson,
} from "./person.ts";
import { unlockAsked } from "./unlock.ts";

/** Longest words of a person on why they revoke; they become part of the key. */
const MAX_REASON_LENGTH = 200;

/**
 * Locks the secret key with another passphrase, or with none. The key itself stays the same; copies
 * of it made earlier keep their passphrase.
 *
 * @param options `fresh`: where the new passphrase comes from; `unprotected`: it gets none
 * @throws {PeriError} `not-found` when the secret is not here, `denied` for a wrong passphrase,
 * `invalid` for an empty one.
 */
export async function changePassphrase(
  tools: KeyTools,
  person: Fingerprint,
  options: { readonly fresh: Passphrase; readonly unprotected: boolean },
): Promise<void> {
  const { pgp, smith, keyring } = tools;
  const op = "change the passphrase";
  const key = await showPerson(tools, person);
  const opened = await openSecret(tools, key, op, `gpg --change-passphrase ${person}`);
  const passphrase = options.unprotected ? "" : await options.fresh.ask({
    purpose: `Choose a new passphrase for the key of ${key.userIds[0] ?? person}`,
    fresh: true,
  });
  if (!options.unprotected) refuseEmpty(passphrase, op);
  const locked = await smith.lock(opened, passphrase);
  // What is kept must open again before it takes the place of what does.
  await pgp.unlock(locked, passphrase);
  const certificate = await keyring.certificate(person);
  const secretKey = await pgp.armor(locked);
  await keyring.replace({ fingerprint: person, certificate, secretKey });
}

/**
 * Lets a key and its subkeys expire at another time, or never; also one that has expired. One that
 * stays in gpg is renewed by gpg.
 *
 * @throws {PeriError} `not-found` when the secret is not here, `invalid` when its primary part is
 * not or the time has passed, `denied` for a revoked key or a wrong passphrase.
 */
export async function renewPerson(
  tools: KeyTools,
  person: Fingerprint,
  expiresMs: number | undefined,
): Promise<PersonKey> {
  const op = "renew the key";
  const key = await showPerson(tools, person);
  if (key.custody === "gpg") return await renewInGpg(tools, key, expiresMs);
  const opened = await openSecret(tools, key, op, howToRenew(person, "gpg"));
  const certificate = await certificateOf(tools, person);
  await keepCertificate(tools, key, await tools.smith.renew(opened, certificate, expiresMs));
  return await showPerson(tools, person);
}

async function renewInGpg(
  tools: KeyTools,
  key: PersonKey,
  expiresMs: number | undefined,
): Promise<PersonKey> {
  const { fingerprint } = key;
  await tools.gpg.renew(fingerprint, expiresMs);
  const known = await certificateOf(tools, fingerprint);
  const renewed = await tools.smith.merge(known, await tools.gpg.certificate(fingerprint));
  await keepCertificate(tools, key, renewed);
  return await showPerson(tools, fingerprint);
}

/** Which revocation is meant: one made now, or a certificate made earlier. */
export type RevocationWish = Revocation | { readonly certificate: string };

/**
 * Takes a key out of use for good. With a certificate made earlier no secret is needed.
 *
 * @returns the revocation certificate that was applied, ASCII armor
 * @throws {PeriError} `denied` when it is revoked already, for a wrong passphrase or another key's
 * certificate; `invalid` when the primary secret is needed and not here.
 */
export async function revokePerson(
  tools: KeyTools,
  person: Fingerprint,
  wish: RevocationWish,
): Promise<string> {
  const key = await showPerson(tools, person);
  if (key.revoked) {
    // One of its files may not say so yet.
    await keepCertificate(tools, key, await certificateOf(tools, person));
    const subject = `${person} is revoked already`;
    throw new PeriError("exists", { op: "revoke the key", subject, hint: "peri key publish" });
  }
  const revocation = "certificate" in wish
    ? wish.certificate
    : await revocationFor(tools, key, wish);
  const certificate = await certificateOf(tools, person);
  await keepCertificate(tools, key, await tools.smith.withRevocation(certificate, revocation));
  return revocation;
}

async function revocationFor(
  tools: KeyTools,
  key: PersonKey,
  why: Revocation,
): Promise<string> {
  if (why.text.length > MAX_REASON_LENGTH) {
    const subject = `a reason of ${why.text.length} characters, ${MAX_REASON_LENGTH} allowed`;
    throw new PeriError("too-large", { op: "revoke the key", subject });
  }
  const { fingerprint } = key;
  const hint = `peri key revoke --certificate FILE; gpg's are in ~/.gnupg/openpgp-revocs.d`;
  return await tools.smith.revoke(await openSecret(tools, key, "revoke the key", hint), why)
    .catch((error: unknown) => {
      if (!(error instanceof PeriError) || error.kind !== "invalid") throw error;
      const { op, subject } = error;
      const better = `${hint}, peri's: peri key export --revocation ${fingerprint}`;
      throw new PeriError("invalid", { op, subject, hint: better });
    });
}

/**
 * The secret key, open.
 *
 * @param op what for
 * @param elsewhere what to type when it is in gpg
 * @throws {PeriError} `not-found` when the secret is not here, `denied` for a wrong passphrase.
 */
export async function openSecret(
  tools: KeyTools,
  { fingerprint, custody, userIds }: PersonKey,
  op: string,
  elsewhere: string,
): Promise<Bytes> {
  if (custody !== "here") {
    const isInGpg = custody === "gpg";
    throw new PeriError("not-found", {
      op,
      subject: `the secret of ${fingerprint} ${isInGpg ? "stays in gpg" : "is not here"}`,
      hint: isInGpg ? elsewhere : "peri key import FILE with the secret key",
    });
  }
  const secretKey = await tools.pgp.dearmor(await tools.keyring.secretKey(fingerprint));
  const purpose = `Unlock the key of ${userIds[0] ?? fingerprint} to ${op}`;
  return await unlockAsked(tools, secretKey, { person: fingerprint, purpose });
}

/**
 * Keeps a newer certificate of a kept key. The secret key's file says the same and comes first: what
 * dies in between is done again by the same command.
 */
export async function keepCertificate(
  { pgp, smith, keyring }: KeyTools,
  { fingerprint, custody }: Pick<PersonKey, "fingerprint" | "custody">,
  certificate: Bytes,
): Promise<void> {
  const armored = await pgp.armor(certificate);
  if (custody !== "here") return await keyring.replace({ fingerprint, certificate: armored });
  const kept = await pgp.dearmor(await keyring.secretKey(fingerprint));
  const secretKey = await pgp.armor(await smith.adopt(kept, certificate));
  await keyring.replace({ fingerprint, certificate: armored, secretKey });
}
