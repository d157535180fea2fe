import assert from "node:assert/strict";
import { PeriError } from "./errors.ts";
import {
  type ClientMessage,
  decodeClientMessage,
  decodeServerMessage,
  encodeFrame,
  encodeMessage,
  encodeStream,
  FRAME,
  type Frame,
  FrameReader,
  MAX_CONTENT_BYTES,
  readFrames,
  type ServerMessage,
} from "./frame.ts";
import type { Fingerprint } from "./words.ts";

const PERSON = "5A1F".repeat(10) as Fingerprint;
const bytes = (text: string) => new TextEncoder().encode(text);
const isKind = (kind: string) => (error: unknown) =>
  error instanceof PeriError && error.kind === kind;

Deno.test("frames come out whole however the stream is cut", () => {
  const stream = [
    encodeFrame(FRAME.input, bytes("hello")),
    encodeFrame(FRAME.input, bytes("")),
    encodeMessage({ interrupt: true }),
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
      '{"interrupt":true}',
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

Deno.test("every message of a client comes back as it was", () => {
  const open = { v: 1, operation: "pod.install", arguments: { name: "hey" }, terminal: true };
  const messages = [
    { open },
    { open: { ...open, person: PERSON } },
    { reply: { ask: 0, value: { signature: "AAAA" } } },
    { reply: { ask: 7, error: { kind: "denied", op: "sign", subject: "refused" } } },
    { interrupt: true },
  ] as ClientMessage[];
  for (const message of messages) {
    assert.deepEqual(decodeClientMessage(encodeMessage(message).slice(5)), message);
  }
});

Deno.test("every message of a periphery comes back as it was", () => {
  const messages: ServerMessage[] = [
    { item: { pod: "hey", nested: [{ deep: [1, null, true] }] } },
    { note: "compiling hey" },
    { ask: { id: 1, kind: "sign", person: PERSON, document: "peri behalf 1\n" } },
    { ask: { id: 2, kind: "confirm", question: "Remove hey?", details: ["12 messages"] } },
    { end: { exitCode: 130 } },
    { error: { kind: "not-found", op: "show pod", subject: "heyy", hint: "peri pod list" } },
  ];
  for (const message of messages) {
    assert.deepEqual(decodeServerMessage(encodeMessage(message).slice(5)), message);
  }
});

Deno.test("messages of another shape are damaged", () => {
  const open = { v: 1, operation: "status", arguments: {}, terminal: false };
  const wrong = [
    "",
    "[]",
    "null",
    "{}",
    "\ufeff{}",
    '{"interrupt": false}',
    JSON.stringify({ open: { ...open, v: 2 } }),
    JSON.stringify({ open: { ...open, operation: "../x" } }),
    JSON.stringify({ open: { ...open, arguments: [] } }),
    JSON.stringify({ open: { ...open, person: "alice" } }),
    JSON.stringify({ open: { ...open, terminal: "yes" } }),
    JSON.stringify({ reply: { ask: -1, value: {} } }),
    JSON.stringify({ reply: { ask: 1 } }),
    `{"open": ${"[".repeat(40)}${"]".repeat(40)}}`,
  ];
  for (const text of wrong) {
    assert.throws(() => decodeClientMessage(bytes(text)), isKind("damaged"), text);
  }
  for (const text of ['{"end": {"exitCode": 256}}', '{"ask": {"id": 1, "kind": "key"}}', "{}"]) {
    assert.throws(() => decodeServerMessage(bytes(text)), isKind("damaged"), text);
  }
  assert.throws(() => decodeClientMessage(Uint8Array.of(0x22, 0xff, 0x22)), isKind("damaged"));
});

Deno.test("brackets within texts are not nesting", () => {
  const note = '[{"'.repeat(100);
  assert.deepEqual(decodeServerMessage(encodeMessage({ note }).slice(5)), { note });
});
