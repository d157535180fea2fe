import assert from "node:assert/strict";
import {
  type ClientMessage,
  decodeClientMessage,
  decodeServerMessage,
  encodeMessage,
  type ServerMessage,
} from "./control.ts";
import { PeriError } from "./errors.ts";
import type { Fingerprint } from "./words.ts";

const PERSON = "5A1F".repeat(10) as Fingerprint;
const bytes = (text: string) => new TextEncoder().encode(text);
const isKind = (kind: string) => (error: unknown) =>
  error instanceof PeriError && error.kind === kind;

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
    { want: "input" },
    { ask: { id: 1, kind: "sign-all", person: PERSON, documents: ["peri behalf 1\n"] } },
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
  for (
    const text of [
      '{"end": {"exitCode": 256}}',
      '{"ask": {"id": 1, "kind": "key"}}',
      '{"want": "key"}',
      "{}",
    ]
  ) {
    assert.throws(() => decodeServerMessage(bytes(text)), isKind("damaged"), text);
  }
  assert.throws(() => decodeClientMessage(Uint8Array.of(0x22, 0xff, 0x22)), isKind("damaged"));
});

Deno.test("brackets within texts are not nesting", () => {
  const note = '[{"'.repeat(100);
  assert.deepEqual(decodeServerMessage(encodeMessage({ note }).slice(5)), { note });
});
