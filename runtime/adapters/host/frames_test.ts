import assert from "node:assert/strict";
import { concatBytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { encodeFrame, FrameReader } from "./frames.ts";

Deno.test("frames come out whole however they are cut", () => {
  const values = [[{ a: 1 }], [new Uint8Array(300)], ["text ä€𝄞"], []];
  const bytes = concatBytes(values.map((value, at) => encodeFrame(value, at === 1)));
  for (const size of [1, 3, 7, 100, bytes.length]) {
    const reader = new FrameReader(1_000);
    const found: unknown[] = [];
    const piece = new Uint8Array(size);
    for (let at = 0; at < bytes.length; at += size) {
      const part = bytes.subarray(at, at + size);
      piece.set(part);
      found.push(...reader.push(piece.subarray(0, part.length)));
    }
    piece.fill(0);
    assert.deepEqual(found, values);
  }
});

Deno.test("a frame is hardly longer than what is in it, whatever that is written with", () => {
  const text = "\u0001".repeat(4 << 20);
  const frame = encodeFrame([text], false);
  assert(frame.length < 2 * text.length, `${frame.length} bytes`);
  assert.deepEqual([...new FrameReader(2 * text.length).push(frame)], [[text]]);
});

Deno.test("a long frame is refused by its head, an empty or torn one as damaged", () => {
  const refusal = (bytes: number[]) => {
    try {
      [...new FrameReader(100).push(new Uint8Array(bytes))];
    } catch (thrown) {
      assert(thrown instanceof PeriError);
      return thrown.kind;
    }
  };
  assert.equal(refusal([0, 0, 0, 101]), "too-large");
  assert.equal(refusal([0xff, 0xff, 0xff, 0xff]), "too-large");
  assert.equal(refusal([0, 0, 0, 0]), "damaged");
  assert.equal(refusal([0, 0, 0, 2, 0xff, 0xff]), "damaged");
  assert.equal(refusal([0, 0, 0, 2, 0x5b, 0x5b]), "damaged");
  assert.equal(refusal([0, 0, 0, 3, 0x5b, 0xff, 0x5d]), "damaged");
});
