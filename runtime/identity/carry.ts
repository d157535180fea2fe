/**
 * Taking a person's keys in and giving them out.
 *
 * @module
 */

import { type Bytes, decodeUtf8 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { Fingerprint } from "../model/words.ts";
import type { CertificateInfo, Pgp } from "../ports/pgp.ts";
import { keepCertificate } from "./change.ts";
import { certificateOf, type KeyTools, type PersonKey, settle, showPerson } from "./person.ts";

const IMPORT = "import the key";

/**
 * Takes in a key that was made elsewhere, secret or public, armored or binary:
 * `gpg --export-secret-keys FINGERPRINT`.
 *
 * @param options `replace`: the same key is kept already, and this copy may know more of it: a later
 * expiry, a revocation, another passphrase. What the kept one knows is not lost.
 * @returns the key, and whether its secret is in reach of whoever reads the file
 * @throws {PeriError} `damaged` when it is no key, `too-large`, `exists` when it is kept already,
 * `denied` when it is revoked, `expired`, `invalid` when it cannot sign.
 */
export async function importPerson(
  tools: KeyTools,
  content: Uint8Array,
  options: { readonly replace?: boolean } = {},
): Promise<{ key: PersonKey; unprotected: boolean }> {
  const { pgp, keyring } = tools;
  const bytes = await toBinary(pgp, content);
  const publicPart = await pgp.publicPart(bytes).catch((error: unknown) => {
    // A certificate; if it is neither, reading it below says so.
    if (error instanceof PeriError && error.kind === "damaged") return undefined;
    throw error;
  });
  const secret = publicPart === undefined ? undefined : bytes;
  const certificate = publicPart ?? bytes;
  if (secret !== undefined) await requireSecret(pgp, secret);
  const unprotected = secret !== undefined && await isUnprotected(pgp, secret);
  if (options.replace) return { key: await replace(tools, certificate, secret), unprotected };
  const { fingerprint } = await pgp.inspect(certificate);
  const known = await joinKnown(tools, fingerprint, certificate);
  await requireUsable(tools, known);
  const secretKey = secret === undefined
    ? {}
    : { secretKey: await pgp.armor(await tools.smith.adopt(secret, known)) };
  await keyring.put({ fingerprint, certificate: await pgp.armor(known), ...secretKey });
  return { key: await settle(tools, fingerprint), unprotected };
}

/**
 * Takes in the certificate of a key whose secret stays in GnuPG, which then signs.
 *
 * @throws {PeriError} `not-found` when gpg has no secret for it, and as {@link importPerson}.
 */
export async function importFromGpg(
  tools: KeyTools,
  person: Fingerprint,
  options: { readonly replace?: boolean } = {},
): Promise<PersonKey> {
  const certificate = await tools.gpg.certificate(person);
  const { fingerprint } = await tools.pgp.inspect(certificate);
  if (fingerprint !== person || !await tools.gpg.hasSecret(person)) {
    throw new PeriError("not-found", {
      op: IMPORT,
      subject: `gpg has no secret key ${person}`,
      hint: "gpg --list-secret-keys shows those it has",
    });
  }
  if (options.replace) return await replace(tools, certificate);
  await requireUsable(tools, certificate);
  const armored = await tools.pgp.armor(certificate);
  await tools.keyring.put({ fingerprint, certificate: armored, inGpg: true });
  return await settle(tools, fingerprint);
}

/**
 * A certificate with what is kept of it: a copy made before a key was revoked or extended takes
 * nothing of that back.
 */
export async function joinKnown(
  tools: KeyTools,
  person: Fingerprint,
  certificate: Bytes,
): Promise<Bytes> {
  const isKept = (await tools.keyring.list()).some(({ fingerprint }) => fingerprint === person);
  if (!isKept) return certificate;
  return await tools.smith.merge(await certificateOf(tools, person), certificate);
}

/** Brings a kept key up to date. @throws {PeriError} `not-found` when it is not kept. */
async function replace(
  tools: KeyTools,
  certificate: Bytes,
  secret?: Bytes,
): Promise<PersonKey> {
  const { pgp, smith, keyring } = tools;
  const { fingerprint } = await pgp.inspect(certificate);
  const kept = await showPerson(tools, fingerprint);
  const merged = await smith.merge(await certificateOf(tools, fingerprint), certificate);
  if (secret === undefined) await keepCertificate(tools, kept, merged);
  else {
    await refuseLoss(tools, kept, secret);
    const secretKey = await pgp.armor(await smith.adopt(secret, merged));
    await keyring.replace({ fingerprint, certificate: await pgp.armor(merged), secretKey });
  }
  return await showPerson(tools, fingerprint);
}

/** @throws {PeriError} `invalid` when a copy lacks a secret that is kept: it would be gone for good. */
async function refuseLoss(
  { pgp, keyring }: KeyTools,
  { fingerprint, custody }: PersonKey,
  secret: Bytes,
): Promise<void> {
  if (custody !== "here") return;
  const kept = await pgp.parts(await pgp.dearmor(await keyring.secretKey(fingerprint)));
  const offered = (await pgp.parts(secret)).filter((part) => part.secret !== "elsewhere");
  const brought = new Set(offered.map((part) => part.fingerprint));
  const lost = kept.find((part) => part.secret !== "elsewhere" && !brought.has(part.fingerprint));
  if (lost === undefined) return;
  throw new PeriError("invalid", {
    op: IMPORT,
    subject: `the secret of the part ${lost.fingerprint} is kept here and not in this copy`,
    hint: `gpg --export ${fingerprint} | peri key import --replace takes in its public part alone`,
  });
}

/** @throws {PeriError} `invalid` for a key of which only stubs are here, as of one on a card. */
async function requireSecret(pgp: Pgp, secret: Bytes): Promise<void> {
  const parts = await pgp.parts(secret);
  const canSign = parts.some(({ uses, secret }) => uses.includes("sign") && secret !== "elsewhere");
  if (canSign) return;
  const { fingerprint } = parts[0]!;
  throw new PeriError("invalid", {
    op: IMPORT,
    subject: `no secret of ${fingerprint} that signs is in this copy: it is on a card or elsewhere`,
    hint: `peri key import --gpg ${fingerprint} has gpg sign for you, with the card`,
  });
}

/**
 * ASCII armor of the certificate, or of the secret key as it is kept, locked.
 *
 * @param options `evenUnprotected`: give out a secret that no passphrase locks
 * @throws {PeriError} `not-found` when the secret is not here, `denied` for an unprotected one.
 */
export async function exportPerson(
  tools: KeyTools,
  person: Fingerprint,
  options: { readonly secret?: boolean; readonly evenUnprotected?: boolean } = {},
): Promise<string> {
  const { pgp, keyring } = tools;
  if (!options.secret) return await keyring.certificate(person);
  const armored = await keyring.secretKey(person);
  if (options.evenUnprotected || !await isUnprotected(pgp, await pgp.dearmor(armored))) {
    return armored;
  }
  throw new PeriError("denied", {
    op: "export the secret key",
    subject: `no passphrase protects ${person}: whoever reads the export would be you`,
    hint: "say --unprotected if that is what you want",
  });
}

async function toBinary(pgp: Pgp, content: Uint8Array): Promise<Bytes> {
  // The first octet of a binary packet has its top bit set, that of text has not.
  const isArmored = (content[0] ?? 0) < 0x80;
  return isArmored ? await pgp.dearmor(decodeUtf8(content)) : content as Bytes;
}

/** @throws {PeriError} `denied`, `expired` or `invalid` when nobody would believe this key. */
async function requireUsable(
  { pgp, clock }: KeyTools,
  certificate: Uint8Array,
): Promise<CertificateInfo> {
  const info = await pgp.inspect(certificate);
  const name = `${info.fingerprint} (${info.userIds[0] ?? "no user id"})`;
  if (info.revoked) throw new PeriError("denied", { op: IMPORT, subject: `${name} is revoked` });
  if (info.expiresMs !== undefined && info.expiresMs <= clock.nowMs()) {
    throw new PeriError("expired", {
      op: IMPORT,
      subject: `${name} expired ${new Date(info.expiresMs).toISOString()}`,
      hint: `gpg --quick-set-expire ${info.fingerprint} 1y, then export it again`,
    });
  }
  if (info.canSign) return info;
  throw new PeriError("invalid", {
    op: IMPORT,
    subject: `${name} has no valid key that may sign`,
    hint: `gpg --quick-add-key ${info.fingerprint} ed25519 sign 1y, then export it again`,
  });
}

async function isUnprotected(pgp: Pgp, secretKey: Bytes): Promise<boolean> {
  // A key that opens with the empty passphrase is as good as open.
  return await pgp.unlock(secretKey, "").then(() => true, (error: unknown) => {
    if (error instanceof PeriError && error.kind === "denied") return false;
    throw error;
  });
}
