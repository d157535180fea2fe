/**
 * Taking a person's keys in and giving them out.
 *
 * @module
 */

import { type Bytes, decodeUtf8 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { Fingerprint } from "../model/words.ts";
import type { CertificateInfo, Pgp } from "../ports/pgp.ts";
import { type KeyTools, type PersonKey, settle } from "./person.ts";

const IMPORT = "import the key";

/**
 * Takes in a key that was made elsewhere, secret or public, armored or binary:
 * `gpg --export-secret-keys FINGERPRINT`.
 *
 * @param options `replace`: take the place of the same key kept before, whose expiry was extended
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
  const certificate = publicPart ?? bytes;
  const { fingerprint } = await requireUsable(tools, certificate);
  const secret = publicPart === undefined ? {} : { secretKey: await pgp.armor(bytes) };
  const key = { fingerprint, certificate: await pgp.armor(certificate), ...secret };
  await (options.replace ? keyring.replace(key) : keyring.put(key));
  const unprotected = publicPart !== undefined && await isUnprotected(pgp, bytes);
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
  const { fingerprint } = await requireUsable(tools, certificate);
  if (fingerprint !== person || !await tools.gpg.hasSecret(person)) {
    throw new PeriError("not-found", {
      op: IMPORT,
      subject: `gpg has no secret key ${person}`,
      hint: "gpg --list-secret-keys shows those it has",
    });
  }
  const armored = await tools.pgp.armor(certificate);
  const key = { fingerprint, certificate: armored, inGpg: true };
  await (options.replace ? tools.keyring.replace(key) : tools.keyring.put(key));
  return await settle(tools, fingerprint);
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
