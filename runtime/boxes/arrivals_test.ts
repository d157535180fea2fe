import { ok, strictEqual } from "node:assert/strict";
import { MemoryStore } from "../adapters/memory/store.ts";
import { MAX_INBOX_PER_SENDER } from "../model/limits.ts";
import { parsePodRef } from "../model/words.ts";
import { Arrivals } from "./arrivals.ts";

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
