/**
 * What a signature says of itself, read from its packet (RFC 9580 section 5.2.3). Only what the
 * signature covers counts, but for who made it; whether it holds is checked elsewhere.
 *
 * @module
 */

import { decodeUtf8, formatHex } from "../../model/bytes.ts";
import { MAX_REGEX_LENGTH } from "../../model/limits.ts";

/** What a signature says of itself. */
export interface RawSignature {
  /** Section 5.2.1. */
  readonly type: number;
  /** Whether its hash is one under which one signature may fit two texts. */
  readonly isBroken: boolean;
  readonly createdMs: number;
  /** Absent when it never expires. */
  readonly expiresMs?: number;
  readonly depth: number;
  readonly amount: number;
  readonly regex?: string;
  /** Whether it may be given to others. */
  readonly isExportable: boolean;
  /** Fingerprint or key id of who made it, upper-case hex; not checked. */
  readonly issuer: string;
}

/** Types of subpackets (section 5.2.3.7). */
const SUBPACKET = {
  created: 2,
  expires: 3,
  exportable: 4,
  trust: 5,
  regex: 6,
  issuer: 16,
  issuerFingerprint: 33,
} as const;
/** MD5, SHA-1 and RIPEMD-160. */
const BROKEN_HASHES: readonly number[] = [1, 2, 3];
/** Subpackets in one signature. */
const MAX_SUBPACKETS = 64;

/** Reads the body of a signature packet. Undefined when it is not whole or of a version before 4. */
export function readSignature(body: Uint8Array): RawSignature | undefined {
  const [version, type = 0, , hash = 0] = body;
  if (version !== 4 && version !== 6) return undefined;
  const size = version === 6 ? 4 : 2;
  const hashed = readArea(body, 4, size);
  const unhashed = hashed && readArea(body, hashed.end, size);
  const own = hashed && readSubpackets(hashed.bytes);
  const loose = unhashed && readSubpackets(unhashed.bytes);
  if (own === undefined || loose === undefined) return undefined;
  return describe({ type, isBroken: BROKEN_HASHES.includes(hash) }, own, loose);
}

type Subpackets = ReadonlyMap<number, Uint8Array>;

function describe(
  head: Pick<RawSignature, "type" | "isBroken">,
  own: Subpackets,
  loose: Subpackets,
): RawSignature | undefined {
  const created = numberOf(own.get(SUBPACKET.created));
  const issuer = issuerOf(own) ?? issuerOf(loose);
  if (created === undefined || issuer === undefined) return undefined;
  const life = numberOf(own.get(SUBPACKET.expires)) ?? 0;
  return {
    ...head,
    createdMs: created * 1000,
    ...(life === 0 ? {} : { expiresMs: (created + life) * 1000 }),
    ...trustOf(own),
    isExportable: own.get(SUBPACKET.exportable)?.[0] !== 0,
    issuer,
  };
}

/** Trust within bounds that cannot be read is none. */
function trustOf(own: Subpackets): Pick<RawSignature, "depth" | "amount" | "regex"> {
  const none = { depth: 0, amount: 0 };
  const [depth = 0, amount = 0] = own.get(SUBPACKET.trust) ?? [];
  if (depth === 0 || amount === 0) return none;
  const written = own.get(SUBPACKET.regex);
  if (written === undefined) return { depth, amount };
  const regex = readText(written);
  return regex === undefined ? none : { depth, amount, regex };
}

/** A text that ends in a zero, which need not be there. */
function readText(bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_REGEX_LENGTH + 1) return undefined;
  try {
    const text = decodeUtf8(bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

function issuerOf(subpackets: Subpackets): string | undefined {
  const fingerprint = subpackets.get(SUBPACKET.issuerFingerprint);
  if (fingerprint !== undefined && [21, 33].includes(fingerprint.length)) {
    return formatHex(fingerprint.subarray(1)).toUpperCase();
  }
  const keyId = subpackets.get(SUBPACKET.issuer);
  return keyId?.length === 8 ? formatHex(keyId).toUpperCase() : undefined;
}

function numberOf(bytes: Uint8Array | undefined): number | undefined {
  if (bytes?.length !== 4) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

function readArea(
  body: Uint8Array,
  at: number,
  size: number,
): { readonly bytes: Uint8Array; readonly end: number } | undefined {
  let length = 0;
  for (let index = at; index < at + size; index++) length = length * 256 + (body[index] ?? 0);
  const end = at + size + length;
  return end <= body.length ? { bytes: body.subarray(at + size, end), end } : undefined;
}

/** By type, without the mark that says critical; of several of one type the last. */
function readSubpackets(area: Uint8Array): Subpackets | undefined {
  const found = new Map<number, Uint8Array>();
  for (let at = 0, count = 0; at < area.length; count++) {
    const { start, length } = readLength(area, at);
    const end = start + length;
    if (length === 0 || end > area.length || count >= MAX_SUBPACKETS) return undefined;
    found.set(area[start]! & 0x7f, area.subarray(start + 1, end));
    at = end;
  }
  return found;
}

/** Section 5.2.3.7: one, two or five octets; the type counts as content. */
function readLength(area: Uint8Array, at: number): { start: number; length: number } {
  const first = area[at]!;
  if (first < 192) return { start: at + 1, length: first };
  if (first < 255) {
    return { start: at + 2, length: ((first - 192) << 8) + (area[at + 1] ?? 0) + 192 };
  }
  let length = 0;
  for (let index = at + 1; index < at + 5; index++) length = length * 256 + (area[index] ?? 0);
  return { start: at + 5, length };
}
