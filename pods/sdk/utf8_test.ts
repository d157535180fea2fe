import assert from "node:assert/strict";
import { decodeUtf8, encodeUtf8, sizeUtf8 } from "./utf8.ts";

const SAMPLES = [
  "",
  "plain",
  "\0\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}",
  "lone \ud800 and \udc00",
  "é".repeat(10_000) + "\u{1f600}",
];

Deno.test("texts become the bytes the Encoding Standard gives, and come back", () => {
  for (const text of SAMPLES) {
    const bytes = encodeUtf8(text);
    assert.deepEqual(bytes, new TextEncoder().encode(text));
    assert.equal(decodeUtf8(bytes), text.toWellFormed());
    assert.equal(sizeUtf8(text), bytes.length);
  }
});

Deno.test("broken bytes are read as the Encoding Standard reads them", () => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parts = [
    0x00,
    0x41,
    0x80,
    0xbf,
    0xc0,
    0xc2,
    0xe0,
    0xa0,
    0xed,
    0x9f,
    0xf0,
    0x90,
    0xf4,
    0x8f,
    0xf5,
    0xff,
  ];
  let state = 7;
  for (let round = 0; round < 5_000; round++) {
    const bytes = Uint8Array.from({ length: 6 }, () => {
      state = state * 1103515245 + 12345 & 0x7fffffff;
      return parts[(state >> 16) % parts.length]!;
    });
    assert.equal(decodeUtf8(bytes), decoder.decode(bytes), bytes.toHex());
  }
});
