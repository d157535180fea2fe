import assert from "node:assert/strict";
import type { PodEvent } from "../../model/pod.ts";
import { parsePodName } from "../../model/words.ts";
import { Conversation } from "./conversation.ts";
import { PodLogs } from "../log.ts";
import type { RunStep } from "../replay/record.ts";
import type { Reel } from "../replay/recorder.ts";
import { Overlay } from "../state/state.ts";
import { Visit } from "../visit/visit.ts";
import { FakeInstance } from "../../../tests/helpers/guest.ts";
import { ALICE, eventOf, World } from "../../../tests/helpers/world.ts";
import { SeededEntropy } from "../../adapters/memory/entropy.ts";
import { settled } from "../../adapters/memory/clock.ts";

async function open() {
  const world = await World.open();
  const ref = await world.install(() => 0);
  const heard: string[] = [];
  const { store } = world;
  const { blobs, clock } = world.remains;
  const log = { info() {}, warn() {}, error() {} };
  const ports = {
    store,
    blobs,
    clock,
    entropy: new SeededEntropy(1),
    logs: new PodLogs(store, clock, log),
    findPerson: () => Promise.reject(new Error("nobody")),
  };
  const talk = new Conversation(ports, { ...ref, generation: 0 }, new Overlay(), {
    partDone: () => heard.push("part"),
    ended: () => heard.push("end"),
    suspended: () => heard.push("later"),
    count: () => Promise.resolve(0),
    gaveWay: () => heard.push("way"),
    broken: (reason, cause) => heard.push(`${reason}: ${cause}`),
  });
  const told: PodEvent[][] = [];
  const instance = new FakeInstance(() => 0, () => {}, { memoryBytes: 0, sliceMs: 0 });
  instance.dispatch = (events) => void told.push([...events]);
  talk.instance = instance;
  const visit = new Visit({ interface: "peri:face/command", function: "run", arguments: "[]" });
  return { talk, heard, told, visit };
}

const REF = { person: ALICE, pod: parsePodName("counter") };
const FINISH = {
  kind: "finish",
  invocation: 1,
  effects: { writes: [], posts: [], answers: [], cancels: [], outputs: [] },
  outcome: { ok: "0" },
} as const;

Deno.test("events of one moment go to the instance together", async () => {
  const { talk, told, visit } = await open();
  talk.begin({ kind: "visit", visit });
  talk.begin({ kind: "visit", visit });
  talk.cancel(visit);
  await settled();
  assert.deepEqual(told.map((events) => events.map(({ kind }) => kind)), [
    ["call", "call", "cancel", "cancel"],
  ]);
});

Deno.test("a run that waits for others gives way; only one for a person is still there", async () => {
  const { talk, heard, visit } = await open();
  talk.begin({ kind: "visit", visit });
  talk.begin({ kind: "event", event: eventOf(REF, 1, 1) });
  assert.equal(talk.busyRuns.length, 2);
  const { effects } = FINISH;
  talk.hear({ kind: "suspend", invocation: 1, effects });
  talk.hear({ kind: "suspend", invocation: 2, effects });
  assert.deepEqual(heard, ["part", "way", "later"]);
  assert.deepEqual([talk.busyRuns.length, talk.runs.length], [0, 1]);
  talk.hear(FINISH);
  talk.hear({ kind: "suspend", invocation: 2, effects });
  assert.deepEqual(heard.slice(3), ["end", "trap: the pod spoke of run 2, which is not there"]);
});

Deno.test("what an instance says after the end is not heard", async () => {
  const { talk, heard, told, visit } = await open();
  talk.begin({ kind: "visit", visit });
  talk.close();
  talk.hear(FINISH);
  talk.hear({ ...FINISH, invocation: 7 });
  await settled();
  assert.deepEqual([heard, told], [[], []]);
});

Deno.test("an answer that comes after its run's end is kept back", async () => {
  const { talk, heard, told, visit } = await open();
  talk.begin({ kind: "visit", visit });
  const argument = '{"table":"t","key":"k"}';
  talk.hear({ kind: "request", invocation: 1, step: 1, operation: "state-get", argument });
  talk.hear(FINISH);
  await settled();
  assert.deepEqual(heard, ["end"]);
  assert.deepEqual(told.flat().map(({ kind }) => kind), ["call"]);
});

Deno.test("what its host has answered is on record as an answer, and nobody answers it again", async () => {
  const { talk, heard, told, visit } = await open();
  const steps: RunStep[] = [];
  const tape = { add: (step: RunStep) => steps.push(step), isOver: true };
  talk.reel = { begin: () => tape } as unknown as Reel;
  talk.begin({ kind: "visit", visit });
  const request = {
    kind: "request",
    invocation: 1,
    step: 1,
    operation: "state-get",
    argument: '{"table":"t","key":"k"}',
  } as const;
  talk.hear({ ...request, answer: '"7"' });
  talk.hear({ ...request, step: 2 });
  await settled();
  assert.deepEqual(told.flat().map(({ kind }) => kind), ["call", "settled"]);
  const answered = (step: number, ok: string) =>
    ({ kind: "settled", invocation: 1, step, outcome: { ok } }) as const;
  assert.deepEqual(steps, [
    request,
    answered(1, '"7"'),
    { ...request, step: 2 },
    answered(2, "null"),
  ]);
  assert.deepEqual(heard, []);
});

Deno.test("a step that waits for its answer is not answered by a host", async () => {
  const { talk, heard, visit } = await open();
  talk.begin({ kind: "visit", visit });
  const request = { kind: "request", invocation: 1, step: 1, argument: "{}" } as const;
  talk.hear({ ...request, operation: "person-own" });
  talk.hear({ ...request, operation: "state-get", answer: "null" });
  assert.deepEqual(heard, ["trap: the pod asked twice in step 1"]);
});

Deno.test("a run that asks without end is broken off", async () => {
  const { talk, heard, visit } = await open();
  talk.begin({ kind: "visit", visit });
  for (let step = 0; step <= 1_000; step++) {
    talk.hear({ kind: "request", invocation: 1, step, operation: "person-find", argument: "{}" });
  }
  assert.deepEqual(heard, ["trap: the pod asked too much at once"]);
});

Deno.test("reading input gives way to other runs, and reading it twice at once is a fault", async () => {
  const { talk, heard, visit } = await open();
  talk.begin({ kind: "visit", visit });
  assert.equal(talk.busyRuns.length, 1);
  const read = { kind: "request", invocation: 1, operation: "input-read", argument: "{}" } as const;
  talk.hear({ ...read, step: 1 });
  assert.equal(talk.busyRuns.length, 0);
  talk.hear({ ...read, step: 2 });
  assert.deepEqual(heard, ["way", "trap: the pod read its input twice at once"]);
});
