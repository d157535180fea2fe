import { deepStrictEqual } from "node:assert/strict";
import { MemoryClock } from "../adapters/memory/clock.ts";
import { parseFingerprint, parsePodName, type PodRef } from "../model/words.ts";
import { Alarm } from "./alarm.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const pod = (name: string): PodRef => ({
  person: parseFingerprint("A".repeat(40)),
  pod: parsePodName(name),
});

/** An alarm that has begun, and what has rung: which pod, after which time. */
async function open() {
  const clock = new MemoryClock();
  const startMs = clock.nowMs();
  const rung: (readonly [string, number])[] = [];
  const alarm = new Alarm(clock, (ref) => {
    rung.push([ref.pod, clock.nowMs() - startMs]);
    return Promise.resolve();
  });
  alarm.start();
  await clock.advance(0);
  const due = (name: string, inMs: number) => alarm.due(pod(name), clock.nowMs() + inMs);
  return { alarm, clock, rung, due };
}

Deno.test("each pod is rung for once, at the earliest time that was said", async () => {
  const { clock, rung, due } = await open();
  due("a", 5_000);
  due("b", 90_000);
  due("a", 7_000);
  due("b", 3_000);
  await clock.advance(DAY_MS);
  deepStrictEqual(rung, [["b", 3_000], ["a", 5_000]]);
});

Deno.test("what is said while it rings is heard", async () => {
  const clock = new MemoryClock();
  const startMs = clock.nowMs();
  const rung: number[] = [];
  const alarm = new Alarm(clock, (ref) => {
    rung.push(clock.nowMs() - startMs);
    if (rung.length < 4) alarm.due(ref, clock.nowMs() + (rung.length - 1) * 1_000);
    return Promise.resolve();
  });
  alarm.start();
  alarm.due(pod("a"), 0);
  await clock.advance(DAY_MS);
  deepStrictEqual(rung, [0, 0, 1_000, 3_000]);
});

Deno.test("a clock that is set is seen within a minute, and at once by what is new", async () => {
  for (const jumpMs of [DAY_MS, -DAY_MS]) {
    const { clock, rung, due } = await open();
    due("old", DAY_MS);
    await clock.advance(0);
    clock.jump(jumpMs);
    due("new", 1_000);
    await clock.advance(1_000);
    deepStrictEqual(rung.filter(([name]) => name === "new").length, 1);
    await clock.advance(MINUTE_MS);
    deepStrictEqual(rung.some(([name]) => name === "old"), jumpMs > 0);
  }
});

Deno.test("nothing rings for who has left, nor after the end", async () => {
  const { alarm, clock, rung, due } = await open();
  due("gone", 1_000);
  alarm.drop(pod("gone"));
  await clock.advance(MINUTE_MS);
  due("late", 1_000);
  await alarm.stop();
  await clock.advance(MINUTE_MS);
  deepStrictEqual(rung, []);
});
