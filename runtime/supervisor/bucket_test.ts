import assert from "node:assert/strict";
import { Bucket } from "./bucket.ts";

const RATE = { perMinute: 60, burst: 60 };

Deno.test("a minute's worth goes at once, the rest as it is given back", () => {
  const bucket = new Bucket(0);
  assert.equal(bucket.take(60, RATE, 0), 0);
  assert.equal(bucket.take(1, RATE, 0), 1000);
  assert.equal(bucket.take(1, RATE, 999), 1);
  assert.equal(bucket.take(1, RATE, 1000), 0);
  assert.equal(bucket.take(10, RATE, 1000), 10_000);
  bucket.giveBack(10);
  assert.equal(bucket.take(10, RATE, 1000), 0);
  assert.equal(Math.round(bucket.spent(RATE, 31_000)), 30);
});

Deno.test("more than a bucket holds goes when it is full and is paid off, so nothing waits for ever", () => {
  const bucket = new Bucket(0);
  assert.equal(bucket.take(1, RATE, 0), 0);
  assert.equal(bucket.take(600, RATE, 0), 1000);
  assert.equal(bucket.take(600, RATE, 1000), 0);
  assert.equal(bucket.take(1, RATE, 1000), 541_000);
});

Deno.test("nothing goes where nothing is allowed, and a clock that is set back gives nothing", () => {
  assert.equal(new Bucket(0).take(1, { perMinute: 0, burst: 0 }, 0), Infinity);
  assert.equal(new Bucket(0).take(0, { perMinute: 0, burst: 0 }, 0), 0);
  const bucket = new Bucket(100_000);
  bucket.take(60, RATE, 100_000);
  assert.equal(bucket.take(1, RATE, 0), 1000);
  assert.equal(bucket.take(1, RATE, 1000), 0);
});
