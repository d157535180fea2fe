/**
 * What lies in the outboxes, for people.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { PodRef } from "../model/words.ts";
import type { Entry, Key, Store } from "../ports/store.ts";
import type { Lettered } from "./body.ts";
import { decodeDead, decodeWaiting, keys, laneOfKey } from "./rows.ts";

/** A message as its sender's periphery sees it. */
export interface OutboxEntry {
  readonly from: PodRef;
  readonly to: PodRef;
  readonly sequence: number;
  /** `interface#function` of a call, `answer` of an answer. */
  readonly what: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly state: "waiting" | "dead";
  /** Why it has not gone yet, or was given up. */
  readonly reason?: string;
}

const PAGE = 100;

/** Rows of a pod below a prefix, page by page: a backlog of any length fits into memory. */
async function* rows(store: Store, prefix: Key): AsyncGenerator<Entry<Bytes>> {
  let start: Key | undefined;
  for (;;) {
    const from = start === undefined ? {} : { start };
    const page = await store.list<Bytes>({ prefix, ...from, limit: PAGE + 1 });
    yield* page.slice(0, PAGE);
    start = page[PAGE]?.key;
    if (start === undefined) return;
  }
}

/**
 * Messages of one pod: those that wait in the order of their lanes, then the dead.
 *
 * @param reason why a lane's messages still wait
 */
export async function* listOutbox(
  store: Store,
  from: PodRef,
  reason: (from: PodRef, to: PodRef) => string | undefined,
): AsyncGenerator<OutboxEntry> {
  for await (const { key, value } of rows(store, keys.outboxes(from))) {
    const to = laneOfKey(key);
    const why = reason(from, to);
    const entry = { ...describe(from, to, decodeWaiting(value)), state: "waiting" } as const;
    yield why === undefined ? entry : { ...entry, reason: why };
  }
  for await (const { key, value } of rows(store, keys.deads(from))) {
    const { message, error } = decodeDead(value);
    yield { ...describe(from, laneOfKey(key), message), state: "dead", reason: error.subject };
  }
}

/** Messages of one pod that wait, counted up to `most`. */
export async function countWaiting(store: Store, from: PodRef, most: number): Promise<number> {
  let count = 0;
  for await (const _ of rows(store, keys.outboxes(from))) if (++count >= most) break;
  return count;
}

function describe(from: PodRef, to: PodRef, { sequence, createdMs, expiresMs, body }: Lettered) {
  const what = body.kind === "call" ? `${body.interface}#${body.function}` : "answer";
  return { from, to, sequence, what, createdMs, expiresMs };
}
