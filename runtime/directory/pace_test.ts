import { deepEqual } from "node:assert/strict";
import { MemoryClock } from "../adapters/memory/clock.ts";
import { Pace } from "./pace.ts";

Deno.test("so many are taken at once, then one whenever its part of a minute has passed", async () => {
  const clock = new MemoryClock();
  const pace = new Pace(3, clock);
  const takeFour = () => [1, 2, 3, 4].map(() => pace.take());
  deepEqual(takeFour(), [true, true, true, false]);
  await clock.advance(20_000);
  deepEqual(takeFour(), [true, false, false, false]);
  await clock.advance(3_600_000);
  deepEqual(takeFour(), [true, true, true, false]);
});

Deno.test("a clock that is set back neither gives nor takes", () => {
  const clock = new MemoryClock();
  const pace = new Pace(2, clock);
  pace.take();
  clock.jump(-3_600_000);
  deepEqual([pace.take(), pace.take()], [true, false]);
});
