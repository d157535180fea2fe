import { deepStrictEqual, throws } from "node:assert/strict";
import { concatBytes, encodeUtf8, formatHex } from "./bytes.ts";
import {
  decodeCarried,
  decodeCarriedReplies,
  encodeCarried,
  encodeCarriedReply,
  envelopeId,
  ENVELOPES_LINE,
  REPLIES_LINE,
} from "./carried.ts";
import { MAX_CARRIED_BYTES, MAX_CARRIED_ENVELOPES } from "./limits.ts";
import { parseFingerprint } from "./words.ts";

const ENVELOPE = {
  to: parseFingerprint("AB".repeat(20)),
  sealed: new Uint8Array([0xc1, 0x01, 0x02]),
};
const LINE = encodeUtf8(ENVELOPES_LINE);
const file = (...frames: Uint8Array[]) => concatBytes([LINE, ...frames]);

Deno.test("envelopes in a file are read as they were written", () => {
  const other = { ...ENVELOPE, sealed: new Uint8Array(0) };
  deepStrictEqual(decodeCarried(file(encodeCarried(ENVELOPE), encodeCarried(other))), [
    ENVELOPE,
    other,
  ]);
  deepStrictEqual(decodeCarried(LINE), []);
});

Deno.test("replies in a file are read as they were written", () => {
  const envelope = envelopeId(ENVELOPE);
  const replies = [
    { envelope, reply: { content: new Uint8Array([1]), mac: new Uint8Array(32) } },
    { envelope, reply: { hint: "busy", retryAfterMs: 5 } as const },
    { envelope, reply: { hint: "not-found" } as const },
  ];
  const bytes = concatBytes([encodeUtf8(REPLIES_LINE), ...replies.map(encodeCarriedReply)]);
  deepStrictEqual(decodeCarriedReplies(bytes), replies);
});

Deno.test("a file that was cut anywhere but between two frames is refused as a whole", () => {
  const whole = file(encodeCarried(ENVELOPE), encodeCarried(ENVELOPE));
  const between = [LINE.length, LINE.length + encodeCarried(ENVELOPE).length];
  for (let size = 0; size < whole.length; size++) {
    if (between.includes(size)) continue;
    throws(() => decodeCarried(whole.subarray(0, size)), { kind: "damaged" }, `${size} bytes`);
  }
});

Deno.test("a file with any byte changed is refused or says something else, and never more", () => {
  const whole = file(encodeCarried(ENVELOPE));
  for (let at = 0; at < whole.length; at++) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const bent = whole.slice();
      bent[at]! ^= flip;
      try {
        deepStrictEqual(decodeCarried(bent).length, 1);
      } catch (error) {
        deepStrictEqual((error as { kind?: string }).kind, "damaged", formatHex(bent));
      }
    }
  }
});

Deno.test("a frame that claims to be huge is refused before it is read", () => {
  const huge = new Uint8Array([0xff, 0xff, 0xff, 0xff]);
  throws(() => decodeCarried(file(huge)), { kind: "damaged" });
});

Deno.test("more bytes or frames than a file may have are refused", () => {
  throws(() => decodeCarried(new Uint8Array(MAX_CARRIED_BYTES + 1)), { kind: "too-large" });
  const frames = Array.from({ length: MAX_CARRIED_ENVELOPES + 1 }, () => encodeCarried(ENVELOPE));
  throws(() => decodeCarried(file(...frames)), { kind: "damaged" });
});

Deno.test("a file of another kind or version is not taken for one of envelopes", () => {
  for (const line of [REPLIES_LINE, "peri envelopes 2\n", "", "PK\x03\x04"]) {
    throws(() => decodeCarried(encodeUtf8(line)), { kind: "damaged" });
  }
});
