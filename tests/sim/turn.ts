/**
 * What a pod of a simulation does with an event: which answers, posts and errands that makes, and
 * which of its rows change. Pure.
 *
 * @module
 */

import { formatHex, sha256 } from "../../runtime/model/bytes.ts";
import type {
  Errand,
  InboxEvent,
  Outcome,
  Post,
  Reply,
  StreamWork,
} from "../../runtime/model/message.ts";
import {
  formatPodRef,
  parseCapabilityId,
  parseFunctionId,
  parseFunctionName,
  parseInterfaceName,
  type PodRef,
  type ResponseToken,
  type StreamRef,
} from "../../runtime/model/words.ts";
import type { Change, Key } from "../../runtime/ports/store.ts";

const HOUR_MS = 3_600_000;
const ANY_ID = formatHex(sha256(new Uint8Array(0)));

/** Nothing to do with streams. */
export const NO_WORK: StreamWork = {
  answers: [],
  cancels: [],
  isOffered: () => true,
  fault: () => undefined,
};

/** What was handled: a call that came in, or an answer to an own one. */
export interface Deed {
  readonly from: string;
  readonly token: string;
  readonly payload: string;
  readonly answer?: Outcome;
  readonly note?: string;
  /** Of an answer. */
  readonly index?: number;
  readonly end?: boolean;
  /** Of an errand that waited for its time: its name, and when it came. */
  readonly alarm?: string;
  readonly atMs?: number;
}

/** The function that gives a stream: its arguments are any number and how many items there are. */
export const COUNT = parseFunctionName("count");
/** The same at the pace of its caller: the third argument says how many items go at a time. */
export const PAGES = parseFunctionName("pages");

/** A stream that a pod is giving, as its row. */
export interface Giving extends StreamRef {
  readonly given: number;
  readonly total: number;
  /** Items for each errand; without it they go one by one, as time goes on. */
  readonly page?: number;
}

/** Everything one event leads to. */
export interface Turn {
  readonly posts: readonly Post[];
  readonly replies: readonly Reply[];
  readonly errands: readonly Errand[];
  readonly work: StreamWork;
  readonly change: Change;
  /** What the pod writes down. */
  readonly deed?: Deed;
}

const NOTHING: Turn = { posts: [], replies: [], errands: [], work: NO_WORK, change: {} };

/** A post with good values for what does not matter. */
export function makePost(
  to: PodRef,
  token: ResponseToken,
  payload: string,
  wishes: Partial<Post> = {},
): Post {
  return {
    to,
    token,
    payload,
    capability: parseCapabilityId(ANY_ID),
    interface: parseInterfaceName("peri:sim/mail"),
    function: parseFunctionName("leave"),
    functionId: parseFunctionId(ANY_ID),
    deadlineMs: HOUR_MS,
    continuation: { then: "answered", note: payload },
    ...wishes,
  };
}

/** The errand that posts what is left of a spread, part by part. */
export function spreadErrand(parts: readonly (readonly Post[])[]): Errand[] {
  if (parts.length === 0) return [];
  const note = JSON.stringify(
    parts.map((part) =>
      part.map(({ to, token, payload, deadlineMs }) => ({
        to,
        token,
        payload,
        deadlineMs,
      }))
    ),
  );
  return [{ continuation: { then: SPREAD, note }, payload: "null" }];
}

/** An errand that comes later. */
export function alarmErrand(note: string, delayMs: number, key?: string): Errand {
  const continuation = { then: ALARM, note };
  const later = key === undefined ? { delayMs } : { delayMs, key };
  return { continuation, payload: "null", later };
}

const SPREAD = "spread";
const PAGE = "page";
const ALARM = "alarm";

/** Key of a stream's row. */
export function streamKey(pod: PodRef, { caller, token }: StreamRef): Key {
  return ["pod", pod.person, pod.pod, "stream", caller.person, caller.pod, token];
}

/** The stream of which this event is the errand. */
export function errandStream({ message, continuation }: InboxEvent): StreamRef | undefined {
  const isErrand = message.sequence === 0 && continuation?.then === PAGE;
  return isErrand ? JSON.parse(continuation.note) : undefined;
}

/** @param giving the stream of which this event is the errand, when it is still being given */
export function planTurn(pod: PodRef, event: InboxEvent, giving?: Giving): Turn {
  const { message, continuation } = event;
  const { from, body } = message;
  const deed: Deed = {
    from: formatPodRef(from),
    token: body.token,
    payload: body.kind === "call" ? body.payload : "",
    ...(body.kind === "answer" ? { answer: body.outcome, index: body.index, end: body.end } : {}),
    ...(continuation ? { note: continuation.note } : {}),
  };
  if (body.kind === "answer") {
    if (continuation?.then === SPREAD) return spread(continuation.note);
    if (continuation?.then === PAGE) return giving ? givePage(pod, giving) : NOTHING;
    if (continuation?.then !== ALARM) return { ...NOTHING, deed };
    return { ...NOTHING, deed: { ...deed, alarm: continuation.note, atMs: event.receivedMs } };
  }
  const stream: StreamRef = { caller: from, token: body.token };
  if (body.kind === "cancel") {
    const change = { deletes: [streamKey(pod, stream)] };
    return { ...NOTHING, work: { ...NO_WORK, ended: stream }, change };
  }
  if (body.function === COUNT || body.function === PAGES) {
    const opened = { ...stream, functionId: body.functionId, dueMs: message.expiresMs };
    return { ...begin(pod, stream, body.payload), work: { ...NO_WORK, opened }, deed };
  }
  const reply = { to: from, token: body.token, outcome: { ok: `"did ${deed.payload}"` } };
  return { ...NOTHING, replies: [reply], deed };
}

function begin(pod: PodRef, stream: StreamRef, payload: string): Turn {
  const [, total, page] = JSON.parse(payload) as [number, number, number?];
  const value: Giving = { ...stream, given: 0, total, ...(page ? { page } : {}) };
  const change = { puts: [{ key: streamKey(pod, stream), value }] };
  return { ...NOTHING, errands: page ? [pageErrand(stream)] : [], change };
}

function pageErrand({ caller, token }: StreamRef): Errand {
  const stream = { caller, token };
  const continuation = { then: PAGE, note: JSON.stringify(stream) };
  return { continuation, payload: "null", pace: stream };
}

function spread(note: string): Turn {
  const [part = [], ...rest] = JSON.parse(note) as Post[][];
  const posts = part.map(({ to, token, payload, deadlineMs }) =>
    makePost(to, token, payload, { deadlineMs })
  );
  return { ...NOTHING, posts, errands: spreadErrand(rest) };
}

function givePage(pod: PodRef, giving: Giving): Turn {
  const { given, total, page = 1, caller, token } = giving;
  const count = Math.min(page, total - given);
  const parts = Array.from({ length: count }, (_, at) => ({ item: `${given + at}` }));
  const isLast = given + count === total;
  const ends = isLast ? [{ end: true as const }] : [];
  const answers = [...parts, ...ends].map((part) => ({ caller, token, part }));
  const key = streamKey(pod, giving);
  const value = { ...giving, given: given + count };
  return {
    ...NOTHING,
    errands: isLast ? [] : [pageErrand(giving)],
    work: { ...NO_WORK, answers },
    change: isLast ? { deletes: [key] } : { puts: [{ key, value }] },
  };
}
