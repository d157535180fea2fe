import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { MemoryStore } from "../adapters/memory/store.ts";
import { MAX_INBOX_PER_SENDER } from "../model/limits.ts";
import { parsePodRef, tokenFromBytes } from "../model/words.ts";
import type { Entry, Range } from "../ports/store.ts";
import { Arrivals } from "./arrivals.ts";
import { encodeEvent, keys } from "./rows.ts";

const POD = parsePodRef(`${"A".repeat(40)}/hey`);
const SENDER = parsePodRef(`${"B".repeat(40)}/hey`);

async function fill(): Promise<{ arrivals: Arrivals; first: number }> {
  const arrivals = new Arrivals(new MemoryStore());
  const senders = Array.from({ length: MAX_INBOX_PER_SENDER }, () => SENDER);
  const { first, settle } = await arrivals.take(POD, senders, 1);
  settle(true);
  strictEqual(await arrivals.room(POD, SENDER), 0);
  return { arrivals, first };
}

Deno.test("who finds an inbox full is asked to wait as long as the pod needs for half of it", async () => {
  const { arrivals, first } = await fill();
  const soonMs = await arrivals.retryAfterMs(POD, 1_000);
  ok(soonMs <= 100, `${soonMs}`);
  for (let at = 0; at < 100; at++) arrivals.removed(POD, first + at);
  strictEqual(await arrivals.retryAfterMs(POD, 1_100), 500, "a hundred in 100 ms");
  strictEqual(await arrivals.retryAfterMs(POD, 1_150), 500, "another sender, at the same time");
});

Deno.test("a pod that handles nothing is asked more and more rarely, up to a bound", async () => {
  const { arrivals } = await fill();
  let nowMs = 0;
  let waitMs = 0;
  for (let round = 0; round < 12; round++) {
    const nextMs = await arrivals.retryAfterMs(POD, nowMs);
    ok(nextMs >= waitMs && nextMs <= 5_000, `${nextMs} after ${waitMs}`);
    nowMs += waitMs = nextMs;
  }
  strictEqual(waitMs, 5_000);
});

/** A store whose next reading waits until something else has happened. */
class SlowStore extends MemoryStore {
  before = () => Promise.resolve();

  override async list<Value>(range: Range): Promise<Entry<Value>[]> {
    const { before } = this;
    this.before = () => Promise.resolve();
    await before();
    return await super.list(range);
  }
}

Deno.test("an event is not passed over when a later one is on disk before it", async () => {
  const store = new SlowStore();
  const arrivals = new Arrivals(store);
  const given = async (after: number) =>
    (await arrivals.waiting(POD, after, 10)).map(({ arrival }) => arrival);
  const write = async (arrival: number) => {
    const token = tokenFromBytes(new Uint8Array(16));
    const body = { kind: "answer", token, index: 0, end: true, outcome: { ok: "null" } } as const;
    const times = { createdMs: 0, expiresMs: 1 };
    const message = { from: SENDER, to: POD, sequence: 1, ...times, body };
    const value = encodeEvent({ arrival, receivedMs: 0, attempts: 0, message });
    await store.commit({ puts: [{ key: keys.inbox(POD, arrival), value }] });
  };
  deepStrictEqual(await given(-1), []);
  let first: Awaited<ReturnType<Arrivals["take"]>>;
  store.before = async () => {
    first = await arrivals.take(POD, [SENDER], 1);
    const second = await arrivals.take(POD, [SENDER], 1);
    await write(second.first);
    second.settle(true);
  };
  deepStrictEqual(await given(-1), [], "they come while the store is read");
  deepStrictEqual(await given(-1), [], "the second waits for the first");
  await write(first!.first);
  first!.settle(true);
  deepStrictEqual(await given(-1), [first!.first, first!.first + 1]);
});
