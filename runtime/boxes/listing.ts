/**
 * What lies in the boxes, for people.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { Body } from "../model/message.ts";
import type { PodRef, ResponseToken } from "../model/words.ts";
import type { Store } from "../ports/store.ts";
import type { Lettered } from "./body.ts";
import type { LaneState } from "./passage.ts";
import { pagesOf } from "./pages.ts";
import { decodeDead, decodeEvent, decodeWaiting, keys, laneOfKey } from "./rows.ts";

/** A message as its sender's periphery sees it. */
export interface OutboxEntry {
  readonly from: PodRef;
  readonly to: PodRef;
  /** Its place in the lane from one to the other. */
  readonly sequence: number;
  readonly token: ResponseToken;
  readonly kind: Body["kind"];
  /** `interface#function` of a call, `answer` of an answer. */
  readonly what: string;
  readonly sizeBytes: number;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly state: "waiting" | "dead";
  /** Why it has not gone yet, or was given up. */
  readonly reason?: string;
  /** What may help. */
  readonly hint?: string;
  /** When it was given up. */
  readonly deadMs?: number;
  /** Where it goes, as far as it is known. */
  readonly server?: string;
  /** How often its lane was sent in vain since the start of the server. */
  readonly tries?: number;
  /** When it is tried again. */
  readonly nextMs?: number;
}

/** A message that has come in and waits for its pod. */
export interface InboxEntry {
  readonly pod: PodRef;
  readonly from: PodRef;
  /** Place in the inbox. */
  readonly arrival: number;
  readonly token: ResponseToken;
  readonly kind: Body["kind"];
  /** `interface#function` of a call; of an answer, the function of the pod that takes it. */
  readonly what: string;
  readonly receivedMs: number;
  /** How often the pod broke on it. */
  readonly attempts: number;
}

/**
 * Messages of one pod: those that wait in the order of their lanes, then the dead.
 *
 * @param state how a lane gets on
 */
export async function* listOutbox(
  store: Store,
  from: PodRef,
  state: (from: PodRef, to: PodRef) => LaneState,
): AsyncGenerator<OutboxEntry> {
  for await (const { key, value } of pagesOf<Bytes>(store, keys.outboxes(from))) {
    const to = laneOfKey(key);
    const entry = describe(from, to, decodeWaiting(value), value.length);
    yield { ...entry, state: "waiting", ...state(from, to) };
  }
  for await (const { key, value } of pagesOf<Bytes>(store, keys.deads(from))) {
    const { message, error, atMs } = decodeDead(value);
    const entry = describe(from, laneOfKey(key), message, value.length);
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    yield { ...entry, state: "dead", reason: error.subject, ...hint, deadMs: atMs };
  }
}

/** What waits for a pod, in the order in which it is given to it. */
export async function* listInbox(store: Store, pod: PodRef): AsyncGenerator<InboxEntry> {
  for await (const { key, value } of pagesOf<Bytes>(store, keys.inboxes(pod))) {
    const event = decodeEvent(pod, key.at(-1) as number, value);
    const { arrival, receivedMs, attempts, continuation, message: { from, body } } = event;
    const what = body.kind === "call" ? whatOf(body) : continuation?.then ?? whatOf(body);
    const { token, kind } = body;
    yield { pod, from, arrival, token, kind, what, receivedMs, attempts };
  }
}

/** Messages of one pod that wait, counted up to `most`. */
export async function countWaiting(store: Store, from: PodRef, most: number): Promise<number> {
  let count = 0;
  for await (const _ of pagesOf(store, keys.outboxes(from))) if (++count >= most) break;
  return count;
}

function describe(from: PodRef, to: PodRef, message: Lettered, sizeBytes: number) {
  const { sequence, createdMs, expiresMs, body } = message;
  const { token, kind } = body;
  return { from, to, sequence, token, kind, what: whatOf(body), sizeBytes, createdMs, expiresMs };
}

function whatOf(body: Body): string {
  return body.kind === "call" ? `${body.interface}#${body.function}` : body.kind;
}
