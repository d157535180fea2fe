/**
 * The vectors of `tests/golden/envelope`: what is on the wire stays what it is, byte by byte.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Introduction } from "../identity/behalf.ts";
import { type Bytes, formatHex, hmacSha256, parseHex } from "../model/bytes.ts";
import {
  decodePost,
  decodeReplies,
  encodePost,
  encodeReplies,
  type Envelope,
  type EnvelopeReply,
} from "../model/envelope.ts";
import { encodeCbor } from "../model/cbor.ts";
import { type Lettered, messageToCbor } from "./body.ts";
import { type Bundle, decodeBundle, encodeBundle } from "./bundle.ts";
import { decodeReceipt, encodeReceipt, type Receipt, sealReceipt } from "./receipt.ts";

interface Vector {
  readonly kind: "post" | "replies" | "receipt" | "bundle" | "mac";
  readonly about: string;
  readonly value: unknown;
  readonly hex: string;
}

const FOLDER = new URL("../../tests/golden/envelope/", import.meta.url);
const vectors: readonly Vector[] = JSON.parse(
  Deno.readTextFileSync(new URL("vectors.json", FOLDER)),
);

/** In the vectors, bytes are written as `{"hex": "…"}`. */
function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== "object" || value === null) return value;
  if ("hex" in value) return parseHex(value.hex as string);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, revive(part)]));
}

function encode(kind: Vector["kind"], value: unknown): Bytes {
  switch (kind) {
    case "post":
      return encodePost(value as Envelope[]);
    case "replies":
      return encodeReplies(value as EnvelopeReply[]);
    case "receipt":
      return encodeReceipt(value as Receipt);
    case "bundle": {
      const { messages, introduction, ...head } = value as Bundle & {
        introduction: Introduction | null;
      };
      const bytes = messages.map((message: Lettered) => encodeCbor(messageToCbor(message)));
      return encodeBundle({ ...head, introduction: introduction ?? undefined }, bytes);
    }
    case "mac": {
      const { receiptKey, content } = value as { receiptKey: Bytes; content: Bytes };
      return hmacSha256(receiptKey, content);
    }
  }
}

function decode(kind: Vector["kind"], bytes: Bytes): unknown {
  switch (kind) {
    case "post":
      return decodePost(bytes);
    case "replies":
      return decodeReplies(bytes);
    case "receipt":
      return decodeReceipt(bytes);
    case "bundle": {
      const bundle = decodeBundle(bytes);
      return { ...bundle, introduction: bundle.introduction ?? null };
    }
    case "mac":
      return undefined;
  }
}

for (const { kind, about, value, hex } of vectors) {
  Deno.test(`golden envelope: ${about}`, () => {
    strictEqual(formatHex(encode(kind, revive(value))), hex);
    if (kind !== "mac") deepStrictEqual(decode(kind, parseHex(hex)), revive(value));
  });
}

Deno.test("golden envelope: a receipt is its content and the MAC of it", () => {
  const receiptKey = new Uint8Array(32).fill(7);
  const { content, mac } = sealReceipt(receiptKey, { through: 3 });
  deepStrictEqual(mac, hmacSha256(receiptKey, content));
});
