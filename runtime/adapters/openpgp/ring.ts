/**
 * A keyring taken apart without believing anything in it: certificates without their subkeys, and
 * beside each user id what others have signed over it. Counted and bounded before a parser sees it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type Bytes, concatBytes, decodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_KEYRING_BYTES, MAX_RING_KEYS } from "../../model/limits.ts";
import { type Fingerprint, parseFingerprint } from "../../model/words.ts";
import type { Certification } from "../../ports/certification.ts";
import { joinComponents, readComponents } from "./components.ts";
import { library } from "./library.ts";
import { leastOf } from "./merge.ts";
import { formatPacket, type RawPacket, readPackets, TAG } from "./packets.ts";
import { isArmored, readCertificate } from "./read.ts";
import { type RawSignature, readSignature } from "./subpackets.ts";

/** A signature over a user id by somebody else, as it stands. */
export interface ForeignSignature extends RawSignature {
  readonly userId: string;
  readonly body: Uint8Array;
}

/** One certificate of a keyring. */
export interface RawKey {
  /** It and its user ids with what its own key signed. */
  readonly own: Bytes;
  readonly foreign: readonly ForeignSignature[];
}

/** Packets of one keyring. */
const MAX_RING_PACKETS = 4_000;
/** Signatures over user ids (RFC 9580 section 5.2.1). */
const CERTIFICATIONS = [0x10, 0x11, 0x12, 0x13, 0x30];

/** The bytes of a keyring, armored or not. @throws {PeriError} `too-large`, `damaged`. */
export async function dearmorRing(bytes: Uint8Array, op: string): Promise<Bytes> {
  const limit = isArmored(bytes) ? 2 * MAX_KEYRING_BYTES : MAX_KEYRING_BYTES;
  if (bytes.length > limit) throw tooLarge(`${bytes.length} bytes, ${limit} allowed`, op);
  if (!isArmored(bytes)) return bytes as Bytes;
  const { unarmor, enums } = await library();
  const damaged = (cause?: unknown) =>
    new PeriError("damaged", {
      op,
      subject: "no armored certificates",
      hint: "peri key export, or gpg --export --armor FINGERPRINT, writes them",
      cause,
    });
  const { type, data } = await unarmor(decodeUtf8(bytes)).catch((cause: unknown) => {
    throw damaged(cause);
  });
  if (type !== enums.armor.publicKey) throw damaged();
  return data as unknown as Bytes;
}

/** The certificates of a keyring. @throws {PeriError} `too-large` over a bound, `damaged`. */
export function splitRing(bytes: Uint8Array, op: string): RawKey[] {
  const keys: Sorter[] = [];
  let packets = 0;
  for (const packet of readPackets(bytes, op)) {
    if (++packets > MAX_RING_PACKETS) throw tooLarge(`more than ${MAX_RING_PACKETS} packets`, op);
    if (packet.tag === TAG.secretKey) {
      throw new PeriError("damaged", { op, subject: "a secret key where certificates belong" });
    }
    if (packet.tag === TAG.publicKey) {
      if (keys.length >= MAX_RING_KEYS) throw tooLarge(`more than ${MAX_RING_KEYS} keys`, op);
      keys.push(new Sorter(packet.body));
    } else keys.at(-1)?.take(packet);
  }
  return keys.map((key) => key.sorted());
}

/** Sorts the packets of one certificate. */
class Sorter {
  readonly #name: Fingerprint;
  readonly #own: Uint8Array[];
  readonly #foreign: ForeignSignature[] = [];
  /** What signatures are over: the primary key, a user id, or what is left out. */
  #part: "primary" | { readonly userId: string } | "other" = "primary";

  constructor(body: Uint8Array) {
    this.#name = fingerprintOfBody(body);
    this.#own = [formatPacket({ tag: TAG.publicKey, body })];
  }

  take({ tag, body }: RawPacket): void {
    if (tag === TAG.signature) return this.#takeSignature(body);
    const userId = tag === TAG.userId ? textOf(body) : undefined;
    this.#part = userId === undefined ? "other" : { userId };
    if (userId !== undefined) this.#own.push(formatPacket({ tag, body }));
  }

  #takeSignature(body: Uint8Array): void {
    const raw = this.#part === "other" ? undefined : readSignature(body);
    if (raw === undefined) return;
    if (isBy(this.#name, raw.issuer)) this.#own.push(formatPacket({ tag: TAG.signature, body }));
    else if (typeof this.#part === "object" && CERTIFICATIONS.includes(raw.type)) {
      this.#foreign.push({ ...raw, userId: this.#part.userId, body });
    }
  }

  sorted(): RawKey {
    return { own: concatBytes(this.#own), foreign: this.#foreign };
  }
}

/** Whether a fingerprint, or a key id, is that of a key (RFC 9580 section 5.5.4). */
export function isBy(key: Fingerprint, issuer: string): boolean {
  if (issuer.length !== 16) return key === issuer;
  return key.length === 40 ? key.endsWith(issuer) : key.startsWith(issuer);
}

/** RFC 9580 section 5.5.4. */
function fingerprintOfBody(body: Uint8Array): Fingerprint {
  const isNew = body[0] === 6;
  const head = new Uint8Array(isNew ? 5 : 3);
  const view = new DataView(head.buffer);
  head[0] = isNew ? 0x9b : 0x99;
  if (isNew) view.setUint32(1, body.length);
  else view.setUint16(1, body.length);
  const digest = createHash(isNew ? "sha256" : "sha1").update(head).update(body).digest("hex");
  return parseFingerprint(digest);
}

/**
 * A certificate without its subkeys and what others have signed: the newest that it says of itself.
 *
 * @throws {PeriError} `damaged`, `too-large`.
 */
export async function trimKey(own: Uint8Array, nowMs: number, op: string): Promise<Bytes> {
  const key = await readCertificate(own, op);
  const parts = (await readComponents(key, nowMs)).filter((part) =>
    part.kind === "primary" || part.kind === "user" && part.own.length > 0
  );
  const least = await Promise.all(parts.map(leastOf));
  return await joinComponents(least.map((part) => ({ ...part, others: [] })));
}

/** See {@link import("../../ports/pgp.ts").Pgp.attach}. */
// deno-lint-ignore require-await -- a refusal is a rejection
export async function attachCertifications(
  certificates: readonly Uint8Array[],
  certifications: readonly Pick<Certification, "subject" | "userId" | "packet">[],
): Promise<Bytes> {
  const pieces: Uint8Array[] = [];
  for (const certificate of certificates) {
    let name: Fingerprint | undefined;
    let user: string | undefined;
    const close = () =>
      pieces.push(
        ...certifications.filter(({ subject, userId }) => subject === name && userId === user)
          .map(({ packet }) => packet),
      );
    for (const packet of readPackets(certificate, "put a keyring together")) {
      if (packet.tag !== TAG.signature) {
        close();
        if (packet.tag === TAG.publicKey) name = fingerprintOfBody(packet.body);
        user = packet.tag === TAG.userId ? textOf(packet.body) : undefined;
      }
      pieces.push(formatPacket(packet));
    }
    close();
  }
  return concatBytes(pieces);
}

/** Fingerprints of the certificates of a keyring, in order. @throws {PeriError} `damaged`. */
export function fingerprintsOf(ring: Uint8Array): Fingerprint[] {
  return [...readPackets(ring, "read a keyring")].flatMap(({ tag, body }) =>
    tag === TAG.publicKey ? [fingerprintOfBody(body)] : []
  );
}

/**
 * A keyring without subkeys and without user ids other than some, and without the certificate of one
 * person.
 *
 * @throws {PeriError} `damaged`.
 */
export function keepUsers(
  ring: Uint8Array,
  userIds: readonly string[],
  without?: Fingerprint,
): Bytes {
  const pieces: Uint8Array[] = [];
  let [isLeftOut, isKept] = [false, false];
  for (const packet of readPackets(ring, "read a keyring")) {
    const { tag, body } = packet;
    if (tag === TAG.publicKey) isLeftOut = fingerprintOfBody(body) === without;
    if (tag !== TAG.signature) {
      isKept = tag === TAG.publicKey ||
        tag === TAG.userId && userIds.includes(textOf(body) ?? "\0");
    }
    if (isKept && !isLeftOut) pieces.push(formatPacket(packet));
  }
  return concatBytes(pieces);
}

function textOf(body: Uint8Array): string | undefined {
  try {
    return decodeUtf8(body);
  } catch {
    return undefined;
  }
}

function tooLarge(subject: string, op: string): PeriError {
  const hint = "gpg --export-options export-clean leaves out what nobody can check";
  return new PeriError("too-large", { op, subject: `a keyring of ${subject}`, hint });
}
