import assert from "node:assert/strict";
import { type CatchUp, chooseOccasion } from "./occasion.ts";
import { beatOf, countBetween, formatRhythm, lastUntil, nextAfter, type Rhythm } from "./rhythm.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** 2026-11-23T00:00Z. */
const MONDAY = Date.UTC(2026, 10, 23);

Deno.test("a rhythm is the same however it is written", () => {
  for (const rhythm of ["1h", "60 min", { hours: 1 }, HOUR]) {
    assert.equal(formatRhythm(rhythm), "every 3600000");
  }
  assert.equal(formatRhythm({ daily: "07:30" }), formatRhythm({ daily: "7:30" }));
});

Deno.test("what is no rhythm is refused", () => {
  const none: Rhythm[] = ["often", 0, "999 ms", { daily: "24:00" }, { daily: "noon" }, {
    daily: "07:60",
  }];
  for (const rhythm of none) {
    assert.throws(() => formatRhythm(rhythm), { kind: "invalid" }, JSON.stringify(rhythm));
  }
});

Deno.test("moments are counted from the beginning, or from midnight UTC", () => {
  const hourly = beatOf("every 3600000", MONDAY + 5);
  assert.equal(nextAfter(hourly, MONDAY + 5), MONDAY + 5 + HOUR);
  assert.equal(nextAfter(hourly, MONDAY + 4 + HOUR), MONDAY + 5 + HOUR);
  assert.equal(lastUntil(hourly, MONDAY + 5 + HOUR), MONDAY + 5 + HOUR);
  const daily = beatOf(formatRhythm({ daily: "07:30" }), MONDAY + 5);
  assert.equal(new Date(nextAfter(daily, MONDAY)).toISOString(), "2026-11-23T07:30:00.000Z");
  assert.equal(nextAfter(daily, MONDAY + 7.5 * HOUR), MONDAY + 31.5 * HOUR);
  assert.equal(nextAfter(daily, -1), 7.5 * HOUR);
});

Deno.test("moments between two times are counted, none when time goes back", () => {
  const hourly = beatOf("every 3600000", 0);
  const counts = [[0, HOUR - 1], [0, HOUR], [0, 3 * HOUR + 1], [1, HOUR], [HOUR, HOUR], [DAY, 0]];
  assert.deepEqual(counts.map(([after, until]) => countBetween(hourly, after!, until!)), [
    0,
    1,
    3,
    1,
    0,
    0,
  ]);
});

const choose = (nowMs: number, catchUp: CatchUp, lastMs = 0) =>
  chooseOccasion(beatOf("every 3600000", 0), lastMs, nowMs, catchUp);

Deno.test("what is in time is run by every rule", () => {
  for (const catchUp of ["once", "all", "skip"] as const) {
    assert.equal(choose(HOUR - 1, catchUp), undefined);
    assert.deepEqual(choose(HOUR + 1_000, catchUp), { dueMs: HOUR, missed: 0 });
  }
});

Deno.test("what was missed is made up for once, each time or not at all", () => {
  const late = 5.5 * HOUR;
  assert.deepEqual(choose(late, "once"), { dueMs: 5 * HOUR, missed: 4 });
  assert.deepEqual(choose(late, "all"), { dueMs: HOUR, missed: 0 });
  assert.deepEqual(choose(late, "all", 4 * HOUR), { dueMs: 5 * HOUR, missed: 0 });
  assert.equal(choose(late, "skip"), undefined);
  assert.deepEqual(choose(6 * HOUR, "skip"), { dueMs: 6 * HOUR, missed: 5 });
  assert.deepEqual(choose(1_000 * HOUR, "all"), { dueMs: 901 * HOUR, missed: 900 });
});
