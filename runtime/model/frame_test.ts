import assert from "node:assert/strict";
import { PeriError } from "./errors.ts";
import {
  encodeFrame,
  encodeStream,
  FRAME,
  type Frame,
  FrameReader,
  MAX_CONTENT_BYTES,
  readFrames,
} from "./frame.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const isKind = (kind: string) => (error: unknown) =>
  error instanceof PeriError && error.kind === kind;

Deno.test("frames come out whole however the stream is cut", () => {
  const stream = [
    encodeFrame(FRAME.input, bytes("hello")),
    encodeFrame(FRAME.input, bytes("")),
    encodeFrame(FRAME.message, bytes("{}")),
  ];
  const whole = new Uint8Array(stream.flatMap((frame) => [...frame]));
  for (let size = 1; size <= whole.length; size++) {
    const reader = new FrameReader();
    const frames: Frame[] = [];
    for (let at = 0; at < whole.length; at += size) {
      frames.push(...reader.push(whole.slice(at, at + size)));
    }
    reader.end();
    assert.deepEqual(frames.map((frame) => frame.type), [1, 1, 0]);
    assert.deepEqual(frames.map((frame) => new TextDecoder().decode(frame.content)), [
      "hello",
      "",
      "{}",
    ]);
  }
});

Deno.test("a frame without length, too long or of unknown type ends the reading", () => {
  const frames = [[0, 0, 0, 0, 0], [0, 4, 0, 1, 0], [0xff, 0xff, 0xff, 0xff, 0], [0, 0, 0, 1, 4]];
  for (const head of frames) {
    assert.throws(() => new FrameReader().push(Uint8Array.from(head)), isKind("damaged"));
  }
});

Deno.test("a stream that ends within a frame is damaged", async () => {
  const cut = encodeFrame(FRAME.output, bytes("hello")).slice(0, -1);
  const read = Array.fromAsync(readFrames(ReadableStream.from([cut])));
  await assert.rejects(read, isKind("damaged"));
});

Deno.test("the largest content fits, one byte more does not, and a long piece is cut", () => {
  const largest = new Uint8Array(MAX_CONTENT_BYTES);
  const [frame] = new FrameReader().push(encodeFrame(FRAME.output, largest));
  assert.equal(frame?.content.length, MAX_CONTENT_BYTES);
  const more = new Uint8Array(MAX_CONTENT_BYTES + 1);
  assert.throws(() => encodeFrame(FRAME.output, more), isKind("too-large"));
  assert.deepEqual([...encodeStream(FRAME.output, more)].map((part) => part.length), [
    MAX_CONTENT_BYTES + 5,
    6,
  ]);
});
