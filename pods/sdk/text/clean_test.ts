import assert from "node:assert/strict";
import { cleanLine, cleanText } from "./clean.ts";
import { formatJsonLine } from "./json.ts";
import { compareKeys } from "../order.ts";
import { encodeUtf8 } from "./utf8.ts";

Deno.test("clean text keeps lines and tabs and loses what commands a terminal", () => {
  assert.equal(cleanText("a\tb\r\nc\rd\u2028e"), "a\tb\nc\nd\ne");
  assert.equal(cleanText("\x1b[2J\x07\x9b31m\u202ex\u2066y\u200f\0\x7f"), "[2J31mxy");
  assert.equal(cleanText("lone \ud800"), "lone \ufffd");
  assert.equal(cleanText("\u{1f469}\u200d\u{1f680} é"), "\u{1f469}\u200d\u{1f680} é");
});

Deno.test("a clean line is one line of at most so many characters", () => {
  assert.equal(cleanLine("  a \n\n b\t c "), "a b c");
  assert.equal(cleanLine("\u{1f600}".repeat(5), 5), "\u{1f600}".repeat(5));
  assert.equal(cleanLine("one two three", 8), "one two…");
});

Deno.test("a line of JSON holds no control character and reads the same", () => {
  const value = { text: "a\n\x1b\x7f\x9b\u2028\ud800" };
  const line = formatJsonLine(value);
  assert.ok(
    [...line].every((character) => character >= " " && !/[\x7f-\x9f\u2028]/.test(character)),
  );
  assert.deepEqual(JSON.parse(line), value);
});

Deno.test("keys are compared by their UTF-8 bytes", () => {
  const keys = [
    "",
    "a",
    "ab",
    "b",
    "\x7f",
    "\x80",
    "\u07ff",
    "\u0800",
    "\uffff",
    "\u{10000}",
    "\u{10ffff}",
  ];
  const compareBytes = (a: string, b: string) => {
    const [left, right] = [encodeUtf8(a).toHex(), encodeUtf8(b).toHex()];
    return left < right ? -1 : left > right ? 1 : 0;
  };
  for (const a of keys) {
    for (const b of keys) {
      assert.equal(Math.sign(compareKeys(a, b)), compareBytes(a, b), `${a} ${b}`);
    }
  }
});
