/**
 * Certifications of people by others: which of those in a keyring hold.
 *
 * @module
 */

import type { AnyPacket, PublicKeyPacket } from "openpgp";
import { PeriError } from "../../model/errors.ts";
import { encodeUtf8 } from "../../model/bytes.ts";
import { MAX_CLOCK_SKEW_MS, MAX_RING_CHECKS } from "../../model/limits.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Certification } from "../../ports/certification.ts";
import type { Keyring, RingKey } from "../../ports/pgp.ts";
import { inspectCertificate } from "./keys.ts";
import { type Library, library } from "./library.ts";
import { formatPacket, TAG } from "./packets.ts";
import { readCertificate } from "./read.ts";
import { dearmorRing, type ForeignSignature, isBy, splitRing, trimKey } from "./ring.ts";

const OP = "read certifications";
/** Type of a signature that takes others back (RFC 9580 section 5.2.1.12). */
export const REVOCATION = 0x30;

/** See {@link import("../../ports/pgp.ts").Pgp.certifiers}. */
export async function listCertifiers(keyring: Uint8Array): Promise<string[]> {
  const keys = splitRing(await dearmorRing(keyring, OP), OP);
  return [...new Set(keys.flatMap(({ foreign }) => foreign.map(({ issuer }) => issuer)))];
}

/** See {@link import("../../ports/pgp.ts").Pgp.certifications}. */
export async function readCertifications(
  keyring: Uint8Array,
  known: readonly Uint8Array[],
  nowMs: number,
): Promise<Keyring> {
  const raw = splitRing(await dearmorRing(keyring, OP), OP);
  const read = await Promise.all(raw.map(async ({ own, foreign }) => ({
    key: await readRingKey(own, nowMs),
    foreign,
  })));
  const good = read.flatMap(({ key, foreign }) =>
    key instanceof PeriError ? [] : [{ key, foreign }]
  );
  const [first] = read;
  // One that cannot be read does not hide the others.
  if (good.length === 0 && first?.key instanceof PeriError) throw first.key;
  if (good.length === 0) {
    throw new PeriError("damaged", { op: OP, subject: "no certificate in it" });
  }
  const keys = good.map(({ key }) => key);
  const others = await Promise.all(known.map((certificate) => readRingKey(certificate, nowMs)));
  const issuers = [...keys, ...others.filter((key) => !(key instanceof PeriError))] as RingKey[];
  const check = await Checker.open([
    ...new Map(issuers.map((key) => [key.fingerprint, key])).values(),
  ]);
  const certifications: Certification[] = [];
  for (const { key, foreign } of good) certifications.push(...await check.all(key, foreign, nowMs));
  return { keys, certifications };
}

async function readRingKey(own: Uint8Array, nowMs: number): Promise<RingKey | PeriError> {
  try {
    const certificate = await trimKey(own, nowMs, OP);
    return { ...await inspectCertificate(certificate, nowMs), certificate };
  } catch (error) {
    if (error instanceof PeriError) return error;
    return new PeriError("damaged", { op: OP, subject: "a certificate", cause: error });
  }
}

/** Checks signatures of people whose keys it has, so many at most. */
class Checker {
  #left = MAX_RING_CHECKS;

  private constructor(
    private readonly loaded: Library,
    private readonly keys: ReadonlyMap<Fingerprint, PublicKeyPacket>,
  ) {}

  static async open(keys: readonly RingKey[]): Promise<Checker> {
    const packets = await Promise.all(keys.map(async ({ fingerprint, certificate }) => {
      const { keyPacket } = await readCertificate(certificate, OP);
      return [fingerprint, keyPacket as PublicKeyPacket] as const;
    }));
    return new Checker(await library(), new Map(packets));
  }

  /** Of each issuer and user id of a key the newest that holds. */
  async all(
    subject: RingKey,
    foreign: readonly ForeignSignature[],
    nowMs: number,
  ): Promise<Certification[]> {
    const found = new Map<string, Certification>();
    const newestFirst = foreign
      .filter(({ createdMs, isBroken, isExportable }) =>
        isExportable && !isBroken && createdMs <= nowMs + MAX_CLOCK_SKEW_MS
      )
      .sort((a, b) => b.createdMs - a.createdMs || b.type - a.type);
    for (const signature of newestFirst) {
      for (const [issuer, key] of this.#issuersOf(signature)) {
        const id = `${issuer} ${signature.userId}`;
        if (issuer === subject.fingerprint || found.has(id)) continue;
        if (!await this.#holds(signature, key, subject)) continue;
        found.set(id, describe(signature, issuer, subject.fingerprint));
      }
    }
    return [...found.values()];
  }

  /** A key id may be that of several. */
  #issuersOf({ issuer }: ForeignSignature): [Fingerprint, PublicKeyPacket][] {
    return [...this.keys].filter(([fingerprint]) => isBy(fingerprint, issuer));
  }

  async #holds(
    { body, type, userId, createdMs }: ForeignSignature,
    issuer: PublicKeyPacket,
    subject: RingKey,
  ): Promise<boolean> {
    if (createdMs < issuer.getCreationTime().getTime() || this.#left-- <= 0) return false;
    const { SignaturePacket, UserIDPacket, config } = this.loaded;
    try {
      const [signature, userID] = [new SignaturePacket(), new UserIDPacket()];
      readBody(signature, body, config);
      readBody(userID, encodeUtf8(userId), config);
      const data = { userID, key: this.keys.get(subject.fingerprint) };
      // Without a date only the signature itself is judged, not whether it is in force.
      const date = null as unknown as Date;
      await signature.verify(issuer, type, data, date, false, config);
      return true;
    } catch {
      return false;
    }
  }
}

/** Reads a packet without its header, which the types of the library leave out. */
function readBody(packet: AnyPacket, body: Uint8Array, config: unknown): void {
  (packet as unknown as { read(body: Uint8Array, config: unknown): void }).read(body, config);
}

function describe(
  signature: ForeignSignature,
  issuer: Fingerprint,
  subject: Fingerprint,
): Certification {
  const { userId, type, createdMs, expiresMs, depth, amount, regex, body } = signature;
  return {
    issuer,
    subject,
    userId,
    isRevocation: type === REVOCATION,
    createdMs,
    ...(expiresMs === undefined ? {} : { expiresMs }),
    depth,
    amount,
    ...(regex === undefined ? {} : { regex }),
    packet: formatPacket({ tag: TAG.signature, body }),
  };
}
