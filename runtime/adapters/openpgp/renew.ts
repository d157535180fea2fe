/**
 * New terms for a key: signatures of its primary part over user ids and subkeys, which say the same
 * as the last ones but for when the key expires.
 *
 * @module
 */

import type { Key, PrivateKey, PublicKeyPacket, SecretKeyPacket, SignaturePacket } from "openpgp";
import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { lifeSecondsOf, signOver } from "./certifying.ts";
import { bytesOf, type Component, joinComponents, readComponents, termsOf } from "./components.ts";
import { fingerprintOf } from "./keys.ts";
import { library } from "./library.ts";
import { judgingTime, readCertificate, readSecretKey } from "./read.ts";

const RENEW = "renew a key";
const SECOND_MS = 1_000;

/** See {@link import("../../ports/keysmith.ts").Keysmith.renew}. */
export async function renewKey(
  secretKey: Uint8Array,
  certificate: Uint8Array,
  expiresMs: number | undefined,
  nowMs: number,
): Promise<Bytes> {
  const signer = await readSecretKey(secretKey, RENEW);
  refuseWithoutPrimary(signer, RENEW);
  const key = await readCertificate(certificate, RENEW);
  if (await key.isRevoked(undefined, undefined, judgingTime(key, nowMs))) {
    const subject = `${fingerprintOf(key)} is revoked, which is for good`;
    throw new PeriError("denied", { op: RENEW, subject, hint: "peri key init makes a new one" });
  }
  const components = await readComponents(key, nowMs);
  const goodMs = await lastGoodMs(key, nowMs);
  const renewal = new Renewal(signer, expiresMs, dateFor(components, nowMs));
  const renewed = await Promise.all(
    components.map((part) => isRenewed(part, goodMs) ? renewal.renew(part) : part),
  );
  return await joinComponents(renewed);
}

/** Now, or when it expired. */
async function lastGoodMs(key: Key, nowMs: number): Promise<number> {
  const expires = await key.getExpirationTime();
  return expires instanceof Date ? Math.min(nowMs, expires.getTime() - SECOND_MS) : nowMs;
}

/** Whole seconds, later than every signature there is: the newest one counts. */
function dateFor(components: readonly Component[], nowMs: number): Date {
  const stamps = components.map((part) => (termsOf(part)?.created?.getTime() ?? 0) + SECOND_MS);
  return new Date(Math.max(Math.floor(nowMs / SECOND_MS) * SECOND_MS, ...stamps));
}

/** A subkey that expired while the key was good was meant to end. */
function isRenewed(part: Component, goodMs: number): boolean {
  const terms = termsOf(part);
  if (terms === undefined || part.revocations.length > 0) return false;
  if (part.kind !== "subkey" || !terms.keyExpirationTime) return true;
  const { created } = part.packet as PublicKeyPacket;
  return created.getTime() + terms.keyExpirationTime * SECOND_MS > goodMs;
}

class Renewal {
  readonly #primary: SecretKeyPacket;

  constructor(
    signer: PrivateKey,
    private readonly expiresMs: number | undefined,
    private readonly date: Date,
  ) {
    this.#primary = signer.keyPacket as SecretKeyPacket;
  }

  /** The part with new terms in place of the old ones. */
  async renew(part: Component): Promise<Component> {
    const terms = termsOf(part)!;
    // A v6 key says when it expires in its direct signature alone; over user ids nothing changes.
    const isSilent = part.kind !== "subkey" && terms.keyExpirationTime === null;
    if (isSilent && (part.kind === "primary" ? this.#primary.version !== 6 : this.#isModern())) {
      return part;
    }
    const life = part.kind === "subkey"
      ? this.#lifeOf((part.packet as PublicKeyPacket).created)
      : this.#lifeOf(this.#primary.created);
    return { ...part, own: [await this.#again(terms, part.data, life)] };
  }

  #isModern(): boolean {
    return this.#primary.version === 6;
  }

  async #again(
    terms: SignaturePacket,
    data: object,
    lifeSeconds: number | null,
  ): Promise<SignaturePacket> {
    const { SignaturePacket, config, enums } = await library();
    const packet = new SignaturePacket();
    // The library's types leave it out.
    (packet as unknown as { read(bytes: Uint8Array): void }).read(bytesOf(terms));
    Object.assign(packet, {
      hashAlgorithm: enums.hash.sha512,
      publicKeyAlgorithm: this.#primary.algorithm,
      keyExpirationTime: lifeSeconds,
      keyNeverExpires: lifeSeconds === null ? null : false,
      // The signature itself shall not end before what it says.
      signatureExpirationTime: null,
      signatureNeverExpires: true,
      salt: null,
    });
    await signOver(packet, { signer: this.#primary, data, date: this.date, config });
    return packet;
  }

  #lifeOf(created: Date): number | null {
    if (this.expiresMs === undefined) return null;
    return lifeSecondsOf(created.getTime(), this.expiresMs, {
      nowMs: this.date.getTime(),
      op: RENEW,
    });
  }
}

/** @throws {PeriError} `invalid` when the primary secret is elsewhere. */
export function refuseWithoutPrimary(key: PrivateKey, op: string): void {
  if (key.keyPacket.isDecrypted()) return;
  throw new PeriError("invalid", {
    op,
    subject: `the primary secret of ${fingerprintOf(key)} is not in this copy, only subkeys are`,
    hint: "do it where the primary key is, then: peri key import --replace FILE",
  });
}
