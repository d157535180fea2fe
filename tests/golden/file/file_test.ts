/** Envelopes and replies as files, as they were first written. */

import assert from "node:assert/strict";
import {
  decodeCarried,
  decodeCarriedReplies,
  encodeCarried,
  encodeCarriedReply,
  envelopeId,
  ENVELOPES_LINE,
  REPLIES_LINE,
} from "../../../runtime/model/carried.ts";
import { openReceipt, sealReceipt } from "../../../runtime/boxes/receipt.ts";
import { concatBytes, encodeUtf8 } from "../../../runtime/model/bytes.ts";
import { parseFingerprint } from "../../../runtime/model/words.ts";

const bytesOf = (name: string) => Deno.readFileSync(new URL(name, import.meta.url));

const RECEIPT_KEY = new Uint8Array(32).fill(7);

/** Not real OpenPGP messages: a file does not look into them. */
export const ENVELOPES = [
  { to: parseFingerprint("5A1F".repeat(10)), sealed: encodeUtf8("sealed to a version 4 key") },
  { to: parseFingerprint("77D2".repeat(16)), sealed: encodeUtf8("sealed to a version 6 key") },
];

/** What was said to each of them. */
export const REPLIES = [
  { envelope: envelopeId(ENVELOPES[0]!), reply: sealReceipt(RECEIPT_KEY, { through: 3 }) },
  {
    envelope: envelopeId(ENVELOPES[1]!),
    reply: { hint: "busy", retryAfterMs: 5_000 } as const,
  },
];

Deno.test("golden file: envelopes are read and written the same", () => {
  const bytes = bytesOf("envelopes.peri");
  assert.deepEqual(decodeCarried(bytes), ENVELOPES);
  const again = concatBytes([encodeUtf8(ENVELOPES_LINE), ...ENVELOPES.map(encodeCarried)]);
  assert.deepEqual(new Uint8Array(bytes), again);
});

Deno.test("golden file: replies are read and written the same, and the receipt holds", () => {
  const bytes = bytesOf("replies.peri");
  const replies = decodeCarriedReplies(bytes);
  assert.deepEqual(replies, REPLIES);
  const again = concatBytes([encodeUtf8(REPLIES_LINE), ...REPLIES.map(encodeCarriedReply)]);
  assert.deepEqual(new Uint8Array(bytes), again);
  const { reply } = replies[0]!;
  assert.ok("mac" in reply);
  assert.deepEqual(openReceipt(RECEIPT_KEY, reply), { through: 3, introduce: false });
});
