/**
 * What happened to the messages of a pod, as far as it can be vouched for: by the MAC of a receipt
 * or the signature around an answer. A row tells of all messages of one bundle and is part of the
 * commit in which it happens, so it costs no commit of its own and survives what that survives.
 *
 * @module
 */

import { type Bytes, formatBase64Url, parseBase64Url } from "../model/bytes.ts";
import { type Cbor, encodeCbor } from "../model/cbor.ts";
import { type ErrorKind, type ErrorRecord, isErrorKind } from "../model/errors.ts";
import { type Fields, misshapen, readFields } from "../model/fields.ts";
import { MAX_BUNDLE_MESSAGES } from "../model/limits.ts";
import { formatPodRef, parsePodRef, type PodRef, type ResponseToken } from "../model/words.ts";
import { errorFromCbor, errorToCbor, type Lettered } from "./body.ts";
import { rowFields } from "./rows.ts";

/** A call as its traces name it. */
export interface Traced {
  readonly token: ResponseToken;
  readonly sequence: number;
  readonly postedMs: number;
  /** `interface#function`. */
  readonly what: string;
}

/** An answer that was taken. */
export interface TracedAnswer {
  readonly token: ResponseToken;
  readonly end: boolean;
  /** The kind of its error; absent when it is a result. */
  readonly error?: ErrorKind;
}

/** Something that happened to calls of a pod. */
export type Trace =
  /** The recipient's receipt says that they are on its disk. */
  | {
    readonly kind: "taken";
    readonly atMs: number;
    readonly to: PodRef;
    /** A server's address, `this periphery` or `a file`. */
    readonly by: string;
    /** When the envelope with them was sent, and how often one had been sent until then. */
    readonly sentMs: number;
    readonly tries: number;
    readonly calls: readonly Traced[];
  }
  /** Given up, refused or dropped, and why. */
  | {
    readonly kind: "lost" | "dropped";
    readonly atMs: number;
    readonly to: PodRef;
    readonly error: ErrorRecord;
    readonly calls: readonly Traced[];
  }
  /** Somebody had dead letters driven again. */
  | {
    readonly kind: "again";
    readonly atMs: number;
    readonly to: PodRef;
    readonly calls: readonly Traced[];
  }
  /** Answers came, signed by the recipient. */
  | {
    readonly kind: "answered";
    readonly atMs: number;
    readonly to: PodRef;
    readonly answers: readonly TracedAnswer[];
  };

/** Characters of `interface#function` kept: a row of a full bundle fits one value of 64 KiB. */
const MAX_WHAT = 270;
const MAX_TEXT = 240;
const WHAT = "a trace";

/** What traces say of a call; nothing of an answer, which its recipient's own traces tell of. */
export function tracedOf({ sequence, createdMs, body }: Lettered): Traced | undefined {
  if (body.kind !== "call") return undefined;
  const what = `${body.interface}#${body.function}`;
  return { token: body.token, sequence, postedMs: createdMs, what };
}

/** Row of `keys.trace`. */
export function encodeTrace(trace: Trace): Bytes {
  const { kind, atMs } = trace;
  const head = { kind, atMs, to: formatPodRef(trace.to) };
  if (trace.kind === "answered") return encodeCbor({ ...head, answers: answersToCbor(trace) });
  const calls = trace.calls.map(callToCbor);
  if (trace.kind === "again") return encodeCbor({ ...head, calls });
  if (trace.kind !== "taken") {
    return encodeCbor({ ...head, calls, error: errorToCbor(trace.error, MAX_TEXT) });
  }
  const { sentMs, tries, by } = trace;
  return encodeCbor({ ...head, calls, by, sentMs, tries });
}

/** @throws {PeriError} `damaged`. */
export function decodeTrace(row: Uint8Array): Trace {
  const optional = ["calls", "answers", "by", "sentMs", "tries", "error"];
  const fields = rowFields(WHAT, row, ["kind", "atMs", "to"], optional);
  const kind = fields.text("kind", 20);
  const head = { atMs: fields.integer("atMs", 0), to: parsePodRef(fields.text("to", 100)) };
  if (kind === "answered") return { kind, ...head, answers: answersFrom(fields) };
  const calls = fields.list("calls", 0, MAX_BUNDLE_MESSAGES).map(callFrom);
  if (kind === "again") return { kind, ...head, calls };
  if (kind === "lost" || kind === "dropped") {
    return { kind, ...head, calls, error: errorFromCbor(fields.value("error")) };
  }
  if (kind !== "taken") throw misshapen(WHAT, "an unknown kind");
  const [sentMs, tries] = [fields.integer("sentMs", 0), fields.integer("tries", 0)];
  return { kind, ...head, calls, by: fields.text("by", 300), sentMs, tries };
}

function callToCbor({ token, sequence, postedMs, what }: Traced): Cbor {
  return [parseBase64Url(token), sequence, postedMs, what.slice(0, MAX_WHAT)];
}

function callFrom(item: Cbor): Traced {
  const fields = tupleOf(item, ["token", "sequence", "postedMs", "what"]);
  return {
    token: tokenFrom(fields),
    sequence: fields.integer("sequence", 0),
    postedMs: fields.integer("postedMs", 0),
    what: fields.text("what", MAX_WHAT),
  };
}

function answersToCbor({ answers }: Trace & { kind: "answered" }): Cbor {
  return answers.map(({ token, end, error }) => [parseBase64Url(token), end, error ?? null]);
}

function answersFrom(fields: Fields): TracedAnswer[] {
  return fields.list("answers", 0, MAX_BUNDLE_MESSAGES).map((item) => {
    const parts = tupleOf(item, ["token", "end", "error"]);
    const error = parts.value("error");
    const said = { token: tokenFrom(parts), end: parts.boolean("end") };
    return isErrorKind(error) ? { ...said, error } : said;
  });
}

function tupleOf(item: Cbor, names: readonly string[]): Fields {
  if (!Array.isArray(item) || item.length !== names.length) throw misshapen(WHAT, "torn");
  return readFields(WHAT, Object.fromEntries(names.map((name, at) => [name, item[at]])), names);
}

function tokenFrom(fields: Fields): ResponseToken {
  return formatBase64Url(fields.bytes("token", 16)) as ResponseToken;
}
