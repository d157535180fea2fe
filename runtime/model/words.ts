/**
 * The vocabulary: the words of peri as distinct types, with the one way to read and write each.
 * Parsing is strict, except for {@link parseFingerprint}, which takes what people paste.
 *
 * @module
 */

import { formatBase64Url, parseBase64Url } from "./bytes.ts";
import { type ErrorDetails, PeriError } from "./errors.ts";

declare const brand: unique symbol;
type Brand<Name extends string> = string & { readonly [brand]: Name };

/** A person: the fingerprint of an OpenPGP primary key, 40 (v4) or 64 (v6) upper-case hex digits. */
export type Fingerprint = Brand<"Fingerprint">;
/** The name of a pod, unique per person: 1 to 32 of `a-z 0-9 -`, starting with a letter. */
export type PodName = Brand<"PodName">;
/** A capability: SHA-256 of its canonical form, 64 lower-case hex digits (PROTOCOL.md, "Capabilities"). */
export type CapabilityId = Brand<"CapabilityId">;
/** The hash of one function of a capability, 64 lower-case hex digits. */
export type FunctionId = Brand<"FunctionId">;
/** A WIT interface without its version: `peri:hey/mail`. */
export type InterfaceName = Brand<"InterfaceName">;
/** A WIT function name in kebab case: `leave`. */
export type FunctionName = Brand<"FunctionName">;
/** The origin of a periphery: `https://bob.example` or `http://127.0.0.1:7777`; no path, no trailing slash. */
export type ServerUrl = Brand<"ServerUrl">;
/** Names an open call to the one who answers it: 16 random bytes as base64url, 22 characters. */
export type ResponseToken = Brand<"ResponseToken">;
/** Names an open call of a stream to the pod that answers it: `<fingerprint>/<pod>/<token>`. */
export type StreamHandle = Brand<"StreamHandle">;
/** The generation of a lane: 16 random bytes as base64url, 22 characters. */
export type LaneEpoch = Brand<"LaneEpoch">;
/** SHA-256 of a blob's bytes, 64 lower-case hex digits. */
export type BlobId = Brand<"BlobId">;

/** The address of a pod. No host is part of it. */
export interface PodRef {
  readonly person: Fingerprint;
  readonly pod: PodName;
}

/** An open call of a stream, on the side of who answers it. */
export interface StreamRef {
  readonly caller: PodRef;
  readonly token: ResponseToken;
}

function refuse(what: string, text: string, details: Partial<ErrorDetails>): PeriError {
  const subject = `${JSON.stringify(text.slice(0, 120))} ${details.subject}`;
  return new PeriError("invalid", { op: `read ${what}`, ...details, subject });
}

/**
 * A fingerprint in any usual form: hex of either case, with blanks, colons or a leading `0x`.
 *
 * @throws {PeriError} `invalid` for anything else; key ids are refused because they can be forged.
 */
export function parseFingerprint(text: string): Fingerprint {
  const digits = text.slice(0, 200).replace(/^\s*0x/i, "").replace(/[\s:]/g, "").toUpperCase();
  if (/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(digits)) return digits as Fingerprint;
  throw refuse("fingerprint", text, {
    subject: "is not 40 or 64 hexadecimal digits",
    hint: "peri key list shows the fingerprints of your keys, peri who those of people you know",
  });
}

/** Whether {@link parseFingerprint} would take the text. */
export function isFingerprint(text: string): boolean {
  return /^\s*(?:0x)?(?:[0-9A-Fa-f][\s:]*){40}(?:(?:[0-9A-Fa-f][\s:]*){24})?$/i.test(text);
}

/** A fingerprint for people: groups of four digits, as GnuPG shows it. */
export function formatFingerprint(fingerprint: Fingerprint): string {
  const groups = fingerprint.match(/.{4}/g) ?? [];
  const half = groups.length / 2;
  return `${groups.slice(0, half).join(" ")}  ${groups.slice(half).join(" ")}`;
}

/** @throws {PeriError} `invalid` when the text is no pod name. */
export function parsePodName(text: string): PodName {
  if (/^[a-z][a-z0-9-]{0,31}$/.test(text) && !text.endsWith("-")) return text as PodName;
  throw refuse("pod name", text, {
    subject: "is not 1 to 32 of a-z, 0-9 and -, starting with a letter",
  });
}

/** @throws {PeriError} `invalid` when the text is not 64 lower-case hex digits. */
export function parseCapabilityId(text: string): CapabilityId {
  if (/^[0-9a-f]{64}$/.test(text)) return text as CapabilityId;
  throw refuse("capability", text, { subject: "is not 64 hexadecimal digits" });
}

/** @throws {PeriError} `invalid` when the text is not 64 lower-case hex digits. */
export function parseFunctionId(text: string): FunctionId {
  if (/^[0-9a-f]{64}$/.test(text)) return text as FunctionId;
  throw refuse("function hash", text, { subject: "is not 64 hexadecimal digits" });
}

/** @throws {PeriError} `invalid` when the text is not `namespace:package/interface`. */
export function parseInterfaceName(text: string): InterfaceName {
  if (/^[a-z][a-z0-9-]{0,63}:[a-z][a-z0-9-]{0,63}\/[a-z][a-z0-9-]{0,63}$/.test(text)) {
    return text as InterfaceName;
  }
  throw refuse("interface name", text, { subject: "is not namespace:package/interface" });
}

/** @throws {PeriError} `invalid` when the text is not a WIT name in kebab case. */
export function parseFunctionName(text: string): FunctionName {
  if (/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(text) && text.length <= 64) {
    return text as FunctionName;
  }
  throw refuse("function name", text, { subject: "is not a name in kebab case" });
}

/** @throws {PeriError} `invalid` when the text is not the origin of an http or https server. */
export function parseServerUrl(text: string): ServerUrl {
  const hint = "a server is written https://host or http://host:port";
  const url = text.length <= 255 ? URL.parse(text) : null;
  if (url === null) throw refuse("server address", text, { subject: "is not a URL", hint });
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw refuse("server address", text, { subject: "is neither http nor https", hint });
  }
  const bare = url.pathname === "/" && !url.search && !url.hash && !url.username && !url.password;
  if (!bare) {
    throw refuse("server address", text, { subject: "has more than a host and port", hint });
  }
  return url.origin as ServerUrl;
}

function parseRandom<Word extends string>(what: string, text: string): Word {
  if (/^[A-Za-z0-9_-]{22}$/.test(text) && parseBase64Url(text).length === 16) return text as Word;
  throw refuse(what, text, { subject: "is not 22 characters of base64url" });
}

/** @throws {PeriError} `invalid` when the text is no response token. */
export function parseResponseToken(text: string): ResponseToken {
  return parseRandom<ResponseToken>("response token", text);
}

/** @throws {PeriError} `invalid` when the text is no lane epoch. */
export function parseLaneEpoch(text: string): LaneEpoch {
  return parseRandom<LaneEpoch>("lane epoch", text);
}

/** A token from 16 random bytes. */
export function tokenFromBytes(bytes: Uint8Array): ResponseToken {
  return parseResponseToken(formatBase64Url(bytes));
}

/** An epoch from 16 random bytes. */
export function epochFromBytes(bytes: Uint8Array): LaneEpoch {
  return parseLaneEpoch(formatBase64Url(bytes));
}

/** A pod's address as one text: `<fingerprint>/<pod>`. */
export function formatPodRef(ref: PodRef): string {
  return `${ref.person}/${ref.pod}`;
}

/** @throws {PeriError} `invalid` when the text is not `<fingerprint>/<pod>`. */
export function parsePodRef(text: string): PodRef {
  const slash = text.indexOf("/");
  return {
    person: parseFingerprint(text.slice(0, Math.max(slash, 0))),
    pod: parsePodName(text.slice(slash + 1)),
  };
}

/** The handle of a stream, which its pod keeps: `<fingerprint>/<pod>/<token>`. */
export function formatStreamHandle({ caller, token }: StreamRef): StreamHandle {
  return `${formatPodRef(caller)}/${token}` as StreamHandle;
}

/** @throws {PeriError} `invalid` when the text is no handle of a stream. */
export function parseStreamHandle(text: string): StreamRef {
  const slash = text.lastIndexOf("/");
  return {
    caller: parsePodRef(text.slice(0, Math.max(slash, 0))),
    token: parseResponseToken(text.slice(slash + 1)),
  };
}
