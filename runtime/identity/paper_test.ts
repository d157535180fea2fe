/** Keys on paper: printed, read back, misread, torn. */

import assert from "node:assert/strict";
import { type Bytes, encodeUtf8, sha256 } from "../model/bytes.ts";
import { type ErrorKind, PeriError } from "../model/errors.ts";
import { crc24, formatPaper, isPaper, parsePaper } from "./paper.ts";

function fails(kind: ErrorKind, text = ""): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof PeriError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.ok(error.message.includes(text), error.message);
    return true;
  };
}

/** Bytes without a pattern, the same each time. */
function bytesOf(size: number): Bytes {
  const bytes = new Uint8Array(size);
  let block = sha256(encodeUtf8("paper"));
  for (let at = 0; at < size; at += block.length, block = sha256(block)) {
    bytes.set(block.subarray(0, size - at), at);
  }
  return bytes;
}

const KEY = bytesOf(1_000);
const LINES = formatPaper(KEY).split("\n");

Deno.test("the checksum is that of OpenPGP's armor", () => {
  assert.equal(crc24(encodeUtf8("123456789")), 0x21cf02);
});

Deno.test("what is printed is read again, at every length", () => {
  for (const size of [1, 23, 24, 25, 48, 1_000, 40 * 1024]) {
    assert.deepEqual(parsePaper(formatPaper(bytesOf(size))), bytesOf(size));
  }
  assert.ok(LINES.every((line) => line.length <= 76));
  assert.ok(isPaper(`A title\n\n${LINES.join("\n")}`));
  assert.ok(!isPaper("-----BEGIN PGP PRIVATE KEY BLOCK-----\n1: AB\n"));
});

Deno.test("order, case, blanks and text between the lines do not matter", () => {
  const shuffled = ["a title", ...LINES.toReversed(), LINES[3]!].join("\r\n\r\n").toLowerCase();
  assert.deepEqual(parsePaper(shuffled.replaceAll(" ", "  ")), KEY);
  assert.deepEqual(parsePaper(LINES.join("\n").replace(/(?<=: .*) /g, "")), KEY);
});

Deno.test("letters that look like digits are read as these", () => {
  const misread = LINES.map((line) => {
    const [number, content] = line.split(": ");
    const seen = content!.replaceAll("0", "O").replaceAll("1", "l").replaceAll("5", "S");
    return `${number!.replaceAll("0", "O").replaceAll("1", "I")}; ${seen}`;
  });
  assert.deepEqual(parsePaper(misread.join("\n")), KEY);
});

Deno.test("any one digit of a line may be wrong, also in its check", () => {
  for (const at of [4, 9, 30, LINES[7]!.length - 1]) {
    const line = LINES[7]!;
    const wrong = line[at] === "8" ? "B" : "8";
    for (const read of [wrong, "x", "?"]) {
      const changed = LINES.with(7, line.slice(0, at) + read + line.slice(at + 1));
      assert.deepEqual(parsePaper(changed.join("\n")), KEY, `${read} at ${at}`);
    }
  }
});

Deno.test("lines that cannot be read and lines that are missing are named together", () => {
  const lines = LINES.with(4, LINES[4]!.replace(/: \w{4}/, ": ????")).toSpliced(10, 1);
  const parse = () => parsePaper(lines.join("\n"));
  assert.throws(parse, fails("damaged", "line 5 does not fit its check, line 11 is missing"));
});

Deno.test("a page that is torn off below, and lines of another key, are noticed", () => {
  assert.throws(() => parsePaper(LINES.slice(0, 20).join("\n")), fails("damaged", "sum:"));
  const short = [...LINES.slice(0, 20), LINES.at(-1)!].join("\n");
  assert.throws(() => parsePaper(short), fails("damaged", "at the end are missing"));
  const other = formatPaper(bytesOf(999).reverse()).split("\n");
  const mixed = LINES.with(2, other[2]!).join("\n");
  assert.throws(() => parsePaper(mixed), fails("damaged", "not the sum"));
  const swapped = LINES.with(2, LINES[3]!.replace("4:", "3:")).join("\n");
  assert.throws(() => parsePaper(swapped), fails("damaged", "line 3"));
  assert.throws(() => parsePaper("nothing here"), fails("damaged", "no lines"));
});
