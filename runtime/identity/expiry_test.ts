/** When a person is warned of the end of a key. */

import assert from "node:assert/strict";
import { parseFingerprint } from "../model/words.ts";
import type { KeyPart, KeyUse } from "../ports/pgp.ts";
import { warnOfKey } from "./expiry.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 23);
const KEY = { userIds: ["Alice"], fingerprint: parseFingerprint("A1".repeat(20)), revoked: false };

/** A part for a use, days from now; undefined: for ever. */
function part(use: KeyUse, days?: number, revoked = false): KeyPart {
  return {
    fingerprint: KEY.fingerprint,
    createdMs: 0,
    revoked,
    uses: [use],
    secret: "elsewhere",
    ...(days === undefined ? {} : { expiresMs: NOW_MS + days * DAY_MS }),
  };
}

const said = (...parts: KeyPart[]) =>
  warnOfKey(KEY, parts, NOW_MS, "renew").map(({ what }) => what);

Deno.test("a key is spoken of from 30 days before its end on, once for all its parts", () => {
  assert.deepEqual(said(part("certify", 30), part("sign", 30)), []);
  assert.deepEqual(said(part("certify", 29.9), part("sign", 29.9)), [
    "the key of Alice expires in 29 days",
  ]);
  assert.deepEqual(said(part("certify", 0.5)), ["the key of Alice expires in less than a day"]);
  assert.deepEqual(said(part("certify", 0), part("sign")), ["the key of Alice has expired"]);
});

Deno.test("a part is spoken of when it is the last one for its use", () => {
  const forEver = part("certify");
  assert.deepEqual(said(forEver, part("sign", 5), part("encrypt", 400)), [
    "the part that signs in the key of Alice expires in 5 days",
  ]);
  assert.deepEqual(said(forEver, part("sign", 5), part("sign", 400)), []);
  assert.deepEqual(said(forEver, part("sign", 5), part("sign", 400, true)).length, 1);
  assert.deepEqual(said(forEver, part("sign", -5)), [
    "the part that signs in the key of Alice has expired",
  ]);
  assert.deepEqual(said(forEver, part("sign"), part("authenticate", -5)), []);
});

Deno.test("a revoked key has only that to say", () => {
  const parts = [part("certify", 5)];
  const [only, ...rest] = warnOfKey({ ...KEY, revoked: true }, parts, NOW_MS, "renew");
  assert.match(only!.what, /is revoked/);
  assert.match(only!.hint, /peri key init/);
  assert.deepEqual(rest, []);
});
