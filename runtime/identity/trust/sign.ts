/**
 * Signing another person's user ids with one's own key, wherever its secret is.
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_TRUST_DISTANCE } from "../../model/limits.ts";
import type { Fingerprint } from "../../model/words.ts";
import { AMOUNT, type CertificationWish } from "../../ports/certification.ts";
import { openSecret } from "../change.ts";
import { certificateOf, type KeyTools, showPerson } from "../person.ts";
import { parseRegex } from "./regex.ts";

const SIGN = "sign a key";

/**
 * Signs user ids of a certificate. What comes back was checked as others will check it.
 *
 * @returns a keyring of both certificates, with the signatures
 * @throws {PeriError} `denied` for a certificate that is revoked, or a wrong passphrase; `expired`;
 * `not-found` for user ids that are not in it, or without the secret; `invalid` for terms that cannot
 * be.
 */
export async function signPerson(
  tools: KeyTools,
  signer: Fingerprint,
  certificate: Bytes,
  wish: CertificationWish,
): Promise<Bytes> {
  checkTerms(wish);
  await refuseEnded(tools, certificate);
  const key = await showPerson(tools, signer);
  const ring = key.custody === "gpg"
    ? await tools.gpg.certify(
      signer,
      { own: await certificateOf(tools, signer), other: certificate },
      wish,
    )
    : await tools.smith.certify(
      await openSecret(tools, key, SIGN, ""),
      certificate,
      wish,
    );
  await expect(tools, signer, ring, wish.userIds, false);
  return ring;
}

/**
 * Takes back what was signed over user ids.
 *
 * @param ring the certificate with the signatures that are taken back
 * @returns a keyring as {@link signPerson} gives it
 * @throws {PeriError} as {@link signPerson}.
 */
export async function unsignPerson(
  tools: KeyTools,
  signer: Fingerprint,
  ring: Bytes,
  certificate: Bytes,
  userIds: readonly string[],
): Promise<Bytes> {
  const key = await showPerson(tools, signer);
  const taken = key.custody === "gpg"
    ? await tools.gpg.uncertify(
      signer,
      { own: await certificateOf(tools, signer), other: ring },
      userIds,
    )
    : await tools.smith.uncertify(
      await openSecret(tools, key, "take a signature back", ""),
      certificate,
      userIds,
    );
  await expect(tools, signer, taken, userIds, true);
  return taken;
}

/** @throws {PeriError} `invalid` for depths, amounts and expressions that others would not take. */
function checkTerms({ depth, amount, regex }: CertificationWish): void {
  const refuse = (subject: string, hint: string) =>
    new PeriError("invalid", { op: SIGN, subject, hint });
  if (!Number.isInteger(depth) || depth < 0 || depth > MAX_TRUST_DISTANCE) {
    throw refuse(`a depth of ${depth}`, `--depth is 0 to ${MAX_TRUST_DISTANCE}`);
  }
  if (depth > 0 && !(Number.isInteger(amount) && amount > 0 && amount <= 255)) {
    throw refuse(
      `an amount of ${amount}`,
      `--amount is partial (${AMOUNT.partial}) or full (${AMOUNT.full})`,
    );
  }
  if (regex === undefined) return;
  if (depth === 0) throw refuse("a domain bounds whom they may certify", "give a --depth, too");
  parseRegex(regex);
}

/** @throws {PeriError} `denied`, `expired`. */
async function refuseEnded({ pgp, clock }: KeyTools, certificate: Bytes): Promise<void> {
  const { fingerprint, revoked, expiresMs } = await pgp.inspect(certificate);
  if (revoked) {
    throw new PeriError("denied", { op: SIGN, subject: `${fingerprint} is revoked` });
  }
  if (expiresMs === undefined || expiresMs > clock.nowMs()) return;
  throw new PeriError("expired", {
    op: SIGN,
    subject: `${fingerprint} expired ${new Date(expiresMs).toISOString()}`,
    hint: "ask them to renew it: peri key renew",
  });
}

/** A card, an agent and a file may disagree on what a key is; others will check just this. */
async function expect(
  { pgp }: KeyTools,
  signer: Fingerprint,
  ring: Bytes,
  userIds: readonly string[],
  isRevocation: boolean,
): Promise<void> {
  const { certifications } = await pgp.certifications(ring, []);
  const missing = userIds.filter((userId) =>
    !certifications.some((each) =>
      each.issuer === signer && each.userId === userId && each.isRevocation === isRevocation
    )
  );
  if (missing.length === 0) return;
  const subject = `no signature of ${signer} over ${missing.join(", ")} came of it`;
  throw new PeriError("denied", { op: SIGN, subject });
}
