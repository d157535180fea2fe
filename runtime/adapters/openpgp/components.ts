/**
 * A key taken apart: the primary key, its user ids and subkeys, each with what the primary key says
 * of it. Signatures that do not hold are left out, so that nobody else can put anything in.
 *
 * @module
 */

import type {
  AnyPacket,
  Key,
  PublicKeyPacket,
  PublicSubkeyPacket,
  SignaturePacket,
  Subkey,
  User,
  UserAttributePacket,
  UserIDPacket,
} from "openpgp";
import { type Bytes, equalBytes, formatHex } from "../../model/bytes.ts";
import { MAX_CLOCK_SKEW_MS } from "../../model/limits.ts";
import { type Library, library } from "./library.ts";

/** One part of a key with the signatures of the primary key that hold. */
export interface Component {
  readonly kind: "primary" | "user" | "subkey";
  readonly packet: AnyPacket;
  /** What a signature on it is made over. */
  readonly data: object;
  /** That it belongs to the key, and on which terms; oldest first. Not dated ahead. */
  readonly own: readonly SignaturePacket[];
  /** That it does so no longer; oldest first. */
  readonly revocations: readonly SignaturePacket[];
  /** What others have signed, not checked. */
  readonly others: readonly SignaturePacket[];
}

/** What the library's types leave out: what the primary key says of itself. */
interface WithDirect {
  readonly directSignatures: readonly SignaturePacket[];
}

/** Takes a key apart. The primary key is first; user ids and subkeys keep their order. */
export async function readComponents(key: Key, nowMs: number): Promise<Component[]> {
  const loaded = await library();
  const primary = key.keyPacket as PublicKeyPacket;
  const check = new Check(loaded, primary, nowMs);
  return [
    await primaryComponent(key, check, loaded),
    ...await Promise.all(key.users.map((user) => userComponent(user, primary, check, loaded))),
    ...await Promise.all(key.subkeys.map((subkey) => subkeyOf(subkey, primary, check, loaded))),
  ];
}

/** The signature that says on which terms a part belongs to the key, when one does. */
export function termsOf({ own }: Component): SignaturePacket | undefined {
  return own.at(-1);
}

/** Packets that make a key of components. */
export async function joinComponents(components: readonly Component[]): Promise<Bytes> {
  const { PacketList } = await library();
  const packets = new PacketList<AnyPacket>();
  for (const { kind, packet, own, revocations, others } of components) {
    const signatures = kind === "primary" ? [...revocations, ...own] : [...own, ...revocations];
    packets.push(packet, ...signatures, ...others);
  }
  return packets.write() as Bytes;
}

async function primaryComponent(
  key: Key,
  check: Check,
  { enums }: Library,
): Promise<Component> {
  const direct = (key as unknown as WithDirect).directSignatures;
  const data = { key: key.keyPacket };
  return {
    kind: "primary",
    packet: key.keyPacket,
    data,
    own: await check.dated(direct, enums.signature.key, data),
    revocations: await check.all(key.revocationSignatures, enums.signature.keyRevocation, data),
    others: [],
  };
}

async function userComponent(
  user: User,
  primary: PublicKeyPacket,
  check: Check,
  { enums }: Library,
): Promise<Component> {
  const packet: UserIDPacket | UserAttributePacket = (user.userID ?? user.userAttribute)!;
  const { userID, userAttribute } = user;
  const data = { key: primary, userID, userAttribute };
  const { certGeneric, certRevocation } = enums.signature;
  return {
    kind: "user",
    packet,
    data,
    own: await check.dated(user.selfCertifications, certGeneric, data),
    revocations: await check.all(user.revocationSignatures, certRevocation, data),
    others: user.otherCertifications,
  };
}

async function subkeyOf(
  { keyPacket, bindingSignatures, revocationSignatures }: Subkey,
  primary: PublicKeyPacket,
  check: Check,
  { enums }: Library,
): Promise<Component> {
  const data = { key: primary, bind: keyPacket };
  const { subkeyBinding, subkeyRevocation } = enums.signature;
  return {
    kind: "subkey",
    packet: keyPacket,
    data,
    own: await check.dated(bindingSignatures, subkeyBinding, data),
    revocations: await check.all(revocationSignatures, subkeyRevocation, data),
    others: [],
  };
}

/** Which signatures the primary key has made. */
class Check {
  constructor(
    private readonly loaded: Library,
    private readonly primary: PublicKeyPacket,
    private readonly nowMs: number,
  ) {}

  /** Those that hold, oldest first. */
  async all(
    signatures: readonly SignaturePacket[],
    type: number,
    data: object,
  ): Promise<SignaturePacket[]> {
    const holding = await Promise.all(signatures.map((each) => this.#holds(each, type, data)));
    return signatures.filter((_, index) => holding[index]).sort(byAge);
  }

  /** Those that hold and are not dated further ahead than clocks differ. */
  async dated(
    signatures: readonly SignaturePacket[],
    type: number,
    data: object,
  ): Promise<SignaturePacket[]> {
    const latestMs = this.nowMs + MAX_CLOCK_SKEW_MS;
    return (await this.all(signatures, type, data)).filter((each) => dateOf(each) <= latestMs);
  }

  async #holds(signature: SignaturePacket, type: number, data: object): Promise<boolean> {
    const { config } = this.loaded;
    // Without a date only the signature itself is judged, not whether it is in force.
    const date = null as unknown as Date;
    return await signature.verify(this.primary, type, data, date, false, config)
      .then(() => true, () => false);
  }
}

function byAge(a: SignaturePacket, b: SignaturePacket): number {
  return dateOf(a) - dateOf(b) || (formatHex(bytesOf(a)) < formatHex(bytesOf(b)) ? -1 : 1);
}

function dateOf(signature: SignaturePacket): number {
  return signature.created?.getTime() ?? 0;
}

/** The content of a packet, without its header. */
export function bytesOf(packet: AnyPacket): Uint8Array {
  return (packet as unknown as { write(): Uint8Array }).write();
}

/** Whether two parts, of two copies of one key, are the same. */
export function isSamePart(a: Component, b: Component): boolean {
  if (a.kind !== b.kind || a.packet.constructor !== b.packet.constructor) return false;
  return a.kind === "user" ? equalBytes(bytesOf(a.packet), bytesOf(b.packet)) : isSameKey(a, b);
}

/** Whether two parts are one primary key or subkey, secret or not. */
export function isSameKey(a: Component, b: Component): boolean {
  const of = ({ packet }: Component) => (packet as PublicSubkeyPacket).getFingerprint();
  return of(a) === of(b);
}
