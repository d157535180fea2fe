import assert from "node:assert/strict";
import { formatAge, formatFingerprint, formatIso } from "./show.ts";

const MINUTE = 60_000;

Deno.test("ages are said as people say them", () => {
  const now = Date.UTC(2026, 10, 23, 12);
  const ages = [0, 59_999, MINUTE, 59 * MINUTE, 60 * MINUTE, 1439 * MINUTE, 1440 * MINUTE];
  assert.deepEqual(ages.map((age) => formatAge(now - age, now)), [
    "just now",
    "just now",
    "1 min ago",
    "59 min ago",
    "1 h ago",
    "23 h ago",
    "2026-11-22",
  ]);
  assert.equal(formatAge(now + 30_000, now), "just now");
  assert.equal(formatAge(now + 1440 * MINUTE, now), "2026-11-24");
});

Deno.test("a time no calendar has does not break a list", () => {
  assert.equal(formatIso(1e300), "1970-01-01T00:00:00.000Z");
  assert.equal(formatIso(8.64e15), "+275760-09-13T00:00:00.000Z");
});

Deno.test("fingerprints stand in groups as GnuPG shows them", () => {
  assert.equal(
    formatFingerprint("0123456789ABCDEF0123456789ABCDEF01234567"),
    "0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567",
  );
});
