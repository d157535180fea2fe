import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { parseHex } from "./bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "./cbor.ts";
import { MAX_DEPTH } from "./limits.ts";

const MAX_BYTES = 10_000;

Deno.test("what is written is read again, and is the same bytes for any order of keys", () => {
  const value = { b: [1, -1, 23, 24, 2 ** 32, -(2 ** 53 - 1)], aa: "\u{1F600}", a: null, c: true };
  const { b, aa, a, c } = value;
  const bytes = encodeCbor(value);
  deepStrictEqual(decodeCbor(bytes, MAX_BYTES, "it"), value);
  deepStrictEqual(encodeCbor({ c, aa, a, b }), bytes);
  deepStrictEqual(decodeCbor(encodeCbor(new Uint8Array([1, 2])), 9, "it"), new Uint8Array([1, 2]));
});

const REFUSED: Readonly<Record<string, string>> = {
  "a float": "f93c00",
  "a float of eight bytes": "fb3ff8000000000000",
  "minus zero": "f98000",
  "undefined": "f7",
  "a simple value": "f8ff",
  "a tag": "c11a00000000",
  "an integer that is too long": "1801",
  "a length that is too long": "5801ff",
  "an integer out of range": "1b0020000000000000",
  "a negative integer out of range": "3bffffffffffffffff",
  "an indefinite list": "9f01ff",
  "an indefinite text": "7f6161ff",
  "keys out of order": "a2616201616101",
  "a longer key before a shorter one": "a262616101616202",
  "a key twice": "a2616101616102",
  "a key that is no text": "a10102",
  "a text that is not UTF-8": "62c328",
  "a text with half a surrogate pair": "63eda080",
  "two values": "0101",
  "no value": "",
  "a text that is cut off": "6261",
  "a list that promises more than there is": "9b0000000100000000",
  "a text that promises more than there is": "7b001fffffffffffff",
};

for (const [what, hex] of Object.entries(REFUSED)) {
  Deno.test(`${what} is damaged`, () => {
    throws(() => decodeCbor(parseHex(hex), MAX_BYTES, "it"), { kind: "damaged" });
  });
}

Deno.test("nesting is bounded before anything recurses", () => {
  const nested = (depth: number): Cbor => depth === 0 ? 0 : [nested(depth - 1)];
  decodeCbor(encodeCbor(nested(MAX_DEPTH)), MAX_BYTES, "it");
  throws(() => decodeCbor(encodeCbor(nested(MAX_DEPTH + 1)), MAX_BYTES, "it"), { kind: "damaged" });
  const abyss = new Uint8Array(MAX_BYTES).fill(0x81);
  throws(() => decodeCbor(abyss, MAX_BYTES, "it"), { kind: "damaged" });
});

Deno.test("too many bytes are refused unread, and the error says how many", () => {
  throws(() => decodeCbor(new Uint8Array(11), 10, "a note"), {
    kind: "too-large",
    message: "cannot read a note: 11 bytes, 10 allowed",
  });
});

Deno.test("a key that names a part of every object is only a key", () => {
  const value = decodeCbor(parseHex("a1695f5f70726f746f5f5f01"), MAX_BYTES, "it");
  deepStrictEqual(Object.keys(value as object), ["__proto__"]);
  strictEqual(Object.getPrototypeOf(value), Object.prototype);
});
