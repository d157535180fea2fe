/**
 * What a run did, checked: texts of a hostile guest become writes, posts and answers, or a
 * refusal of the whole run.
 *
 * @module
 */

import { utf8Length } from "../../model/bytes.ts";
import { callableOf } from "../../model/callable.ts";
import { errorFromRecord, type ErrorRecord, PeriError } from "../../model/errors.ts";
import {
  DEFAULT_DEADLINE_MS,
  MAX_CALL_KEY_BYTES,
  MAX_DEADLINE_MS,
  MAX_LATER_BYTES,
  MAX_LATER_MS,
  MAX_NOTE_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_RUN_OUTPUT_BYTES,
  MAX_STATE_KEY_BYTES,
  MAX_TURN_ANSWERS,
  MAX_TURN_BYTES,
  MAX_TURN_CANCELS,
  MAX_TURN_LARGE_BYTES,
  MAX_TURN_POSTS,
  MAX_TURN_WRITES,
  MAX_VALUE_BYTES,
} from "../../model/limits.ts";
import type { Errand, Outcome, Post, StreamAnswer } from "../../model/message.ts";
import type {
  Effects,
  Manifest,
  OfferedFunction,
  RunOutcome,
  TableWrite,
  WantedAnswer,
  WantedPost,
} from "../../model/pod.ts";
import {
  formatPodRef,
  parseCapabilityId,
  parseFingerprint,
  parseFunctionId,
  parseFunctionName,
  parseInterfaceName,
  parsePodName,
  parseStreamHandle,
  tokenFromBytes,
} from "../../model/words.ts";
import type { Entropy } from "../../ports/entropy.ts";
import { checkJson } from "../json.ts";
import { checkContent, namesContent } from "../state/content.ts";
import { goesToFile } from "../state/large.ts";
import { functionOf } from "./offer.ts";
import { isStreamFunction } from "./stream.ts";
import { checkName, sizeOfRow } from "../state/state.ts";

/** Longest name of a table, as UTF-8. */
export const MAX_TABLE_BYTES = 64;
/** What a row of mail takes beyond its texts, at most. */
const MAIL_ROW_BYTES = 600;
/** For whoever writes a pod: what is done before a pause has happened. */
const IN_PARTS = "do it part by part, with await this.run.pause() between them";
/** What an error takes, at most. */
const MAX_ERROR_BYTES = 9_000;

/** A write within its bounds. */
export interface CheckedWrite extends TableWrite {
  /** Its value goes to a file. Absent: as its size says. */
  readonly isFile?: boolean;
}

/** Effects within their bounds. */
export interface CheckedEffects {
  /** Each key once; the last write stands. */
  readonly writes: readonly CheckedWrite[];
  readonly posts: readonly Post[];
  readonly errands: readonly Errand[];
  readonly answers: readonly StreamAnswer[];
  readonly cancels: readonly string[];
  readonly outputs: Effects["outputs"];
  /** About what they take in a commit. */
  readonly bytes: number;
  /** What their large values take in files. */
  readonly largeBytes: number;
}

/** Rows below this are no files, whatever else a run writes. */
const MIN_FILE_BYTES = 4 * 1024;

/** Effects of a run that did nothing. */
export const NO_EFFECTS: CheckedEffects = {
  writes: [],
  posts: [],
  errands: [],
  answers: [],
  cancels: [],
  outputs: [],
  bytes: 0,
  largeBytes: 0,
};

/**
 * Effects as they may happen.
 *
 * @param messageBytes longest payload of what it posts and answers, as UTF-8
 * @throws {PeriError} `invalid` for texts that are not what they should be, `too-large` over a
 * bound, `denied` for a post to a function that the pod's manifest does not name.
 */
export function checkEffects(
  effects: Effects,
  manifest: Manifest,
  entropy: Entropy,
  messageBytes = MAX_PAYLOAD_BYTES,
): CheckedEffects {
  const rows = `entries of indexes are writes too; ${IN_PARTS}`;
  bound("writes", effects.writes.length, MAX_TURN_WRITES, rows);
  bound("posts", effects.posts.length, MAX_TURN_POSTS);
  bound("answers to streams", effects.answers.length, MAX_TURN_ANSWERS, IN_PARTS);
  bound("cancels", effects.cancels.length, MAX_TURN_CANCELS, IN_PARTS);
  const outputBytes = effects.outputs.reduce((sum, { data }) => sum + data.length, 0);
  bound("bytes of output", outputBytes, MAX_RUN_OUTPUT_BYTES);
  for (const { fd } of effects.outputs) {
    if (fd !== 1 && fd !== 2) throw invalid("write output", `there is no descriptor ${fd}`);
  }
  const written = lastWrites(effects.writes);
  const isErrand = ({ interface: name }: WantedPost) => name === "";
  const errands = effects.posts.filter(isErrand).map((post) => checkErrand(post));
  const wanted = effects.posts.filter((post) => !isErrand(post));
  const posts = wanted.map((post) => checkPost(post, manifest, entropy, messageBytes));
  checkKeys(posts);
  checkKeys(errands.flatMap(({ later }) => later ?? []));
  const answers = effects.answers.map((answer) => checkAnswer(answer, messageBytes));
  const cancels = effects.cancels.map((key) => checkKey(key));
  const mailBytes = [...posts, ...errands].reduce((sum, one) => sum + sizeOfPost(one), 0) +
    answers.reduce((sum, one) => sum + sizeOfAnswer(one), 0);
  const writes = fitWrites(written, MAX_TURN_BYTES - mailBytes);
  const largeBytes = sizeOfLarge(writes);
  bound("bytes of large values", largeBytes, MAX_TURN_LARGE_BYTES);
  const bytes = sizeOfRows(writes) + mailBytes;
  const mail = MAX_TURN_POSTS + answers.length;
  const max = MAX_TURN_BYTES + mail * MAIL_ROW_BYTES;
  bound("bytes of writes, posts and answers", bytes, max, IN_PARTS);
  return { writes, posts, errands, answers, cancels, outputs: effects.outputs, bytes, largeBytes };
}

/**
 * The outcome of a run as it may be answered: JSON that fits a message, or an error within its
 * bounds.
 *
 * @throws {PeriError} `invalid` when the result is not JSON, `too-large` over a message's bound.
 */
export function checkOutcome(outcome: RunOutcome, messageBytes = MAX_PAYLOAD_BYTES): Outcome {
  if ("error" in outcome) return { error: boundedError(outcome.error) };
  bound("bytes of result", utf8Length(outcome.ok), messageBytes);
  checkJson("result", outcome.ok);
  return { ok: outcome.ok };
}

function boundedError(record: ErrorRecord): ErrorRecord {
  return errorFromRecord(record).toRecord();
}

function checkPost(
  wanted: WantedPost,
  manifest: Manifest,
  entropy: Entropy,
  messageBytes: number,
): Post {
  const to = { person: parseFingerprint(wanted.person), pod: parsePodName(wanted.pod) };
  const called = {
    capability: parseCapabilityId(wanted.capability),
    interface: parseInterfaceName(wanted.interface),
    function: parseFunctionName(wanted.function),
    functionId: parseFunctionId(wanted.functionId),
  };
  const isStream = isStreamFunction(checkGrant(called, manifest, formatPodRef(to)));
  bound("bytes of arguments", utf8Length(wanted.arguments), messageBytes);
  if (!Array.isArray(checkJson("arguments", wanted.arguments))) {
    throw invalid("post a message", `the arguments of ${called.function} are not a list`);
  }
  const continuation = wanted.continuation && checkContinuation(wanted.continuation);
  if (isStream && continuation === undefined) {
    throw invalid("post a message", `nobody takes the answers of ${called.function}`);
  }
  const mark = { functionId: called.functionId, ...(isStream ? { isStream } : {}) };
  return {
    to,
    ...called,
    token: tokenFromBytes(entropy.bytes(16)),
    payload: wanted.arguments,
    deadlineMs: checkDeadline(wanted.deadlineMs),
    ...(continuation === undefined ? {} : { continuation: { ...continuation, ...mark } }),
    ...(wanted.key === undefined ? {} : { key: checkKey(wanted.key) }),
  };
}

function checkAnswer({ handle, part }: WantedAnswer, messageBytes: number): StreamAnswer {
  const ref = parseStreamHandle(handle);
  if ("error" in part) return { ...ref, part: { error: boundedError(part.error) } };
  if ("item" in part) {
    bound("bytes of an item", utf8Length(part.item), messageBytes);
    checkJson("item", part.item);
  }
  return { ...ref, part };
}

function checkKey(key: string): string {
  if (key === "") throw invalid("use a key", "it is empty");
  checkName("key", key, MAX_CALL_KEY_BYTES);
  return key;
}

/** Which of two posts of one run would take the other's place could not be told. */
function checkKeys(posts: readonly Pick<Post, "key">[]): void {
  const keys = posts.flatMap(({ key }) => key === undefined ? [] : [key]);
  if (new Set(keys).size === keys.length) return;
  throw invalid("post messages", "two posts of one run have the same key");
}

/** An errand goes nowhere, so it needs no grant; but nobody leaves one to others. */
function checkErrand(wanted: WantedPost): Errand {
  const { person, pod, arguments: payload, continuation, key } = wanted;
  const op = "leave an errand";
  if (person !== "" || pod !== "") throw invalid(op, "a post to others names an interface");
  if (continuation === undefined) throw invalid(op, "it has no continuation");
  bound("bytes of arguments", utf8Length(payload), MAX_PAYLOAD_BYTES);
  checkJson("arguments", payload);
  const errand = { continuation: checkContinuation(continuation), payload };
  if (wanted.deadlineMs !== undefined) return { ...errand, later: checkLater(wanted) };
  return key === undefined ? errand : { ...errand, pace: parseStreamHandle(key) };
}

/** An errand that waits for its time. */
function checkLater({ deadlineMs = 0, key, arguments: payload, continuation }: WantedPost) {
  const op = "leave an errand";
  bound("bytes of a later errand", utf8Length(payload + continuation?.note), MAX_LATER_BYTES);
  if (!(deadlineMs >= 1 && deadlineMs <= MAX_LATER_MS)) {
    throw invalid(op, `${deadlineMs} ms from now is not between 1 and ${MAX_LATER_MS}`);
  }
  const delayMs = Math.ceil(deadlineMs);
  return key === undefined ? { delayMs } : { delayMs, key: checkKey(key) };
}

/** A pod posts only to functions that its person was shown before it was installed. */
function checkGrant(
  called: Pick<Post, "interface" | "function" | "functionId">,
  manifest: Manifest,
  to: string,
): OfferedFunction {
  for (const offer of callableOf(manifest)) {
    const named = offer.interface === called.interface && functionOf(offer, called.function);
    if (named && named.id === called.functionId) return named;
  }
  const subject = `${called.interface}#${called.function} of ${to} is not in the pod's manifest`;
  throw new PeriError("denied", { op: "post a message", subject });
}

function checkContinuation(
  wanted: NonNullable<WantedPost["continuation"]>,
): NonNullable<Post["continuation"]> {
  const { function: then, note } = wanted;
  if (then === "" || !then.isWellFormed()) {
    throw invalid("post a message", "its continuation has no name");
  }
  bound("bytes of a continuation's name", utf8Length(then), 128);
  bound("bytes of a note", utf8Length(note), MAX_NOTE_BYTES);
  checkJson("note", note);
  return { then, note };
}

function checkDeadline(wantedMs: number | undefined): number {
  if (wantedMs === undefined) return DEFAULT_DEADLINE_MS;
  if (wantedMs >= 1 && wantedMs <= MAX_DEADLINE_MS) return Math.round(wantedMs);
  const subject = `a deadline of ${wantedMs} ms is not between 1 and ${MAX_DEADLINE_MS}`;
  throw invalid("post a message", subject);
}

function lastWrites(writes: readonly TableWrite[]): TableWrite[] {
  const last = new Map<string, TableWrite>();
  for (const write of writes) {
    if (write.table === "") throw invalid("use state", "a table has no name");
    checkName("table", write.table, MAX_TABLE_BYTES);
    checkName("key", write.key, MAX_STATE_KEY_BYTES);
    if (write.value !== undefined) checkName("value", write.value, MAX_VALUE_BYTES);
    const checked = namesContent(write) ? { ...write, value: checkContent(write.value!) } : write;
    last.set(JSON.stringify([write.table, write.key]), checked);
  }
  return [...last.values()];
}

/** Of more than one commit holds the largest values go to files. */
function fitWrites(writes: readonly TableWrite[], roomBytes: number): readonly CheckedWrite[] {
  let over = sizeOfRows(writes) - roomBytes;
  if (over <= 0) return writes;
  const isFile = new Set<TableWrite>();
  const rows = writes.filter((write) => !goesToFile(write) && sizeOfRow(write) >= MIN_FILE_BYTES);
  for (const write of rows.sort((a, b) => sizeOfRow(b) - sizeOfRow(a))) {
    if (over <= 0) break;
    isFile.add(write);
    over -= sizeOfRow(write) - sizeOfRow({ ...write, isFile: true });
  }
  return writes.map((write) => isFile.has(write) ? { ...write, isFile: true } : write);
}

function sizeOfRows(writes: readonly CheckedWrite[]): number {
  return writes.reduce((sum, write) => sum + sizeOfRow(write), 0);
}

function sizeOfLarge(writes: readonly CheckedWrite[]): number {
  return writes.filter(goesToFile).reduce((sum, { value }) => sum + utf8Length(value!), 0);
}

function sizeOfPost({ payload, continuation }: Post | Errand): number {
  return MAIL_ROW_BYTES + utf8Length(payload) + utf8Length(continuation?.note ?? "");
}

function sizeOfAnswer({ part }: StreamAnswer): number {
  if ("error" in part) return MAIL_ROW_BYTES + MAX_ERROR_BYTES;
  return MAIL_ROW_BYTES + ("item" in part ? utf8Length(part.item) : 0);
}

/** About the bytes of an outcome in a commit. */
export function sizeOfOutcome(outcome: Outcome | undefined): number {
  if (outcome === undefined) return 0;
  return "ok" in outcome ? outcome.ok.length * 3 : 3 * 3000;
}

function bound(what: string, count: number, max: number, hint?: string): void {
  if (count <= max) return;
  throw new PeriError("too-large", {
    op: "finish a run",
    subject: `${count} ${what}, ${max} allowed`,
    ...(hint === undefined ? {} : { hint }),
  });
}

function invalid(op: string, subject: string): PeriError {
  return new PeriError("invalid", { op, subject });
}
