/**
 * What pod hosts and pods say, almost right: it is read for what it is or refused with an error of
 * peri, in frames of JSON and of CBOR, and nothing that is read can break who goes on with it.
 *
 * `SEED=7 deno test -A tests/fuzz/host_test.ts` runs other cases, `CASES=100000` more of them.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { encodeFrame, FrameReader } from "../../runtime/adapters/host/frames.ts";
import { type FromHost, readFromHost } from "../../runtime/adapters/host/protocol.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import type { Bytes } from "../../runtime/model/bytes.ts";
import type { Cbor } from "../../runtime/model/cbor.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { Manifest } from "../../runtime/model/pod.ts";
import { checkEffects, checkOutcome } from "../../runtime/supervisor/turn/effects.ts";
import { mutate, mutateJson } from "./mutate.ts";

const CASES = Number(Deno.env.get("CASES") ?? 1_500);
const SEED = Deno.env.get("SEED") ?? "1";
const MAX_BYTES = 100_000;

const ID = "f".repeat(64);
const PERSON = "A".repeat(40);
const HANDLE = `${PERSON}/hey/${"A".repeat(22)}`;
const called = { capability: ID, interface: "a:b/c", function: "d", functionId: ID };
const error = { kind: "denied", op: "do it", subject: "no", hint: "ask" };
const effects = {
  writes: [{ table: "t", key: "k", value: '{"a":[1]}' }, { table: "t", key: "gone" }],
  posts: [
    { person: PERSON, pod: "hey", ...called, arguments: "[1]", deadlineMs: 5, key: "one" },
    {
      ...{ person: "", pod: "", capability: "", interface: "", function: "", functionId: "" },
      arguments: "null",
      continuation: { function: "sdk:settle", note: '{"run":"r","step":1}' },
      key: HANDLE,
    },
  ],
  answers: [
    { handle: HANDLE, part: { item: "7" } },
    { handle: HANDLE, part: { end: true } },
    { handle: HANDLE, part: { error } },
  ],
  cancels: ["sdk:settle/r/1"],
  outputs: [],
};
const said = [
  { kind: "started", pod: 1, memoryBytes: 65_536 },
  {
    kind: "outputs",
    pod: 1,
    outputs: [
      { kind: "log", level: "info", line: "hello" },
      { kind: "request", invocation: 1, step: 2, operation: "idle", argument: "{}" },
      {
        kind: "request",
        ...{ invocation: 1, step: 3, operation: "state-get" },
        ...{ argument: '{"table":"t","key":"k"}', answer: "null" },
      },
      { kind: "suspend", invocation: 1, effects },
      { kind: "finish", invocation: 2, effects, outcome: { ok: "null" } },
      { kind: "finish", invocation: 3, effects, outcome: { error } },
    ],
  },
  { kind: "ended", pod: 1, end: "trap", note: "it broke" },
  { kind: "pong", count: 7, grown: [{ pod: 1, memoryBytes: 131_072 }] },
];
const manifest = {
  needs: [{ interface: "a:b/c", capability: ID, functions: { d: { id: ID, type: null } } }],
  offers: [],
} as unknown as Manifest;

/** Undefined when it was refused as it should be. */
function refusing<Read>(kinds: readonly string[], read: () => Read): Read | undefined {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof PeriError)) throw thrown;
    ok(kinds.includes(thrown.kind), `${thrown.kind}: ${thrown.message}`);
    return undefined;
  }
}

const hear = (bytes: Bytes): FromHost[] =>
  [...new FrameReader(MAX_BYTES).push(bytes)].flatMap((frame) => readFromHost(frame));

for (const hasBytes of [false, true]) {
  Deno.test(`frames of a host that are almost ${hasBytes ? "CBOR" : "JSON"} are read or refused`, () => {
    const chance = new SeededEntropy(`${SEED} ${hasBytes}`);
    const frame = encodeFrame(said as Cbor[], hasBytes);
    deepStrictEqual(hear(frame), said);
    for (let count = 0; count < CASES; count++) {
      const heard = refusing(["damaged", "too-large"], () => hear(mutate(frame, chance)));
      // What was heard is said again in the same words.
      if (heard?.length) deepStrictEqual(hear(encodeFrame(heard as Cbor[], hasBytes)), heard);
    }
  });
}

Deno.test("messages of a host with one part of another kind are read or refused", () => {
  const chance = new SeededEntropy(`${SEED} messages`);
  let refused = 0;
  for (let count = 0; count < CASES; count++) {
    const wrong = JSON.parse(JSON.stringify(mutateJson(said, chance))) as Cbor;
    if (refusing(["damaged"], () => readFromHost(wrong)) === undefined) refused++;
  }
  ok(refused > CASES / 5, `only ${refused} of ${CASES} were refused`);
});

Deno.test("effects that were heard happen within their bounds or are refused", () => {
  const chance = new SeededEntropy(`${SEED} effects`);
  const kinds = ["invalid", "too-large", "denied"];
  const entropy = new SeededEntropy(1);
  let happened = 0;
  for (let count = 0; count < CASES; count++) {
    const output = mutateJson(said[1]!.outputs![3 + chance.below(2)], chance) as Cbor;
    const frame = [{ kind: "outputs", pod: 1, outputs: [output] }] as Cbor;
    const [message] = refusing(["damaged"], () => readFromHost(frame)) ?? [];
    if (message?.kind !== "outputs" || message.outputs[0]?.kind !== "finish") continue;
    const { effects, outcome } = message.outputs[0];
    refusing(kinds, () => checkOutcome(outcome));
    const checked = refusing(kinds, () => checkEffects(effects, manifest, entropy));
    if (checked === undefined) continue;
    happened++;
    for (const { table, key, value = "" } of checked.writes) {
      ok([table, key, value].every((text) => text.isWellFormed()), "it is kept as it was written");
    }
  }
  ok(happened > CASES / 20, `only ${happened} of ${CASES} happened`);
});
