/**
 * Changing a person's key: another passphrase, other terms, the end of it.
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Keysmith, Revocation, RevocationReason } from "../../ports/keysmith.ts";
import { certify } from "./certify.ts";
import { isSameKey, joinComponents, readComponents } from "./components.ts";
import { fingerprintOf } from "./keys.ts";
import { library } from "./library.ts";
import { mergeCertificates } from "./merge.ts";
import { judgingTime, readAnyKey, readCertificate, readSecretKey } from "./read.ts";
import { refuseWithoutPrimary, renewKey } from "./renew.ts";
import { writeSshSecret } from "./ssh.ts";

const REVOKE = "revoke a key";
/** A revocation certificate is one signature in armor; RSA-8192 has 1,500 characters. */
const MAX_REVOCATION_LENGTH = 8 * 1024;

/** Codes of reasons (RFC 9580 section 5.2.3.31). */
const REASONS: Readonly<Record<RevocationReason, number>> = {
  unspecified: 0,
  superseded: 1,
  compromised: 2,
  retired: 3,
};

/** Works on keys with signatures dated by the clock. */
export function openKeysmith(clock: Clock): Keysmith {
  return {
    lock: lockKey,
    renew: (secretKey, certificate, expiresMs) =>
      renewKey(secretKey, certificate, expiresMs, clock.nowMs()),
    revoke: (secretKey, why) => revocationOf(secretKey, why, clock.nowMs()),
    withRevocation: applyRevocation,
    adopt: (secretKey, certificate) => adoptCertificate(secretKey, certificate, clock.nowMs()),
    merge: (known, offered) => mergeCertificates(known, offered, clock.nowMs(), true),
    certify: (secretKey, certificate, wish) => certify(secretKey, certificate, wish, clock.nowMs()),
    uncertify: (secretKey, certificate, userIds) =>
      certify(secretKey, certificate, userIds, clock.nowMs()),
    sshSecret: writeSshSecret,
    revokedWhy: (key) => whyRevoked(key, clock.nowMs()),
  };
}

async function lockKey(secretKey: Uint8Array, passphrase: string): Promise<Bytes> {
  const key = await readSecretKey(secretKey, "lock a key");
  if (passphrase === "") return key.write() as Bytes;
  const { encryptKey } = await library();
  return (await encryptKey({ privateKey: key, passphrase })).write() as Bytes;
}

async function revocationOf(
  secretKey: Uint8Array,
  { reason, text }: Revocation,
  nowMs: number,
): Promise<string> {
  const key = await readSecretKey(secretKey, REVOKE);
  refuseWithoutPrimary(key, REVOKE);
  const { revokeKey } = await library();
  const date = judgingTime(key, nowMs);
  const why = { flag: REASONS[reason] as number, string: text };
  const { publicKey } = await revokeKey({
    key,
    reasonForRevocation: why,
    date,
    format: "object",
  });
  return await publicKey.getRevocationCertificate(date) as string;
}

async function applyRevocation(bytes: Uint8Array, revocation: string): Promise<Bytes> {
  const op = "apply a revocation certificate";
  if (revocation.length > MAX_REVOCATION_LENGTH) {
    const subject = `${revocation.length} characters, ${MAX_REVOCATION_LENGTH} allowed`;
    throw new PeriError("too-large", { op, subject });
  }
  const key = await readCertificate(bytes, op);
  // As gpg writes it: a colon before the first dash keeps it from being applied by mistake.
  const armor = revocation.replace(/^:(?=-----BEGIN)/m, "").replace(/^[^]*?(?=-----BEGIN)/, "");
  const { revokeKey } = await library();
  // In force whenever it was made: only the signature counts.
  const date = null as unknown as Date;
  const applied = await revokeKey({
    key,
    revocationCertificate: armor,
    date,
    format: "object",
  }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const isOther = /does not match key|could not verify/i.test(reason);
    const name = fingerprintOf(key);
    throw new PeriError(isOther ? "denied" : "damaged", {
      op,
      subject: isOther ? `it is not one of ${name}` : `it is no revocation certificate: ${reason}`,
      hint: "gpg's are in ~/.gnupg/openpgp-revocs.d, peri's: peri key export --revocation",
      cause,
    });
  });
  return applied.publicKey.write() as Bytes;
}

async function adoptCertificate(
  secretKey: Uint8Array,
  certificate: Uint8Array,
  nowMs: number,
): Promise<Bytes> {
  const op = "bring a secret key up to date";
  const secret = await readSecretKey(secretKey, op);
  const wanted = await readCertificate(certificate, op);
  if (secret.getFingerprint() !== wanted.getFingerprint()) {
    const subject = `${fingerprintOf(wanted)} is not ${fingerprintOf(secret)}`;
    throw new PeriError("denied", { op, subject });
  }
  const kept = await readComponents(secret, nowMs);
  const parts = (await readComponents(wanted, nowMs)).flatMap((part) => {
    if (part.kind === "user") return [part];
    const same = kept.find((one) => one.kind === part.kind && isSameKey(one, part));
    return same === undefined ? [] : [{ ...part, packet: same.packet }];
  });
  return await joinComponents(parts);
}

async function whyRevoked(bytes: Uint8Array, nowMs: number): Promise<Revocation | undefined> {
  const key = await readAnyKey(bytes, "look at a key");
  const [primary] = await readComponents(key, nowMs);
  const last = primary!.revocations.at(-1);
  if (last === undefined) return undefined;
  const code = last.reasonForRevocationFlag ?? 0;
  const reason = (Object.keys(REASONS) as RevocationReason[]).find((name) =>
    REASONS[name] === code
  );
  return { reason: reason ?? "unspecified", text: last.reasonForRevocationString ?? "" };
}
