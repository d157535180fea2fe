/**
 * Control sessions as bytes (PROTOCOL.md, "Control"): frames, and the JSON messages in them. Both
 * ends use this file. It is on the way of `peri <pod> …`, whose start counts in milliseconds, so it
 * must not import anything that loads more than itself.
 *
 * @module
 */

import type { Bytes } from "./bytes.ts";
import { errorFromRecord, type ErrorRecord, PeriError } from "./errors.ts";
import { MAX_BEHALF_BYTES, MAX_DEPTH, MAX_FRAME_BYTES } from "./limits.ts";
import type { Fingerprint } from "./words.ts";

/** What a frame carries: a JSON message, or a piece of a standard stream. */
export const FRAME = { message: 0, input: 1, output: 2, errors: 3 } as const;
/** One of the numbers in {@link FRAME}. */
export type FrameType = (typeof FRAME)[keyof typeof FRAME];

/** One frame of either direction. */
export interface Frame {
  readonly type: FrameType;
  /** At most {@link MAX_CONTENT_BYTES}; empty in an `input` frame: no more input comes. */
  readonly content: Uint8Array;
}

/** Most content of one frame: its length counts the type as well. */
export const MAX_CONTENT_BYTES = MAX_FRAME_BYTES - 1;

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
    /** A behalf document, to be shown before it is signed. */
    readonly document: string;
  }
  | { readonly kind: "confirm"; readonly question: string; readonly details: readonly string[] };

/** Answer to a `sign`: detached OpenPGP signature, binary, in base64. */
export interface SignAnswer extends JsonRecord {
  readonly signature: string;
}
/** Answer to a `confirm`. */
export interface ConfirmAnswer extends JsonRecord {
  readonly yes: boolean;
}

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
  | { readonly ask: Ask & { readonly id: number } }
  | { readonly end: { readonly exitCode: number } }
  | { readonly error: ErrorRecord };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const HEAD_BYTES = 5;
const OP = "read control session";

/**
 * A frame's bytes.
 *
 * @throws {PeriError} `too-large` over {@link MAX_CONTENT_BYTES}.
 */
export function encodeFrame(type: FrameType, content: Uint8Array): Bytes {
  if (content.length > MAX_CONTENT_BYTES) {
    const subject = `${content.length} bytes in one frame, ${MAX_CONTENT_BYTES} allowed`;
    throw new PeriError("too-large", { op: "write control session", subject });
  }
  const bytes = new Uint8Array(HEAD_BYTES + content.length);
  new DataView(bytes.buffer).setUint32(0, content.length + 1);
  bytes[4] = type;
  bytes.set(content, HEAD_BYTES);
  return bytes;
}

/** The frames of one piece of a stream, however long: as many as it needs; none for an empty piece. */
export function* encodeStream(type: FrameType, piece: Uint8Array): Generator<Bytes> {
  for (let at = 0; at < piece.length; at += MAX_CONTENT_BYTES) {
    yield encodeFrame(type, piece.subarray(at, at + MAX_CONTENT_BYTES));
  }
}

/**
 * The frame of a message.
 *
 * @throws {PeriError} `too-large` when it does not fit one frame.
 */
export function encodeMessage(message: ClientMessage | ServerMessage): Bytes {
  return encodeFrame(FRAME.message, encoder.encode(JSON.stringify(message)));
}

/** Cuts a byte stream into frames, wherever its pieces begin and end. Holds at most one frame. */
export class FrameReader {
  #pieces: Uint8Array[] = [];
  #held = 0;
  /** Bytes that must be there before looking again is of use. */
  #wanted = HEAD_BYTES;

  /**
   * The frames that are whole with this piece, which is copied.
   *
   * @throws {PeriError} `damaged` for a frame of no or too much length, or of unknown type; the
   * stream cannot be read on then.
   */
  push(piece: Uint8Array): Frame[] {
    this.#pieces.push(piece.slice());
    this.#held += piece.length;
    if (this.#held < this.#wanted) return [];
    let rest = join(this.#pieces, this.#held);
    const frames: Frame[] = [];
    for (;;) {
      this.#wanted = frameSize(rest);
      if (rest.length < this.#wanted) break;
      frames.push({
        type: frameType(rest[4]!),
        content: rest.subarray(HEAD_BYTES, this.#wanted),
      });
      rest = rest.subarray(this.#wanted);
    }
    this.#pieces = [rest];
    this.#held = rest.length;
    return frames;
  }

  /** To be called at the end of the stream. @throws {PeriError} `damaged` within a frame. */
  end(): void {
    if (this.#held > 0) throw torn("the session ended within a frame");
  }
}

/**
 * The frames of a byte stream, in order.
 *
 * @throws {PeriError} `damaged` as {@link FrameReader}; what the stream itself throws.
 */
export async function* readFrames(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const reader = new FrameReader();
  for await (const piece of pieces) yield* reader.push(piece);
  reader.end();
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
  const { item, note, ask, end, error } = decodeRecord(content);
  if (isRecord(item)) return { item };
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
  const { id, kind, person, document, question, details } = ask;
  if (!isCount(id)) throw torn("ask without a number");
  if (kind === "sign" && typeof document === "string" && document.length <= MAX_BEHALF_BYTES) {
    return { id, kind, person: parsePerson(person), document };
  }
  if (kind === "confirm" && typeof question === "string" && Array.isArray(details)) {
    return { id, kind, question, details: details.map(String) };
  }
  throw torn("ask of unknown kind");
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

/** Whole size of the frame that starts here; of its head, as long as that is not whole. */
function frameSize(bytes: Uint8Array): number {
  if (bytes.length < HEAD_BYTES) return HEAD_BYTES;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (length === 0 || length > MAX_FRAME_BYTES) {
    throw torn(`frame of ${length} bytes, 1 to ${MAX_FRAME_BYTES} allowed`);
  }
  return HEAD_BYTES - 1 + length;
}

function frameType(byte: number): FrameType {
  if (byte <= FRAME.errors) return byte as FrameType;
  throw torn(`frame of unknown type ${byte}`);
}

/** One array of all pieces; a lone piece as it is. */
function join(pieces: readonly Uint8Array[], size: number): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function torn(subject: string, cause?: unknown): PeriError {
  return new PeriError("damaged", { op: OP, subject, cause });
}
