import { ok, strictEqual } from "node:assert/strict";
import { RETRY_CAP_MS, RETRY_FIRST_MS } from "../model/limits.ts";
import { askedWaitMs, backoffMs, Breaker } from "./retry.ts";

Deno.test("waits double up to a cap, and chance takes up to half of them", () => {
  strictEqual(backoffMs(1, 0), RETRY_FIRST_MS);
  strictEqual(backoffMs(2, 0), 2 * RETRY_FIRST_MS);
  strictEqual(backoffMs(1000, 0), RETRY_CAP_MS);
  ok(backoffMs(1000, 0.999) > RETRY_CAP_MS / 2 - 1);
});

Deno.test("a wait that was asked for is kept, but not beyond the cap", () => {
  strictEqual(askedWaitMs(5_000, 0), 5_000);
  ok(askedWaitMs(5_000, 0.99) >= 5_000);
  ok(askedWaitMs(Number.MAX_SAFE_INTEGER, 0.99) <= RETRY_CAP_MS * 1.1);
});

Deno.test("after a failure nothing is posted until the wait is over, then one probe", () => {
  const breaker = new Breaker();
  strictEqual(breaker.allowed(2), 2);
  const first = breaker.failed(0, 0);
  strictEqual(breaker.allowed(2), 0);
  breaker.retry();
  strictEqual(breaker.allowed(2), 1);
  strictEqual(breaker.failed(1_000, 0), 2 * first);
  breaker.retry();
  breaker.succeeded();
  strictEqual(breaker.allowed(2), 2);
  strictEqual(breaker.failed(2_000, 0), first, "a success forgets earlier failures");
});

Deno.test("two posts that fail together count as one failure", () => {
  const breaker = new Breaker();
  ok(breaker.failed(0, 0) > 0);
  strictEqual(breaker.failed(0, 0), 0);
});

Deno.test("hearing of a server ends its wait, but not at once and not twice", () => {
  const breaker = new Breaker();
  strictEqual(breaker.heard(0), false, "nothing to end");
  breaker.failed(1_000, 0);
  strictEqual(breaker.heard(1_000 + RETRY_FIRST_MS - 1), false);
  strictEqual(breaker.heard(1_000 + RETRY_FIRST_MS), true);
  strictEqual(breaker.heard(1_000 + RETRY_FIRST_MS), false);
  strictEqual(breaker.allowed(2), 1);
});

Deno.test("who names a silent server again and again has us knock there ever more rarely", () => {
  const breaker = new Breaker();
  let knocks = 0;
  breaker.failed(0, 0);
  for (let nowMs = 0; nowMs < 3_600_000; nowMs += 100) {
    if (!breaker.heard(nowMs)) continue;
    knocks++;
    breaker.failed(nowMs, 0);
  }
  ok(knocks <= 15, `${knocks} knocks in an hour`);
  breaker.retry();
  breaker.succeeded();
  breaker.failed(3_600_000, 0);
  strictEqual(breaker.heard(3_600_000 + RETRY_FIRST_MS), true, "an answer forgets it");
});
