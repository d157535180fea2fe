import assert from "node:assert/strict";
import { PeriError } from "../../model/errors.ts";
import { readOutput } from "./outputs.ts";
import { MAX_SLICE_OUTPUTS, readFromHost } from "./protocol.ts";

const effects = { writes: [], posts: [], answers: [], cancels: [], outputs: [] };
const post = {
  person: "p",
  pod: "p",
  capability: "c",
  interface: "i",
  function: "f",
  functionId: "f",
  arguments: "[]",
};

function refuses(read: () => unknown): void {
  assert.throws(read, (thrown) => thrown instanceof PeriError && thrown.kind === "damaged");
}

Deno.test("options that are null or missing are absent, other fields are dropped", () => {
  const value = {
    kind: "finish",
    invocation: 1,
    effects: {
      ...effects,
      writes: [{ table: "t", key: "k", value: null, more: 1 }],
      posts: [{ ...post, deadlineMs: undefined, continuation: null }],
    },
    outcome: { error: { kind: "strange", op: "o", subject: "s", hint: null } },
    more: 1,
  };
  assert.deepEqual(readOutput(value), {
    kind: "finish",
    invocation: 1,
    effects: { ...effects, writes: [{ table: "t", key: "k" }], posts: [post] },
    outcome: { error: { kind: "internal", op: "o", subject: "s" } },
  });
});

Deno.test("outputs out of form are refused", () => {
  const finish = { kind: "finish", invocation: 1, effects, outcome: { ok: "" } };
  assert.deepEqual(readOutput(finish), finish);
  for (
    const wrong of [
      null,
      "log",
      [],
      { kind: "constructor" },
      { kind: "log", level: "info" },
      { ...finish, invocation: -1 },
      { ...finish, invocation: 2 ** 32 },
      { ...finish, invocation: 0.5 },
      { ...finish, outcome: {} },
      { ...finish, outcome: { ok: 1 } },
      { ...finish, effects: { ...effects, writes: {} } },
      { ...finish, effects: { ...effects, writes: [null] } },
      { ...finish, effects: { ...effects, posts: [{ ...post, deadlineMs: -1 }] } },
      { ...finish, effects: { ...effects, posts: [{ ...post, deadlineMs: Infinity }] } },
      { ...finish, effects: { ...effects, posts: [{ ...post, person: 1 }] } },
      { ...finish, effects: { ...effects, outputs: [{ fd: 0, data: new Uint8Array() }] } },
      { ...finish, effects: { ...effects, outputs: [{ fd: 1, data: [1] }] } },
    ]
  ) refuses(() => readOutput(wrong));
});

Deno.test("messages of a host out of form are refused", () => {
  const log = { kind: "log", level: "info", line: "" };
  assert.equal(readFromHost([{ kind: "outputs", pod: 1, outputs: [log] }]).length, 1);
  for (
    const wrong of [
      {},
      [1],
      [{ kind: "started" }],
      [{ kind: "started", pod: "1" }],
      [{ kind: "outputs", pod: 1, outputs: log }],
      [{ kind: "outputs", pod: 1, outputs: Array(MAX_SLICE_OUTPUTS + 2).fill(log) }],
      [{ kind: "ended", pod: 1, end: "host", note: "" }],
      [{ kind: "ended", pod: 1, end: "trap", note: "x".repeat(5_000) }],
      [{ kind: "start", pod: 1 }],
    ]
  ) refuses(() => readFromHost(wrong));
});
