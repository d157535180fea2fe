/**
 * What directories say to each other, as bytes (PROTOCOL.md, "Directory").
 *
 * @module
 */

import type { Introduction } from "../identity/behalf.ts";
import {
  introductionFromCbor,
  introductionToCbor,
  MAX_INTRODUCTION_BYTES,
} from "../identity/introduction.ts";
import type { Bytes } from "../model/bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "../model/cbor.ts";
import { PeriError } from "../model/errors.ts";
import {
  MAX_LINEAGE_BYTES,
  MAX_NOTICE_ENTRIES,
  MAX_POST_BYTES,
  MAX_SIGNATURE_BYTES,
  MAX_SUCCESSORS,
} from "../model/limits.ts";
import {
  formatPodRef,
  parsePodRef,
  parseServerUrl,
  type PodRef,
  type ServerUrl,
} from "../model/words.ts";

/** CBOR's own bytes around an answer of one introduction. */
const MAX_FRAMING_BYTES = 256;
/** Longest reply to `hello`. */
export const MAX_ANSWER_BYTES = MAX_INTRODUCTION_BYTES + MAX_FRAMING_BYTES;
/** Bytes of all lineages beside one introduction. */
export const MAX_WHO_LINEAGE_BYTES = 2 * MAX_LINEAGE_BYTES;
/** Bytes of all lineages beside many; who misses one asks for the pod alone. */
export const MAX_PAGE_LINEAGE_BYTES = 8 * MAX_LINEAGE_BYTES;
/** Longest reply to a question about one pod. */
export const MAX_WHO_BYTES = MAX_ANSWER_BYTES + MAX_WHO_LINEAGE_BYTES + MAX_FRAMING_BYTES;
/** Lineages in one answer: of all entries, and of those in whose place these stand. */
const MAX_LINEAGES_AT_ONCE = MAX_NOTICE_ENTRIES * (MAX_SUCCESSORS + 1);

/** A part of a book. */
export interface Page {
  readonly entries: readonly Introduction[];
  /** Up to which place of the book's changes these are all; to be asked from on. */
  readonly through: number;
  /** Whether nothing comes behind them now. */
  readonly isLast: boolean;
  /** What is known of who stands in whose place, among the people of the entries. */
  readonly lineages?: readonly Bytes[];
}

/** What a server knows of one pod. */
export interface Who {
  readonly entry?: Introduction;
  /** What is known of who stands in whose place. */
  readonly lineages?: readonly Bytes[];
}

/** What a friend publishes. */
export interface Notice {
  /** The friend's own pod `periphery`. */
  readonly from: PodRef;
  /** The server it is meant for, so that nobody else can pass it on. */
  readonly to: ServerUrl;
  readonly sentMs: number;
  readonly entries: readonly Introduction[];
  /** What is known of who stands in whose place, among the people of the entries. */
  readonly lineages?: readonly Bytes[];
}

/** A notice with the detached signature over its bytes. */
export interface SignedNotice {
  readonly notice: Bytes;
  readonly signature: Bytes;
}

/** The reply to `GET /peri/v1/hello`. */
export function encodeHello(owner: Introduction): Bytes {
  return encodeCbor({ v: 1, owner: introductionToCbor(owner) });
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodeHello(bytes: Uint8Array): Introduction {
  const { owner } = fieldsOf(decodeCbor(bytes, MAX_ANSWER_BYTES, "hello"), "hello");
  return introductionFromCbor(owner ?? null);
}

/** The reply to `GET /peri/v1/who/…`. */
export function encodeWho({ entry, lineages }: Who): Bytes {
  const written = entry === undefined ? null : introductionToCbor(entry);
  return encodeCbor({ v: 1, entry: written, ...lineagesTo(lineages) });
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodeWho(bytes: Uint8Array): Who {
  const { entry, lineages } = fieldsOf(decodeCbor(bytes, MAX_WHO_BYTES, "who"), "who");
  const read = lineagesFrom(lineages, "who");
  return entry === null ? read : { entry: introductionFromCbor(entry ?? false), ...read };
}

/** The reply to `GET /peri/v1/book`. */
export function encodePage({ entries, through, isLast, lineages }: Page): Bytes {
  return encodeCbor({
    v: 1,
    entries: entries.map(introductionToCbor),
    through,
    last: isLast,
    ...lineagesTo(lineages),
  });
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodePage(bytes: Uint8Array): Page {
  const fields = fieldsOf(decodeCbor(bytes, MAX_POST_BYTES, "book"), "book");
  const { entries, through, last } = fields;
  const isPlace = typeof through === "number" && through >= 0;
  if (!isPlace || typeof last !== "boolean") throw torn("book");
  const lineages = lineagesFrom(fields.lineages, "book");
  return { entries: introductionsOf(entries, "book"), through, isLast: last, ...lineages };
}

/** The bytes of a notice that are signed. */
export function encodeNotice(notice: Notice): Bytes {
  return encodeCbor({
    v: 1,
    kind: "book",
    from: formatPodRef(notice.from),
    to: notice.to,
    sent: notice.sentMs,
    entries: notice.entries.map(introductionToCbor),
    ...lineagesTo(notice.lineages),
  });
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodeNotice(bytes: Uint8Array): Notice {
  const what = "notice";
  const { kind, from, to, sent, entries, lineages } = fieldsOf(
    decodeCbor(bytes, MAX_POST_BYTES, what),
    what,
  );
  if (kind !== "book" || typeof to !== "string" || typeof sent !== "number") throw torn(what);
  return {
    from: refOf(from, what),
    to: exactly(to, what, parseServerUrl, (server) => server),
    sentMs: sent,
    entries: introductionsOf(entries, what),
    ...lineagesFrom(lineages, what),
  };
}

/** The body of `POST /peri/v1/book`. */
export function encodeSignedNotice({ notice, signature }: SignedNotice): Bytes {
  return encodeCbor({ v: 1, notice, signature });
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodeSignedNotice(bytes: Uint8Array): SignedNotice {
  const what = "signed notice";
  const { notice, signature } = fieldsOf(decodeCbor(bytes, MAX_POST_BYTES, what), what);
  if (!(notice instanceof Uint8Array) || !(signature instanceof Uint8Array)) throw torn(what);
  if (signature.length > MAX_SIGNATURE_BYTES) {
    const subject = `a signature of ${signature.length} bytes, ${MAX_SIGNATURE_BYTES} allowed`;
    throw new PeriError("too-large", { op: `read ${what}`, subject });
  }
  return { notice: notice as Bytes, signature: signature as Bytes };
}

/** The reply to `POST /peri/v1/book`: how many entries are now known. */
export function encodeTaken(taken: number): Bytes {
  return encodeCbor({ v: 1, taken });
}

function torn(what: string, cause?: unknown): PeriError {
  const subject = "not of the shape of version 1";
  return new PeriError("damaged", { op: `read ${what}`, subject, cause });
}

function fieldsOf(value: Cbor, what: string): Readonly<Record<string, Cbor | undefined>> {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Uint8Array);
  const fields = isMap ? value as Readonly<Record<string, Cbor | undefined>> : {};
  if (fields.v !== 1) throw torn(what);
  return fields;
}

function introductionsOf(value: Cbor | undefined, what: string): Introduction[] {
  if (!Array.isArray(value)) throw torn(what);
  if (value.length > MAX_NOTICE_ENTRIES) {
    const subject = `${value.length} entries at once, ${MAX_NOTICE_ENTRIES} allowed`;
    throw new PeriError("too-large", { op: `read ${what}`, subject });
  }
  return value.map((item: Cbor) => introductionFromCbor(item));
}

/** Left out when there are none, so that bytes are as they were before there were any. */
function lineagesTo(lineages: readonly Bytes[] = []): { readonly lineages?: Cbor } {
  return lineages.length === 0 ? {} : { lineages: [...lineages] };
}

function lineagesFrom(
  value: Cbor | undefined,
  what: string,
): { readonly lineages?: readonly Bytes[] } {
  if (value === undefined) return {};
  const isGood = Array.isArray(value) && value.length <= MAX_LINEAGES_AT_ONCE &&
    value.every((one: Cbor) => one instanceof Uint8Array && one.length <= MAX_LINEAGE_BYTES);
  if (!isGood) throw torn(what);
  return { lineages: value as Bytes[] };
}

function refOf(value: Cbor | undefined, what: string): PodRef {
  if (typeof value !== "string") throw torn(what);
  return exactly(value, what, parsePodRef, formatPodRef);
}

/** A word that is written in its one exact form. */
function exactly<Word>(
  text: string,
  what: string,
  parse: (text: string) => Word,
  format: (word: Word) => string,
): Word {
  try {
    const word = parse(text);
    if (format(word) === text) return word;
  } catch (cause) {
    throw torn(what, cause);
  }
  throw torn(what);
}
