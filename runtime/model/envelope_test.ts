import { deepStrictEqual, throws } from "node:assert/strict";
import { encodeCbor } from "./cbor.ts";
import { decodePost, decodeReplies, encodePost, encodeReplies } from "./envelope.ts";
import { MAX_ENVELOPE_BYTES, MAX_POST_ENVELOPES, MAX_REPLY_BYTES } from "./limits.ts";
import { parseFingerprint } from "./words.ts";

const TO = parseFingerprint("AB".repeat(20));
const bytes = (...list: number[]) => new Uint8Array(list);

Deno.test("a post is read as it was written", () => {
  const envelopes = [{ to: TO, sealed: bytes(1, 2) }, { to: TO, sealed: bytes() }];
  deepStrictEqual(decodePost(encodePost(envelopes)), envelopes);
});

Deno.test("replies are read as they were written", () => {
  const replies = [
    { content: bytes(1), mac: new Uint8Array(32) },
    { hint: "busy", retryAfterMs: 5 } as const,
    { hint: "damaged" } as const,
  ];
  deepStrictEqual(decodeReplies(encodeReplies(replies)), replies);
});

Deno.test("a post over a bound is too large", () => {
  const envelope = { to: TO, sealed: bytes(1) };
  const many = Array.from({ length: MAX_POST_ENVELOPES + 1 }, () => envelope);
  throws(() => decodePost(encodePost(many)), { kind: "too-large" });
  const large = { to: TO, sealed: new Uint8Array(MAX_ENVELOPE_BYTES + 1) };
  throws(() => decodePost(encodePost([large])), { kind: "too-large" });
  throws(() => decodeReplies(new Uint8Array(MAX_REPLY_BYTES + 1)), { kind: "too-large" });
});

Deno.test("anything of another shape is damaged", () => {
  const shapes = [
    1,
    {},
    { v: 2, envelopes: [] },
    { v: 1, envelopes: {} },
    { v: 1, envelopes: [], more: 1 },
    { v: 1, envelopes: [{ to: bytes(1), sealed: bytes() }] },
    { v: 1, envelopes: [{ to: "AB", sealed: bytes() }] },
    { v: 1, envelopes: [{ to: new Uint8Array(20) }] },
    { v: 1, envelopes: [{ to: new Uint8Array(20), sealed: bytes(), more: 1 }] },
  ];
  for (const shape of shapes) throws(() => decodePost(encodeCbor(shape)), { kind: "damaged" });
});

Deno.test("a reply of another shape is damaged", () => {
  const replies = [
    1,
    {},
    { hint: "nonsense", retryAfter: null },
    { hint: "busy" },
    { hint: "busy", retryAfter: -1 },
    { content: bytes(1), mac: new Uint8Array(31) },
    { content: bytes(1), mac: new Uint8Array(32), hint: "busy" },
  ];
  for (const reply of replies) {
    throws(() => decodeReplies(encodeCbor({ v: 1, replies: [reply] })), { kind: "damaged" });
  }
});
