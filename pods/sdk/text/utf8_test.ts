import assert from "node:assert/strict";
import { Refusal } from "../refusal.ts";
import { decodeUtf8, encodeUtf8, sizeUtf8 } from "./utf8.ts";

const SAMPLES = [
  "",
  "plain\0%41",
  "\ufeff%\0\x7f\x80\xff\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}",
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

Deno.test("bytes are read as the Encoding Standard reads them, or refused", () => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
  const read = (decode: (bytes: Uint8Array) => string, bytes: Uint8Array) => {
    try {
      return decode(bytes);
    } catch (error) {
      return error instanceof Refusal || error instanceof TypeError ? undefined : error;
    }
  };
  const heads = [
    0x00,
    0x41,
    0x80,
    0xbf,
    0xc0,
    0xc1,
    0xc2,
    0xdf,
    0xe0,
    0xed,
    0xef,
    0xf0,
    0xf4,
    0xf5,
  ];
  const tails = [0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0x41, 0xff];
  let good = 0;
  for (const head of heads) {
    for (const second of tails) {
      for (const third of tails) {
        for (let size = 1; size <= 4; size++) {
          const bytes = Uint8Array.of(head, second, third, 0x80).slice(0, size);
          const wanted = read((bytes) => decoder.decode(bytes), bytes);
          assert.equal(read(decodeUtf8, bytes), wanted, bytes.toHex());
          if (wanted !== undefined) good++;
        }
      }
    }
  }
  assert.ok(good > 100);
});
