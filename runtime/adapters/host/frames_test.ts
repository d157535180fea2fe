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

Deno.test("a frame of JSON is as deep as it may be and no deeper, whatever stands in its texts", () => {
  const frameOf = (text: string) => {
    const content = new TextEncoder().encode(text);
    const frame = new Uint8Array(4 + content.length);
    new DataView(frame.buffer).setUint32(0, content.length);
    frame.set(content, 4);
    return frame;
  };
  const nested = (depth: number, inner = "") => "[".repeat(depth) + inner + "]".repeat(depth);
  const read = (text: string) => [...new FrameReader(32 << 20).push(frameOf(text))];
  const isDamaged = (thrown: unknown) => thrown instanceof PeriError && thrown.kind === "damaged";
  const brackets = JSON.stringify(`[{"\\"[[[${"{".repeat(100)}`);
  assert.deepEqual(read(nested(32)), [JSON.parse(nested(32))]);
  assert.deepEqual(read(nested(3, brackets)), [JSON.parse(nested(3, brackets))]);
  assert.throws(() => read(nested(33)), isDamaged);
  assert.throws(() => read(`[${brackets},${nested(32)}]`), isDamaged);
  assert.throws(() => read(`[${'{"a":['.repeat(16)}`), isDamaged);
  assert.throws(() => read("[".repeat(20 << 20)), isDamaged);
  assert.throws(() => read(`[${"{},".repeat(1 << 20)}{}]`), isDamaged, "long, not deep");
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
