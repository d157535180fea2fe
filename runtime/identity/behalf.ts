/**
 * Behalfs: what lets a pod key act for a person (PROTOCOL.md, "Behalfs").
 *
 * @module
 */

import { type Bytes, encodeUtf8, formatBase64, parseBase64 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { MAX_BEHALF_BYTES, MAX_SUPERSEDED } from "../model/limits.ts";
import {
  type CapabilityId,
  type Fingerprint,
  type InterfaceName,
  parseCapabilityId,
  parseFingerprint,
  parseInterfaceName,
  parsePodName,
  parseServerUrl,
  type PodName,
  type ServerUrl,
} from "../model/words.ts";
import { REVOCATION_REASONS, type RevocationReason } from "../ports/keysmith.ts";

/** First line of every behalf; keeps it from being taken for any other signed text. */
const FORMAT = "peri behalf 1";
const OP = "read a behalf";
const SECOND_MS = 1_000;
/** The last second of the year 9999, the last that fits the format. */
const MAX_TIME_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** What a behalf document says. */
export interface Behalf {
  readonly person: Fingerprint;
  readonly pod: PodName;
  readonly endpoint: ServerUrl;
  /** Sorted by interface name, each interface once. */
  readonly capabilities: readonly {
    readonly interface: InterfaceName;
    readonly capability: CapabilityId;
    /** Capabilities in whose place it stands, sorted, each once, at least one. */
    readonly supersedes?: readonly CapabilityId[];
  }[];
  readonly podKey: Fingerprint;
  /** The pod's transferable public key, whose fingerprint is `podKey`. */
  readonly podCertificate: Bytes;
  /** 1 upward; the highest valid one counts. */
  readonly serial: number;
  /** Whole seconds. */
  readonly issuedMs: number;
  /** Whole seconds. */
  readonly expiresMs: number;
  /**
   * Why the pod may not act any more. Such a behalf is the person's last word on a pod until they
   * sign one with a higher serial; it offers nothing.
   */
  readonly revoked?: RevocationReason;
}

/** Whether a behalf lets its pod act, and has not expired. */
export function isInForceAt({ expiresMs, revoked }: Behalf, nowMs: number): boolean {
  return revoked === undefined && expiresMs > nowMs;
}

/** A behalf as it travels: the person's certificate, the document and its detached signature. */
export interface Introduction {
  readonly certificate: Bytes;
  readonly document: string;
  readonly signature: Bytes;
}

/** An introduction that was checked, with what it says. */
export interface Known {
  readonly behalf: Behalf;
  readonly introduction: Introduction;
}

/**
 * A behalf ready to be formatted: times cut to whole seconds, capabilities sorted.
 *
 * @throws {PeriError} `invalid` when an interface is named twice, the serial is not a positive
 * integer or the behalf would expire before it is issued; `too-large` over `MAX_BEHALF_BYTES`.
 */
export function draftBehalf(fields: Behalf): Behalf {
  const behalf: Behalf = {
    ...fields,
    capabilities: fields.capabilities.map(sortOffer)
      .sort((a, b) => a.interface < b.interface ? -1 : 1),
    issuedMs: wholeSeconds(fields.issuedMs),
    expiresMs: wholeSeconds(fields.expiresMs),
  };
  const op = "write a behalf";
  const fault = faultOf(behalf);
  if (fault !== undefined) throw new PeriError("invalid", { op, subject: fault });
  const size = encodeUtf8(formatBehalf(behalf)).length;
  if (size <= MAX_BEHALF_BYTES) return behalf;
  throw new PeriError("too-large", {
    op,
    subject: `${size} bytes for ${behalf.pod}, ${MAX_BEHALF_BYTES} allowed`,
  });
}

/** The text of a behalf, byte for byte what its person signs (PROTOCOL.md, "Behalfs"). */
export function formatBehalf(behalf: Behalf): string {
  const lines = [
    FORMAT,
    `person: ${behalf.person}`,
    `pod: ${behalf.pod}`,
    `endpoint: ${behalf.endpoint}`,
    ...behalf.capabilities.flatMap((offer) => [
      `capability: ${offer.interface} ${offer.capability}`,
      ...(offer.supersedes ?? []).map((older) => `supersedes: ${older}`),
    ]),
    `pod-key: ${behalf.podKey}`,
    `public-key: ${formatBase64(behalf.podCertificate)}`,
    `serial: ${behalf.serial}`,
    `issued: ${formatTime(behalf.issuedMs)}`,
    `expires: ${formatTime(behalf.expiresMs)}`,
    ...(behalf.revoked === undefined ? [] : [`revoked: ${behalf.revoked}`]),
  ];
  return lines.join("\n") + "\n";
}

/**
 * What a behalf document says. Only the exact text that {@link formatBehalf} writes is taken; what
 * it says is checked by `checkIntroduction`.
 *
 * @throws {PeriError} `too-large` over `MAX_BEHALF_BYTES`, `damaged` for any other text.
 */
export function parseBehalf(text: string): Behalf {
  // A UTF-16 unit is at least one byte of UTF-8, and every allowed character is exactly one.
  if (text.length > MAX_BEHALF_BYTES) {
    const subject = `${text.length} characters, ${MAX_BEHALF_BYTES} allowed`;
    throw new PeriError("too-large", { op: OP, subject });
  }
  try {
    const behalf = readLines(text.split("\n"));
    const fault = faultOf(behalf);
    if (fault !== undefined) throw torn(fault);
    if (formatBehalf(behalf) !== text) throw torn("it is not written in its one exact form");
    return behalf;
  } catch (cause) {
    if (cause instanceof PeriError && cause.kind === "invalid") throw torn(cause.message, cause);
    throw cause;
  }
}

function readLines(lines: string[]): Behalf {
  let at = 0;
  const next = (name: string): string => {
    const line = lines[at++] ?? "";
    if (line.startsWith(`${name}: `)) return line.slice(name.length + 2);
    throw torn(`line ${at} is not "${name}: …"`);
  };
  if (lines[at++] !== FORMAT) throw torn(`it does not begin with "${FORMAT}"`);
  const person = parseFingerprint(next("person"));
  const pod = parsePodName(next("pod"));
  const endpoint = parseServerUrl(next("endpoint"));
  const capabilities: Behalf["capabilities"][number][] = [];
  while (lines[at]?.startsWith("capability: ")) {
    const offer = parseOffer(next("capability"));
    const supersedes: CapabilityId[] = [];
    while (lines[at]?.startsWith("supersedes: ")) {
      supersedes.push(parseCapabilityId(next("supersedes")));
    }
    capabilities.push(supersedes.length === 0 ? offer : { ...offer, supersedes });
  }
  const behalf: Behalf = {
    person,
    pod,
    endpoint,
    capabilities,
    podKey: parseFingerprint(next("pod-key")),
    podCertificate: parseBase64(next("public-key")),
    serial: Number(next("serial")),
    issuedMs: parseTime(next("issued")),
    expiresMs: parseTime(next("expires")),
  };
  return lines[at] === "" ? behalf : { ...behalf, revoked: parseReason(next("revoked")) };
}

function parseReason(text: string): RevocationReason {
  const reason = REVOCATION_REASONS.find((known) => known === text);
  if (reason !== undefined) return reason;
  throw torn(`${JSON.stringify(text.slice(0, 40))} is no reason to revoke`);
}

function parseOffer(text: string): Behalf["capabilities"][number] {
  const [name = "", capability = ""] = text.split(" ", 2);
  return { interface: parseInterfaceName(name), capability: parseCapabilityId(capability) };
}

/** Why a behalf cannot stand, whoever wrote it. */
function faultOf(behalf: Behalf): string | undefined {
  if (!Number.isSafeInteger(behalf.serial) || behalf.serial < 1) {
    return `its serial ${behalf.serial} is not a whole number above 0`;
  }
  if (behalf.podCertificate.length === 0) return "it holds no pod key";
  if (!isTime(behalf.issuedMs) || !isTime(behalf.expiresMs)) return "its times are out of range";
  if (behalf.expiresMs <= behalf.issuedMs) return "it expires before it is issued";
  if (behalf.revoked !== undefined && behalf.capabilities.length > 0) {
    return "it offers something and is revoked";
  }
  const names = behalf.capabilities.map((offer) => offer.interface);
  if (!areInOrder(names)) return "its interfaces are not in order, each named once";
  const wrong = behalf.capabilities.find(({ supersedes = [] }) =>
    !areInOrder(supersedes) || supersedes.length > MAX_SUPERSEDED
  );
  return wrong && `what ${wrong.interface} supersedes is not in order, each named once, ` +
      `at most ${MAX_SUPERSEDED}`;
}

function areInOrder(texts: readonly string[]): boolean {
  return texts.every((text, index) => index === 0 || texts[index - 1]! < text);
}

function sortOffer(offer: Behalf["capabilities"][number]): Behalf["capabilities"][number] {
  const { supersedes, ...named } = offer;
  const isEmpty = supersedes === undefined || supersedes.length === 0;
  return isEmpty ? named : { ...named, supersedes: [...supersedes].sort() };
}

function isTime(timeMs: number): boolean {
  return Number.isSafeInteger(timeMs) && timeMs >= 0 && timeMs <= MAX_TIME_MS;
}

function wholeSeconds(timeMs: number): number {
  return Math.floor(timeMs / SECOND_MS) * SECOND_MS;
}

function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, "Z");
}

function parseTime(text: string): number {
  const timeMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : NaN;
  if (isTime(timeMs)) return timeMs;
  throw torn(`${JSON.stringify(text.slice(0, 40))} is not a time`);
}

function torn(subject: string, cause?: unknown): PeriError {
  return new PeriError("damaged", { op: OP, subject, cause });
}
