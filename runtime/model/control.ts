/**
 * What the two ends of a control session say to each other (PROTOCOL.md, "Control"). Strict: anything
 * else is damaged. As `frame.ts`, it must not import anything that loads more than itself.
 *
 * @module
 */

import type { Bytes } from "./bytes.ts";
import { errorFromRecord, type ErrorRecord, PeriError } from "./errors.ts";
import { encodeFrame, FRAME } from "./frame.ts";
import { MAX_BEHALF_BYTES, MAX_DEPTH, MAX_SIGNED_TOGETHER } from "./limits.ts";
import type { Fingerprint } from "./words.ts";

/** Values of JSON text (RFC 8259). */
export type Json = string | number | boolean | null | readonly Json[] | JsonRecord;
/** A JSON object. */
export interface JsonRecord {
  readonly [name: string]: Json | undefined;
}

/** What the client wants; the first message of a session. */
export interface Open {
  readonly v: 1;
  /** Dotted words: `pod.install`. */
  readonly operation: string;
  /** By name; each operation says which it takes. */
  readonly arguments: JsonRecord;
  /** For whom; absent: the owner of the periphery. */
  readonly person?: Fingerprint;
  /** Whether standard input and output of the client are a terminal. */
  readonly terminal: boolean;
}

/** What the periphery wants of the person during an operation. */
export type Ask =
  | {
    readonly kind: "sign";
    /** Whose signature. */
    readonly person: Fingerprint;
    /** To be shown before it is signed. Answer: `signature`, detached, binary, in base64. */
    readonly document: string;
  }
  | {
    readonly kind: "sign-all";
    /** Whose signatures. */
    readonly person: Fingerprint;
    /** Behalf documents, at least one and at most `MAX_SIGNED_TOGETHER`, to be shown together. */
    readonly documents: readonly string[];
  }
  | { readonly kind: "confirm"; readonly question: string; readonly details: readonly string[] };

/** What a client says. */
export type ClientMessage =
  | { readonly open: Open }
  | { readonly reply: { readonly ask: number; readonly value: JsonRecord } }
  | { readonly reply: { readonly ask: number; readonly error: ErrorRecord } }
  | { readonly interrupt: true };

/** What a periphery says. `end` or `error` is its last message. */
export type ServerMessage =
  | { readonly item: JsonRecord }
  | { readonly note: string }
  /** The operation reads standard input now; before, none of it is sent. Said once. */
  | { readonly want: "input" }
  | { readonly ask: Ask & { readonly id: number } }
  | { readonly end: { readonly exitCode: number } }
  | { readonly error: ErrorRecord };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The frame of a message.
 *
 * @throws {PeriError} `too-large` when it does not fit one frame.
 */
export function encodeMessage(message: ClientMessage | ServerMessage): Bytes {
  return encodeFrame(FRAME.message, encoder.encode(JSON.stringify(message)));
}

/**
 * What a client said in a `message` frame.
 *
 * @throws {PeriError} `damaged` for anything but a {@link ClientMessage}.
 */
export function decodeClientMessage(content: Uint8Array): ClientMessage {
  const message = decodeRecord(content);
  if (isRecord(message.open)) return { open: parseOpen(message.open) };
  if (isRecord(message.reply)) {
    const { ask, value, error } = message.reply;
    if (!isCount(ask)) throw torn("reply without the number of its ask");
    if (isRecord(value)) return { reply: { ask, value } };
    if (isRecord(error)) return { reply: { ask, error: errorFromRecord(error).toRecord() } };
  }
  if (message.interrupt === true) return { interrupt: true };
  throw torn("not a message of a client");
}

/**
 * What a periphery said in a `message` frame.
 *
 * @throws {PeriError} `damaged` for anything but a {@link ServerMessage}.
 */
export function decodeServerMessage(content: Uint8Array): ServerMessage {
  const { item, note, want, ask, end, error } = decodeRecord(content);
  if (isRecord(item)) return { item };
  if (want === "input") return { want };
  if (typeof note === "string") return { note };
  if (isRecord(ask)) return { ask: parseAsk(ask) };
  if (isRecord(end) && isCount(end.exitCode) && end.exitCode <= 255) {
    return { end: { exitCode: end.exitCode } };
  }
  if (isRecord(error)) return { error: errorFromRecord(error).toRecord() };
  throw torn("not a message of a periphery");
}

function parseOpen(open: JsonRecord): Open {
  const { v, operation, arguments: args, person, terminal } = open;
  if (v !== 1) throw torn(`version ${JSON.stringify(v)} of the control protocol, 1 is spoken here`);
  if (typeof operation !== "string" || !/^[a-z]+(?:\.[a-z]+)*$/.test(operation)) {
    throw torn("operation that is no word");
  }
  if (!isRecord(args) || typeof terminal !== "boolean") throw torn("open of another shape");
  const checked: Open = { v, operation, arguments: args, terminal };
  return person === undefined ? checked : { ...checked, person: parsePerson(person) };
}

function parseAsk(ask: JsonRecord): Ask & { readonly id: number } {
  const { id, kind, person, document, documents, question, details } = ask;
  if (!isCount(id)) throw torn("ask without a number");
  if (kind === "sign" && typeof document === "string" && document.length <= MAX_BEHALF_BYTES) {
    return { id, kind, person: parsePerson(person), document };
  }
  if (kind === "sign-all" && isDocuments(documents)) {
    return { id, kind, person: parsePerson(person), documents };
  }
  if (kind === "confirm" && typeof question === "string" && Array.isArray(details)) {
    return { id, kind, question, details: details.map(String) };
  }
  throw torn("ask of unknown kind");
}

function isDocuments(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.length <= MAX_SIGNED_TOGETHER &&
    value.every((one) => typeof one === "string" && one.length <= MAX_BEHALF_BYTES);
}

/** Only the plain form: {@link parseFingerprint} is for people, and loads more than this file may. */
function parsePerson(person: Json | undefined): Fingerprint {
  if (typeof person === "string" && /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(person)) {
    return person as Fingerprint;
  }
  throw torn("person that is no fingerprint");
}

function decodeRecord(content: Uint8Array): JsonRecord {
  guardDepth(content);
  let value: Json;
  try {
    value = JSON.parse(decoder.decode(content));
  } catch (cause) {
    throw torn("message that is not JSON", cause);
  }
  if (!isRecord(value)) throw torn("message that is not a JSON object");
  return value;
}

/** Refuses deep nesting before anything recursive sees it. */
function guardDepth(json: Uint8Array): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (quoted) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) quoted = true;
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) depth--;
    if (depth > MAX_DEPTH) throw torn(`message nested deeper than ${MAX_DEPTH}`);
  }
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function torn(subject: string, cause?: unknown): PeriError {
  return new PeriError("damaged", { op: "read control session", subject, cause });
}
