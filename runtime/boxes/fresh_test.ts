import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { InboxEvent } from "../model/message.ts";
import { MAX_FRESH_BYTES, MAX_FRESH_EVENTS } from "../model/limits.ts";
import { parsePodRef, tokenFromBytes } from "../model/words.ts";
import { Fresh } from "./fresh.ts";

const POD = parsePodRef(`${"A".repeat(40)}/hey`);
const TOKEN = tokenFromBytes(new Uint8Array(16));

function eventOf(arrival: number, text = "null"): InboxEvent {
  const outcome = { ok: text };
  const body = { kind: "answer", token: TOKEN, index: 0, end: true, outcome } as const;
  const times = { createdMs: 0, expiresMs: 1 };
  const message = { from: POD, to: POD, sequence: arrival, ...times, body };
  return { arrival, receivedMs: 0, attempts: 0, message };
}

const numbers = (events: readonly InboxEvent[] | undefined) => events?.map((one) => one.arrival);

Deno.test("what came since the pod has caught up needs no reading, once and in order", () => {
  const fresh = new Fresh({ bytes: 0 });
  fresh.given(4, true);
  for (const arrival of [5, 6, 7]) fresh.keep(eventOf(arrival));
  deepStrictEqual(numbers(fresh.take(4, [3, 5, 6, 7], 2)), [5, 6]);
  deepStrictEqual(numbers(fresh.take(6, [3, 5, 6, 7], 2)), [7]);
  deepStrictEqual(numbers(fresh.take(7, [3, 7], 2)), []);
  strictEqual(fresh.take(6, [7], 2), undefined, "it was given before and is read, if at all");
});

Deno.test("a pod that begins anew reads until it has caught up", () => {
  const fresh = new Fresh({ bytes: 0 });
  fresh.given(0, true);
  fresh.keep(eventOf(1));
  strictEqual(fresh.take(-1, [1], 10), undefined);
  fresh.given(1, false);
  fresh.keep(eventOf(2));
  strictEqual(fresh.take(1, [2], 10), undefined, "something else may lie on disk between");
  fresh.given(2, true);
  fresh.keep(eventOf(3));
  deepStrictEqual(numbers(fresh.take(2, [2, 3], 10)), [3]);
});

Deno.test("an event that is not in memory is read with those behind it", () => {
  const fresh = new Fresh({ bytes: 0 });
  fresh.given(0, true);
  fresh.keep(eventOf(1));
  fresh.keep(eventOf(3));
  strictEqual(fresh.take(0, [1, 2, 3], 10), undefined);
  fresh.given(3, false);
  deepStrictEqual(numbers(fresh.take(3, [1, 2, 3], 10)), []);
});

Deno.test("events in memory are bounded in number and bytes, which are given back", () => {
  const room = { bytes: 0 };
  const fresh = new Fresh(room);
  fresh.given(0, true);
  for (let at = 1; at <= MAX_FRESH_EVENTS + 1; at++) fresh.keep(eventOf(at));
  const all = Array.from({ length: MAX_FRESH_EVENTS + 1 }, (_, at) => at + 1);
  strictEqual(fresh.take(0, all, all.length), undefined);
  strictEqual(fresh.take(0, all, all.length - 1)?.length, MAX_FRESH_EVENTS);
  strictEqual(room.bytes, 0);
  room.bytes = MAX_FRESH_BYTES;
  fresh.keep(eventOf(5_000));
  strictEqual(fresh.take(4_000, [5_000], 1), undefined);
});
