/**
 * Network addresses: which of them a server may call when somebody else named them. Pure.
 *
 * @module
 */

import { PeriError } from "./errors.ts";

/** An IPv4 (4 bytes) or IPv6 (16 bytes) address in network order. */
export type IpAddress = Uint8Array;

/** A block of addresses, as `127.0.0.0/8` or `fd00::/8` (RFC 4632 section 3.1, RFC 4291 section 2.3). */
export interface IpRange {
  readonly base: IpAddress;
  /** Leading bits that count, at most 8 times the length of `base`. */
  readonly bits: number;
}

/** Where a server listens. */
export interface ListenAddress {
  /** An IP address, without brackets. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/**
 * The bytes of an IP address literal: dotted IPv4 with four decimal parts, or IPv6 with or without
 * brackets. An IPv4-mapped address is given back as the IPv4 address it stands for. `undefined` when
 * the text is something else, such as a host name or an address with a zone.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (bare.length > 45) return undefined;
  const address = bare.includes(":") ? parseIpv6(bare) : parseIpv4(bare);
  return address === undefined ? undefined : unmapped(address);
}

/**
 * A block of addresses; a single address is a block of one.
 *
 * @throws {PeriError} `invalid` for anything else, and when bits behind the prefix are set.
 */
export function parseIpRange(text: string): IpRange {
  const [address = "", prefix, ...rest] = text.split("/");
  const base = parseIpAddress(address);
  const bits = prefix === undefined ? (base?.length ?? 0) * 8 : Number(prefix);
  const isWhole = /^\d{1,3}$/.test(prefix ?? "0") && rest.length === 0;
  if (base === undefined || !isWhole || bits > base.length * 8) {
    throw refuseRange(text, "is not a block of addresses");
  }
  if (!startsWithBits(base, masked(base, bits), base.length * 8)) {
    throw refuseRange(text, `has bits set behind its first ${bits}`);
  }
  return { base, bits };
}

/** Whether an address lies in one of the blocks. */
export function isInRanges(address: IpAddress, ranges: readonly IpRange[]): boolean {
  return ranges.some(({ base, bits }) =>
    base.length === address.length && startsWithBits(address, base, bits)
  );
}

/**
 * Whether an address is reachable from anywhere: not private, loopback, link-local, shared
 * (carrier-grade NAT), multicast, reserved or for documentation (RFC 6890 and the registries it
 * set up). An address that wraps an IPv4 address (NAT64, RFC 6052) is judged by that address;
 * 6to4 and Teredo, which nobody needs any more (RFC 7526), count as not public.
 */
export function isPublicAddress(address: IpAddress): boolean {
  if (address.length === 4) return !isInRanges(address, NOT_PUBLIC_4);
  if (isInRanges(address, NAT64)) return isPublicAddress(address.subarray(12));
  return isInRanges(address, UNICAST_6) && !isInRanges(address, NOT_PUBLIC_6);
}

/**
 * What tells one peer from another by its address: an IPv4 address, or the first 64 bits of an
 * IPv6 address, which one subscriber has to itself.
 */
export function formatPeer(text: string): string {
  const address = parseIpAddress(text);
  if (address === undefined) return text.slice(0, 45);
  return address.length === 4 ? address.join(".") : address.subarray(0, 8).toHex();
}

/** Whether an address is of this machine alone (127.0.0.0/8, ::1). */
export function isLoopback(text: string): boolean {
  const address = parseIpAddress(text);
  return address !== undefined && isInRanges(address, LOOPBACK);
}

/**
 * Where to listen: `127.0.0.1:7777`, `[::1]:7777`, `:7777` for all addresses.
 *
 * @throws {PeriError} `invalid` for anything else.
 */
export function parseListenAddress(text: string): ListenAddress {
  const colon = text.lastIndexOf(":");
  const host = text.slice(0, Math.max(colon, 0));
  const port = text.slice(colon + 1);
  const isPort = /^\d{1,5}$/.test(port) && Number(port) <= 65_535;
  const isHost = host === "" || (parseIpAddress(host) !== undefined &&
    host.includes(":") === host.startsWith("["));
  if (colon < 0 || !isPort || !isHost) {
    throw new PeriError("invalid", {
      op: "read listen address",
      subject: `${JSON.stringify(text.slice(0, 120))} is not address:port`,
      hint: "write 127.0.0.1:7777, [::1]:7777, or :7777 for all addresses",
    });
  }
  return { host: host === "" ? "::" : host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** A listen address as {@link parseListenAddress} reads it. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function refuseRange(text: string, why: string): PeriError {
  return new PeriError("invalid", {
    op: "read address range",
    subject: `${JSON.stringify(text.slice(0, 120))} ${why}`,
    hint: "a range is written 127.0.0.0/8 or fd00::/8",
  });
}

function parseIpv4(text: string): IpAddress | undefined {
  const parts = text.split(".");
  const isPlain = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part));
  const bytes = parts.map(Number);
  return isPlain && bytes.every((byte) => byte <= 255) ? Uint8Array.from(bytes) : undefined;
}

function parseIpv6(text: string): IpAddress | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = [groupsOf(halves[0]!), groupsOf(halves[1] ?? "")];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

/** The 16-bit groups of one side of `::`; the last part may be dotted IPv4. */
function groupsOf(text: string): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const last = parts.at(-1)!;
  const dotted = last.includes(".") ? parseIpv4(last) : undefined;
  const hex = dotted === undefined ? parts : parts.slice(0, -1);
  if (!hex.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part))) return undefined;
  const groups = hex.map((part) => parseInt(part, 16));
  if (dotted === undefined) return groups;
  return [...groups, dotted[0]! * 256 + dotted[1]!, dotted[2]! * 256 + dotted[3]!];
}

function unmapped(address: IpAddress): IpAddress {
  const isMapped = address.length === 16 && startsWithBits(address, MAPPED_PREFIX, 96);
  return isMapped ? address.slice(12) : address;
}

function startsWithBits(address: IpAddress, base: IpAddress, bits: number): boolean {
  const whole = bits >> 3;
  for (let index = 0; index < whole; index++) if (address[index] !== base[index]) return false;
  const rest = bits & 7;
  if (rest === 0) return true;
  return (address[whole]! ^ base[whole]!) >> (8 - rest) === 0;
}

function masked(address: IpAddress, bits: number): IpAddress {
  return address.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    return byte & (0xff00 >> kept);
  });
}

/** `::ffff:0:0/96` (RFC 4291 section 2.5.5.2). */
const MAPPED_PREFIX = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]);

const ranges = (texts: readonly string[]): readonly IpRange[] => texts.map(parseIpRange);

/** IPv4 blocks that are not for everyone (IANA special-purpose registry, RFC 6890; RFC 6598). */
const NOT_PUBLIC_4 = ranges([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
]);
/** Global unicast as far as it was given out (RFC 4291 section 2.4). */
const UNICAST_6 = ranges(["2000::/3"]);
/** What is special within it: IETF protocols with Teredo, documentation, 6to4. */
const NOT_PUBLIC_6 = ranges(["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]);
const NAT64 = ranges(["64:ff9b::/96"]);
const LOOPBACK = ranges(["127.0.0.0/8", "::1/128"]);
