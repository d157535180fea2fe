/**
 * Whatever is asked of a periphery, it answers with a result or a refusal a person can act on,
 * never with an accident, and goes on working.
 *
 * @module
 */

import assert from "node:assert/strict";
import { decodeServerMessage, type Json, type JsonRecord } from "../../runtime/model/control.ts";
import { type ErrorRecord, PeriError } from "../../runtime/model/errors.ts";
import { Input } from "../../runtime/gate/control/input.ts";
import { serveSession } from "../../runtime/gate/control/session.ts";
import { encodeFrame, FRAME, FrameReader } from "../../runtime/model/frame.ts";
import { componentOf } from "./guests.ts";
import { type Home, ownerOf, Town } from "./town.ts";

/** Every field any operation reads, with a value that means something. */
function sensible(other: Home): JsonRecord {
  return {
    certificate: "AAAA",
    pod: "hey",
    name: "bob",
    upgrade: false,
    follow: false,
    argv: ["list"],
    text: "bob",
    url: other.url,
    owner: ownerOf(other),
    friend: "bob",
    token: "AAAA",
    letter: "1",
    to: "bob",
  };
}

function nest(depth: number): Json {
  let value: Json = [];
  for (let at = 0; at < depth; at++) value = [value];
  return value;
}

const GARBAGE: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1e308,
  "",
  " ",
  "\0",
  "\x1b[2J",
  "\ud800",
  "\u202e",
  "../../etc/passwd",
  "__proto__",
  "constructor",
  "%00",
  "-",
  "F".repeat(40),
  "F".repeat(64),
  "http://",
  "http://a:b@c.example/x?y#z",
  "http://[::1",
  "x".repeat(4_097),
  "=".repeat(100_000),
  "A".repeat(200_000),
  [],
  [null],
  [[]],
  [""],
  ["\ud800"],
  ["x".repeat(60_000)],
  {},
  { toString: "x" },
  { length: 1 },
  nest(30),
];

/** What an operation says to arguments; nothing when it is content. */
async function said(
  home: Home,
  name: string,
  args: JsonRecord,
  input: string | Uint8Array = "",
): Promise<ErrorRecord | undefined> {
  // Only what is followed goes on until an interrupt.
  const ending = name === "pod.logs" ? { interrupted: AbortSignal.abort() } : {};
  try {
    await home.visit(name, args, { yes: false, input, ...ending });
    return undefined;
  } catch (thrown) {
    assert.ok(thrown instanceof PeriError, `${name} ${show(args)} threw ${thrown}`);
    return thrown.toRecord();
  }
}

/** The fields an operation reads. */
async function fieldsOf(home: Home, name: string, good: JsonRecord, input: Uint8Array) {
  const read = new Set<string>();
  const args = new Proxy(good, {
    get: (target, field) => {
      if (typeof field === "string") read.add(field);
      return Reflect.get(target, field);
    },
  });
  await said(home, name, args, input);
  return [...read];
}

function show(value: unknown): string {
  return JSON.stringify(value).slice(0, 200);
}

function checkRefusal(error: ErrorRecord | undefined, what: string): void {
  if (error === undefined) return;
  assert.notEqual(error.kind, "internal", `${what}: ${error.subject}`);
  assert.ok(error.op.length > 0 && error.subject.length > 0, what);
  const texts = `${error.op}${error.subject}${error.hint ?? ""}`;
  assert.ok(texts.length < 2_000, `${what}: ${texts.length} characters`);
}

Deno.test("no field of any operation can be made to cause an accident", async () => {
  await using town = new Town();
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  const good = sensible(bob);
  const input = await componentOf("probe");
  for (const name of alice.periphery.desk.operations.keys()) {
    for (const args of [{}, { unknown: 1 }, good]) {
      checkRefusal(await said(alice, name, args, input), `${name} ${show(args)}`);
    }
    for (const field of await fieldsOf(alice, name, good, input)) {
      for (const value of GARBAGE) {
        const args = { ...good, [field]: value };
        checkRefusal(await said(alice, name, args, input), `${name} ${field} ${show(value)}`);
      }
    }
  }
  await alice.hey("leave-message", "bob", "still here");
  await town.until(async () => (await bob.letters()).length === 1, "all works as before");
  assert.deepEqual(town.errors, []);
});

Deno.test("a field that is missing or of another type is named", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const fields: readonly (readonly [operation: string, field: string, garbage: readonly Json[]])[] =
    [
      ["claim", "certificate", [7, null, []]],
      ["who", "text", [7, null, {}]],
      ["pod.info", "pod", [7, null, ["hey"]]],
      ["pod.install", "name", [7, {}, [], true]],
      ["pod.install", "upgrade", ["true", 1, {}, []]],
      ["pod.logs", "follow", ["true", 1, {}, []]],
      ["pod.run", "argv", [7, "list", null, {}, [7]]],
      ["pod.complete", "argv", [7, "list", null, {}, [null]]],
      ["friend.add", "url", [7, null, ["http://x.example"]]],
      ["friend.add", "name", [7, {}]],
      ["friend.add", "owner", [7, {}]],
      ["friend.remove", "friend", [7, null, {}]],
    ];
  const good = { ...sensible(alice), url: alice.url };
  for (const [operation, field, garbage] of fields) {
    for (const value of garbage) {
      const refusal = await said(alice, operation, { ...good, [field]: value });
      assert.equal(refusal?.kind, "invalid", `${operation} ${field} ${show(value)}`);
      assert.match(refusal.subject, new RegExp(`^${field} is `), operation);
    }
  }
});

Deno.test("garbage on standard input of an installation is no accident", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const inputs = ["", "\0asm", "{}", "null", "[]", '{"format":1}', "x".repeat(600_000)];
  for (const input of inputs) {
    const refusal = await said(alice, "pod.install", { name: "x" }, input);
    assert.ok(refusal !== undefined);
    checkRefusal(refusal, show(input));
  }
});

/** What a periphery answers to frames on its control socket, last. */
async function answerTo(home: Home, ...frames: Uint8Array[]): Promise<unknown> {
  const incoming = new Input();
  for (const frame of frames) void incoming.push(frame);
  incoming.end();
  const reader = new FrameReader();
  let last: unknown;
  await serveSession(
    {
      incoming,
      send: (piece) => {
        for (const { type, content } of reader.push(piece)) {
          if (type === FRAME.message) last = decodeServerMessage(content);
        }
        return Promise.resolve();
      },
      close: () => incoming.end(),
    },
    home.periphery.desk,
    { person: null },
  );
  return last;
}

const openFrame = (open: unknown) =>
  encodeFrame(FRAME.message, new TextEncoder().encode(JSON.stringify({ open })));

Deno.test("every operation is refused or answered through a control session, whatever is opened", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const base = { v: 1, arguments: {}, terminal: false };
  const opens: unknown[] = [
    { ...base, operation: "status", arguments: [] },
    { ...base, operation: "status", v: 2 },
    { ...base, operation: "status", person: "me" },
    { ...base, operation: "status", terminal: "yes" },
    { ...base, operation: "__proto__" },
    { ...base, operation: "constructor" },
    { ...base, operation: "" },
    { ...base, operation: 7 },
    { ...base },
  ];
  for (const open of opens) {
    const { error } = await answerTo(alice, openFrame(open)) as { error: ErrorRecord };
    assert.ok(["damaged", "missing-implementation"].includes(error.kind), show(open));
  }
  for (const operation of alice.periphery.desk.operations.keys()) {
    for (const args of [{}, { ...sensible(alice) }]) {
      const frame = openFrame({ ...base, operation, arguments: args });
      const answer = await answerTo(alice, frame) as { error?: ErrorRecord; end?: unknown };
      checkRefusal(answer.error, operation);
      assert.ok(answer.error !== undefined || answer.end !== undefined, operation);
    }
  }
});

Deno.test("a client without a key acts for the owner, and cannot sign for them", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const open = { v: 1, operation: "pod.renew", arguments: { pod: "hey" }, terminal: false };
  const signature = (text: string) =>
    encodeFrame(
      FRAME.message,
      new TextEncoder().encode(
        JSON.stringify({ reply: { ask: 1, value: { signature: text } } }),
      ),
    );
  for (const text of ["", "AAAA", "not base64", "A".repeat(10_000)]) {
    const answer = await answerTo(alice, openFrame(open), signature(text));
    const { error } = answer as { error: ErrorRecord };
    assert.ok(["denied", "damaged", "invalid"].includes(error.kind), `${text}: ${error.kind}`);
  }
  assert.equal((await alice.visit("pod.info", { pod: "hey" })).items[0]!.serial, 1);
});
