/**
 * The packets of a key, counted before a parser sees them (RFC 9580 section 4.2).
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";

/** One packet as it stands. */
export interface RawPacket {
  readonly tag: number;
  readonly body: Uint8Array;
}

/** Tags of packets (RFC 9580 section 5). */
export const TAG = {
  signature: 2,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
} as const;

/** Packets in one key: every one is an object, whatever is in it. */
const MAX_PACKETS = 1_000;
/** User ids and photographs; the best-known keys have thirty. */
const MAX_USER_IDS = 64;
/** Subkeys; one a year for a lifetime. */
const MAX_SUBKEYS = 64;

/**
 * Counts the packets of keys.
 *
 * @throws {PeriError} `too-large` over a bound, `damaged` when the bytes are no packets.
 */
export function boundPackets(bytes: Uint8Array, op: string): void {
  let [packets, users, subkeys] = [0, 0, 0];
  for (const { tag } of readPackets(bytes, op)) {
    packets++;
    if (tag === TAG.userId || tag === TAG.userAttribute) users++;
    if (tag === TAG.publicSubkey || tag === TAG.secretSubkey) subkeys++;
    refuseOver(packets, MAX_PACKETS, "packets", op);
    refuseOver(users, MAX_USER_IDS, "user ids", op);
    refuseOver(subkeys, MAX_SUBKEYS, "subkeys", op);
  }
}

/** The packets in bytes, one after the other. @throws {PeriError} `damaged`. */
export function* readPackets(bytes: Uint8Array, op: string): Generator<RawPacket> {
  for (let at = 0; at < bytes.length;) {
    const header = readHeader(bytes, at);
    const end = header === undefined ? NaN : header.start + header.length;
    if (header === undefined || !(end <= bytes.length)) {
      throw new PeriError("damaged", { op, subject: "not an OpenPGP key: its packets are torn" });
    }
    yield { tag: header.tag, body: bytes.subarray(header.start, end) };
    at = end;
  }
}

/** A packet with a header in the newer form (section 4.2.1). */
export function formatPacket({ tag, body }: RawPacket): Bytes {
  const length = new Uint8Array(5);
  length[0] = 0xff;
  new DataView(length.buffer).setUint32(1, body.length);
  return concatBytes([Uint8Array.of(0xc0 | tag), length, body]);
}

interface Header {
  readonly tag: number;
  readonly start: number;
  readonly length: number;
}

/** Lengths that are open or come in pieces have no place in a key (section 4.2.1.4). */
function readHeader(bytes: Uint8Array, at: number): Header | undefined {
  const first = bytes[at]!;
  if ((first & 0x80) === 0) return undefined;
  if ((first & 0x40) === 0) return readOldHeader(bytes, at);
  const tag = first & 0x3f;
  const length = bytes[at + 1] ?? 0;
  if (length < 192) return { tag, start: at + 2, length };
  if (length < 224) {
    return { tag, start: at + 3, length: ((length - 192) << 8) + (bytes[at + 2] ?? 0) + 192 };
  }
  return length === 255 ? { tag, start: at + 6, length: number(bytes, at + 2, 4) } : undefined;
}

function readOldHeader(bytes: Uint8Array, at: number): Header | undefined {
  const size = [1, 2, 4][bytes[at]! & 0x03];
  if (size === undefined) return undefined;
  const tag = (bytes[at]! >> 2) & 0x0f;
  return { tag, start: at + 1 + size, length: number(bytes, at + 1, size) };
}

function number(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = at; index < at + size; index++) value = value * 256 + (bytes[index] ?? 0);
  return value;
}

function refuseOver(count: number, limit: number, what: string, op: string): void {
  if (count <= limit) return;
  throw new PeriError("too-large", { op, subject: `a key with more than ${limit} ${what}` });
}
