import assert from "node:assert/strict";
import { type Duration, readDuration, readMoment } from "./duration.ts";

Deno.test("a duration is a number, a text or its parts", () => {
  const all: [Duration, number][] = [
    [0, 0],
    [1.2, 2],
    ["90 s", 90_000],
    ["90s", 90_000],
    ["1h 30m", 5_400_000],
    ["1h30m", 5_400_000],
    ["1 day", 86_400_000],
    ["2 days, 3 hours", 183_600_000],
    ["1.5 min", 90_000],
    ["250ms", 250],
    ["1 week", 604_800_000],
    [{ hours: 1 }, 3_600_000],
    [{ days: 1, minutes: 1, seconds: 1, ms: 1 }, 86_461_001],
  ];
  for (const [duration, ms] of all) {
    assert.equal(readDuration(duration), ms, JSON.stringify(duration));
  }
});

Deno.test("what is no duration is refused, and what is too long", () => {
  const none = ["", "soon", "5", "5 parsecs", "-1 s", "1 s or so", "4000 days", -1, NaN, Infinity];
  for (const duration of [...none, { eons: 1 } as unknown as Duration]) {
    assert.throws(() => readDuration(duration), { kind: "invalid" }, `${duration}`);
  }
});

Deno.test("a moment is a number or a date", () => {
  assert.equal(readMoment(7, 0), 7);
  assert.equal(readMoment(new Date(7), 1_000), 7);
  for (const none of [new Date(NaN), Infinity, 4e11]) {
    assert.throws(() => readMoment(none, 0), { kind: "invalid" }, `${none}`);
  }
  assert.throws(() => readDuration(NaN), { subject: "NaN is no time of at most ten years" });
});
