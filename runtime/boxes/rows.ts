/**
 * The rows of the boxes (ARCHITECTURE.md, "State"). Values are CBOR, so that a message takes the
 * bytes that `limits.ts` counts, in every store.
 *
 * @module
 */

import {
  type Bytes,
  formatBase64Url,
  formatHex,
  parseBase64Url,
  parseHex,
} from "../model/bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "../model/cbor.ts";
import type { ErrorRecord } from "../model/errors.ts";
import { type Fields, misshapen, readFields } from "../model/fields.ts";
import { MAX_CALL_KEY_BYTES, MAX_LANE_EPOCHS } from "../model/limits.ts";
import type { Continuation, Errand, InboxEvent, Message } from "../model/message.ts";
import {
  formatPodRef,
  type FunctionId,
  type LaneEpoch,
  parseFunctionId,
  parseLaneEpoch,
  parsePodRef,
  type PodRef,
  type ResponseToken,
  type StreamHandle,
  type StreamRef,
} from "../model/words.ts";
import type { Key, KeyPart } from "../ports/store.ts";
import {
  errorFromCbor,
  errorToCbor,
  type Lettered,
  messageFromCbor,
  messageToCbor,
} from "./body.ts";

/** A value of the store: 64 KiB. */
const MAX_ROW_BYTES = 65_536;

function keyOf(pod: PodRef, ...parts: KeyPart[]): Key {
  return ["pod", pod.person, pod.pod, ...parts];
}

/** Keys below a pod's partition. */
export const keys = {
  /** A message waiting to be delivered. */
  outbox: (from: PodRef, to: PodRef, sequence: number) =>
    keyOf(from, "outbox", to.person, to.pod, sequence),
  /** All waiting messages of a lane. */
  lane: (from: PodRef, to: PodRef) => keyOf(from, "outbox", to.person, to.pod),
  /** All waiting messages of a pod. */
  outboxes: (from: PodRef) => keyOf(from, "outbox"),
  /** A lane's numbers on the sender's side. */
  to: (from: PodRef, to: PodRef) => keyOf(from, "to", to.person, to.pod),
  /** A lane's marks on the recipient's side. */
  from: (to: PodRef, from: PodRef) => keyOf(to, "from", from.person, from.pod),
  /** The token of an open call, by what its pod calls it. */
  key: (from: PodRef, key: string) => keyOf(from, "key", key),
  /** A call that waits for its pod's answers. */
  owed: (pod: PodRef, { caller, token }: StreamRef) =>
    keyOf(pod, "owed", caller.person, caller.pod, token),
  /** All such calls of a pod. */
  oweds: (pod: PodRef) => keyOf(pod, "owed"),
  /** An errand that goes on with a stream. */
  pace: (pod: PodRef, { caller, token }: StreamRef) =>
    keyOf(pod, "pace", caller.person, caller.pod, token),
  /** All such errands of a pod. */
  paces: (pod: PodRef) => keyOf(pod, "pace"),
  /** An errand that waits for its time. */
  later: (pod: PodRef, dueMs: number, key: string) => keyOf(pod, "later", dueMs, key),
  /** All such errands of a pod, the next ones first. */
  laters: (pod: PodRef) => keyOf(pod, "later"),
  /** The time of such an errand, by what its pod calls it. */
  when: (pod: PodRef, key: string) => keyOf(pod, "when", key),
  /** All times of a pod's errands. */
  whens: (pod: PodRef) => keyOf(pod, "when"),
  /** A call that waits for its answers. */
  open: (from: PodRef, token: ResponseToken) => keyOf(from, "open", token),
  /** The same in order of its deadline. A stream stands here by its handle. */
  due: (from: PodRef, dueMs: number, name: ResponseToken | StreamHandle) =>
    keyOf(from, "due", dueMs, name),
  /** All deadlines of a pod. */
  dues: (from: PodRef) => keyOf(from, "due"),
  /** An event waiting for its pod. */
  inbox: (pod: PodRef, arrival: number) => keyOf(pod, "inbox", arrival),
  /** All events of a pod. */
  inboxes: (pod: PodRef) => keyOf(pod, "inbox"),
  /** A message given up. */
  dead: (from: PodRef, to: PodRef, sequence: number) =>
    keyOf(from, "dead", to.person, to.pod, sequence),
  /** All messages of a pod that were given up. */
  deads: (from: PodRef) => keyOf(from, "dead"),
  /** What happened to messages of a pod, in order. */
  trace: (from: PodRef, place: number) => keyOf(from, "trace", place),
  /** All that happened. */
  traces: (from: PodRef) => keyOf(from, "trace"),
  /** An envelope that left as a file, by the SHA-256 of its sealed bytes in hexadecimal. */
  carried: (from: PodRef, envelope: string) => keyOf(from, "carried", envelope),
  /** All envelopes of a pod that left as files. */
  carrieds: (from: PodRef) => keyOf(from, "carried"),
} as const;

/** The recipient's pod in the key of a waiting or dead message. */
export function laneOfKey(key: Key): PodRef {
  return parsePodRef(`${key[4]}/${key[5]}`);
}

/** A lane's numbers: all up to `sequence` may be in use. */
export interface ToRow {
  readonly epoch: LaneEpoch;
  readonly sequence: number;
  /** Serial of the behalf the recipient has shown to know; 0 for none. */
  readonly introduced: number;
  /** Numbers from here on were given since the row was last read, and may be known there already. */
  readonly unproven?: number;
}

/** Row of `keys.to`. */
export function encodeTo({ epoch, sequence, introduced, unproven }: ToRow): Bytes {
  const row = { epoch: parseBase64Url(epoch), sequence, introduced };
  return encodeCbor(unproven === undefined ? row : { ...row, unproven });
}

/** @throws {PeriError} `damaged`. */
export function decodeTo(row: Uint8Array): ToRow {
  const names = ["epoch", "sequence", "introduced"];
  const fields = rowFields("a lane's row", row, names, ["unproven"]);
  return {
    epoch: epochFrom(fields),
    sequence: fields.integer("sequence", 0),
    introduced: fields.integer("introduced", 0),
    ...(fields.value("unproven") === null ? {} : { unproven: fields.integer("unproven", 1) }),
  };
}

/** How far one epoch of a lane has come in, and when it was last written to by its sender's clock. */
export interface Mark {
  readonly epoch: LaneEpoch;
  readonly through: number;
  readonly sentMs: number;
}

/** Row of `keys.from`, newest epoch first. */
export function encodeMarks(marks: readonly Mark[]): Bytes {
  return encodeCbor(
    marks.map(({ epoch, through, sentMs }) => ({ epoch: parseBase64Url(epoch), through, sentMs })),
  );
}

/** @throws {PeriError} `damaged`. */
export function decodeMarks(row: Uint8Array): Mark[] {
  const what = "a lane's marks";
  const list = decodeCbor(row, MAX_ROW_BYTES, what);
  return readFields(what, { list }, ["list"]).list("list", 0, MAX_LANE_EPOCHS).map((item) => {
    const fields = readFields(what, item, ["epoch", "through", "sentMs"]);
    return {
      epoch: epochFrom(fields),
      through: fields.integer("through", 0),
      sentMs: fields.integer("sentMs", 0),
    };
  });
}

/** A call that waits for its answers. */
export interface OpenCall {
  /** Who was asked, and where the message stands in its lane. */
  readonly to: PodRef;
  readonly sequence: number;
  readonly dueMs: number;
  /** Index of the answer that comes next. */
  readonly next: number;
  readonly continuation?: Continuation;
  /** What its pod calls it. */
  readonly key?: string;
}

/** Row of `keys.open`. */
export function encodeOpen({ to, sequence, dueMs, next, continuation, key }: OpenCall): Bytes {
  const then = continuationToCbor(continuation);
  const call = { to: formatPodRef(to), sequence, dueMs, next, then };
  return encodeCbor(key === undefined ? call : { ...call, key });
}

/** @throws {PeriError} `damaged`. */
export function decodeOpen(row: Uint8Array): OpenCall {
  const names = ["to", "sequence", "dueMs", "next", "then"];
  const fields = rowFields("an open call", row, names, ["key"]);
  return {
    to: parsePodRef(fields.text("to", 100)),
    sequence: fields.integer("sequence", 0),
    dueMs: fields.integer("dueMs", 0),
    next: fields.integer("next", 0),
    ...continuationFrom(fields),
    ...(fields.value("key") === null ? {} : { key: fields.text("key", MAX_CALL_KEY_BYTES) }),
  };
}

/** What goes when an open call ends. */
export function deletesOfOpen(pod: PodRef, token: ResponseToken, { dueMs, key }: OpenCall): Key[] {
  const rows = [keys.open(pod, token), keys.due(pod, dueMs, token)];
  return key === undefined ? rows : [...rows, keys.key(pod, key)];
}

/** A call that waits for its pod's answers. */
export interface OwedStream {
  readonly functionId: FunctionId;
  /** It takes one answer: a plain call whose run waits for others. */
  readonly isOnce?: true;
  /** Index of the answer that comes next. */
  readonly next: number;
  readonly dueMs: number;
  /** Its last answer is given; the pod has yet to be told. */
  readonly isClosing: boolean;
}

/** Row of `keys.owed`. */
export function encodeOwed({ functionId, next, dueMs, isClosing, isOnce }: OwedStream): Bytes {
  const row = { functionId: parseHex(functionId), next, dueMs, isClosing };
  return encodeCbor(isOnce ? { ...row, isOnce } : row);
}

/** @throws {PeriError} `damaged`. */
export function decodeOwed(row: Uint8Array): OwedStream {
  const names = ["functionId", "next", "dueMs", "isClosing"];
  const fields = rowFields("a stream", row, names, ["isOnce"]);
  return {
    functionId: functionIdFrom(fields, "functionId"),
    next: fields.integer("next", 0),
    dueMs: fields.integer("dueMs", 0),
    isClosing: fields.boolean("isClosing"),
    ...(fields.value("isOnce") === true ? { isOnce: true as const } : {}),
  };
}

/** Row of `keys.pace` and `keys.later`. */
export function encodeErrand({ continuation, payload }: Errand): Bytes {
  return encodeCbor({ then: continuationToCbor(continuation), payload });
}

/** @throws {PeriError} `damaged`. */
export function decodeErrand(row: Uint8Array): Errand {
  const fields = rowFields("an errand", row, ["then", "payload"]);
  const { continuation } = continuationFrom(fields);
  if (!continuation) throw misshapen("an errand", "no continuation");
  return { continuation, payload: fields.text("payload", MAX_ROW_BYTES) };
}

/** Row of `keys.outbox`: the message as its bundle will hold it. */
export function encodeWaiting(message: Lettered): Bytes {
  return encodeCbor(messageToCbor(message));
}

/** @throws {PeriError} `damaged`. */
export function decodeWaiting(row: Uint8Array): Lettered {
  return messageFromCbor(decodeCbor(row, MAX_ROW_BYTES, "a waiting message"));
}

/** A message given up, and why. */
export interface DeadLetter {
  readonly atMs: number;
  readonly error: ErrorRecord;
  readonly message: Lettered;
  /** Of a call: what its poster left to be done, should it be driven again. */
  readonly continuation?: Continuation;
}

/** Texts of the error in a dead letter: beside a full payload and a full note they fit one value. */
const MAX_DEAD_TEXT = 240;

/** Row of `keys.dead`. */
export function encodeDead({ atMs, error, message, continuation }: DeadLetter): Bytes {
  const then = continuationToCbor(continuation);
  const why = errorToCbor(error, MAX_DEAD_TEXT);
  return encodeCbor({ atMs, error: why, message: messageToCbor(message), then });
}

/** @throws {PeriError} `damaged`. */
export function decodeDead(row: Uint8Array): DeadLetter {
  // Rows of before version 0.2 have no continuation.
  const fields = rowFields("a dead letter", row, ["atMs", "error", "message"], ["then"]);
  return {
    atMs: fields.integer("atMs", 0),
    error: errorFromCbor(fields.value("error")),
    message: messageFromCbor(fields.value("message")),
    ...continuationFrom(fields),
  };
}

/** Row of `keys.inbox`. */
export function encodeEvent({ receivedMs, attempts, message, continuation }: InboxEvent): Bytes {
  const then = continuationToCbor(continuation);
  const from = formatPodRef(message.from);
  return encodeCbor({ receivedMs, attempts, from, message: messageToCbor(message), then });
}

/** @throws {PeriError} `damaged`. */
export function decodeEvent(to: PodRef, arrival: number, row: Uint8Array): InboxEvent {
  const names = ["receivedMs", "attempts", "from", "message", "then"];
  const fields = rowFields("an inbox row", row, names);
  const from = parsePodRef(fields.text("from", 100));
  const message: Message = { from, to, ...messageFromCbor(fields.value("message"), 0) };
  return {
    arrival,
    receivedMs: fields.integer("receivedMs", 0),
    attempts: fields.integer("attempts", 0),
    message,
    ...continuationFrom(fields),
  };
}

/** The fields of a row. @throws {PeriError} `damaged` for anything but a map with these keys. */
export function rowFields(
  what: string,
  row: Uint8Array,
  names: readonly string[],
  optional: readonly string[] = [],
): Fields {
  return readFields(what, decodeCbor(row, MAX_ROW_BYTES, what), names, optional);
}

function continuationToCbor(continuation: Continuation | undefined): Cbor {
  if (!continuation) return null;
  const { then, note, isStream, functionId } = continuation;
  return {
    then,
    note,
    ...(isStream ? { stream: true } : {}),
    ...(functionId === undefined ? {} : { function: parseHex(functionId) }),
  };
}

function continuationFrom(fields: Fields): { continuation?: Continuation } {
  const then: Cbor = fields.value("then");
  if (then === null) return {};
  const parts = readFields("a continuation", then, ["then", "note"], ["stream", "function"]);
  const hasFunction = parts.value("function") !== null;
  return {
    continuation: {
      then: parts.text("then", 1_000),
      note: parts.text("note", MAX_ROW_BYTES),
      ...(parts.value("stream") === true ? { isStream: true as const } : {}),
      ...(hasFunction ? { functionId: functionIdFrom(parts, "function") } : {}),
    },
  };
}

function epochFrom(fields: Fields): LaneEpoch {
  return parseLaneEpoch(formatBase64Url(fields.bytes("epoch", 16)));
}

function functionIdFrom(fields: Fields, key: string): FunctionId {
  return parseFunctionId(formatHex(fields.bytes(key, 32)));
}
