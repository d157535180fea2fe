/**
 * Respond: how a run ended becomes an answer, and an answer finds the call that waits for it. Pure.
 *
 * @module
 */

import { utf8Length } from "../model/bytes.ts";
import type { ErrorRecord } from "../model/errors.ts";
import { DEFAULT_DEADLINE_MS, MAX_PAYLOAD_BYTES, MAX_STREAM_ANSWERS } from "../model/limits.ts";
import type { Answer, Errand, Message, Outcome, Reply } from "../model/message.ts";
import { type Fingerprint, formatPodRef, type PodRef, type ResponseToken } from "../model/words.ts";
import type { OpenCall } from "./rows.ts";

/** The answer a reply makes. A result that fits no message becomes the error that says so. */
export function answerOf({ token, outcome, place }: Reply): Answer {
  const { index, end } = place ?? { index: 0, end: true };
  return { kind: "answer", token, index, end, outcome: boundOutcome(outcome) };
}

/** The answer to a call that its recipient's periphery refuses without waking the pod. */
export function refuse({ from, body }: Message, error: ErrorRecord): Reply {
  return { to: from, token: body.token, outcome: { error } };
}

/** The answer that a poster's own periphery gives when nobody else will. */
export function answerForOther(
  poster: PodRef,
  token: ResponseToken,
  { to, next, dueMs }: OpenCall,
  error: ErrorRecord,
  nowMs: number,
): Message {
  const body: Answer = { kind: "answer", token, index: next, end: true, outcome: { error } };
  return { from: to, to: poster, sequence: 0, createdMs: nowMs, expiresMs: dueMs, body };
}

/** An errand as the event of its own pod: an answer that its periphery gives at once. */
export function answerToErrand(
  pod: PodRef,
  token: ResponseToken,
  { payload }: Errand,
  nowMs: number,
): Message {
  const body: Answer = { kind: "answer", token, index: 0, end: true, outcome: { ok: payload } };
  const expiresMs = nowMs + DEFAULT_DEADLINE_MS;
  return { from: pod, to: pod, sequence: 0, createdMs: nowMs, expiresMs, body };
}

/** What an answer does to the open call of its token. */
export type Match =
  /** `outcome` stands in place of the answer's own. */
  | { readonly kind: "taken"; readonly left?: OpenCall; readonly outcome?: Outcome }
  | { readonly kind: "dropped"; readonly reason: string };

/**
 * Only the pod that was asked may answer: once, or a stream in order, until it says that it has
 * ended, gives an error or has given as many answers as anybody may.
 *
 * @param formers keys in whose place the sender stands
 */
export function matchAnswer(
  from: PodRef,
  answer: Answer,
  open: OpenCall | undefined,
  formers: readonly Fingerprint[] = [],
): Match {
  if (!open) return { kind: "dropped", reason: "nobody waits for it" };
  const isFormer = from.pod === open.to.pod && formers.includes(open.to.person);
  if (!isFormer && formatPodRef(from) !== formatPodRef(open.to)) {
    return { kind: "dropped", reason: "another pod was asked" };
  }
  if (answer.index !== open.next) return { kind: "dropped", reason: "it is out of order" };
  const isLast = answer.end || "error" in answer.outcome || !open.continuation?.isStream;
  if (isLast) return { kind: "taken" };
  const next = open.next + 1;
  if (next < MAX_STREAM_ANSWERS) return { kind: "taken", left: { ...open, next } };
  return { kind: "taken", outcome: { error: tooManyAnswers() } };
}

/** The end of a stream that has given as many answers as it may. */
export function tooManyAnswers(): ErrorRecord {
  const subject = `a stream ends after ${MAX_STREAM_ANSWERS} answers`;
  return { kind: "too-large", op: "answer a call", subject, hint: "ask again" };
}

function boundOutcome(outcome: Outcome): Outcome {
  if ("error" in outcome || utf8Length(outcome.ok) <= MAX_PAYLOAD_BYTES) return outcome;
  const subject = `a result of ${utf8Length(outcome.ok)} bytes, ${MAX_PAYLOAD_BYTES} allowed`;
  return { error: { kind: "too-large", op: "answer a call", subject } };
}
