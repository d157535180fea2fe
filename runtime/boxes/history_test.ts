import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { MemoryDisk, MemoryStore } from "../adapters/memory/store.ts";
import { House } from "../../tests/sim/house.ts";
import { makePost } from "../../tests/sim/pod.ts";
import { makeVillage, type Villager } from "../../tests/sim/village.ts";
import { KEEP_TRACES_MS, MAX_TRACES } from "../model/limits.ts";
import { parseFunctionName, parsePodRef, parseResponseToken } from "../model/words.ts";
import { keys } from "./rows.ts";
import { decodeTrace, encodeTrace, type Trace } from "./trace.ts";
import { Traces } from "./traces.ts";

const MINUTE_MS = 60_000;
const REF = parsePodRef(`${"AB".repeat(20)}/hey`);
const TOKEN = parseResponseToken("A".repeat(22));
const CALL = { token: TOKEN, sequence: 7, postedMs: 5, what: "peri:sim/mail#leave" };

async function neighbours() {
  const village = await makeVillage("history", ["alice", "bob"]);
  const [alice, bob] = village.people as [Villager, Villager];
  const token = village.token();
  const story = async (house = alice.house) =>
    (await house.boxes.history.find(alice.resident.ref, token.slice(0, 6)))[0]!;
  return { village, alice, bob, token, story };
}

Deno.test("a message is followed from its post to its answer, and who vouches for each step", async () => {
  const { village, alice, bob, token, story } = await neighbours();
  await alice.pod.post(makePost(bob.resident.ref, token, '["hello"]'));
  await village.settle();
  const { hops, state, what } = await story();
  deepStrictEqual([state, what], ["answered", "peri:sim/mail#leave"]);
  deepStrictEqual(hops.map(({ hop, vouched }) => [hop, vouched]), [
    ["posted", undefined],
    ["sent", undefined],
    ["taken", "receipt"],
    ["answered", "signature"],
  ]);
  strictEqual(hops[1]!.detail, bob.house.server);
});

Deno.test("the history is there after a restart", async () => {
  const { village, alice, bob, token, story } = await neighbours();
  await alice.pod.post(makePost(bob.resident.ref, token, '["hello"]'));
  await village.settle();
  const before = await story();
  await alice.house.boxes.stop();
  const { server, disk } = alice.house;
  deepStrictEqual(
    await story(new House(village.world, server, [alice.resident], disk, {}, 1)),
    before,
  );
});

Deno.test("what waits says why, and what was given up and driven again says so", async () => {
  const { village, alice, bob, token, story } = await neighbours();
  const { world } = village;
  world.network.drop(bob.house.server);
  await alice.pod.post(makePost(bob.resident.ref, token, "[]", { deadlineMs: MINUTE_MS }));
  await village.settle();
  const waits = (await story()).hops.at(-1)!;
  ok(waits.hop === "waits" && waits.tries! > 0 && /bob/.test(waits.detail), waits.detail);
  await world.clock.advance(2 * MINUTE_MS);
  strictEqual((await story()).state, "lost");
  const [letter] = await Array.fromAsync(alice.house.boxes.counter.outbox(alice.resident.ref));
  await alice.house.boxes.counter.revive(letter!);
  deepStrictEqual((await story()).hops.map(({ hop }) => hop), ["posted", "lost", "again", "waits"]);
});

Deno.test("an answer that is an error says its kind", async () => {
  const { village, alice, bob, token, story } = await neighbours();
  const missing = { function: parseFunctionName("missing") };
  await alice.pod.post(makePost(bob.resident.ref, token, "[]", missing));
  await village.settle();
  strictEqual((await story()).hops.at(-1)!.detail, "missing-implementation");
});

Deno.test("messages that go together are one trace", async () => {
  const { village, alice, bob } = await neighbours();
  const posts = Array.from(
    { length: 50 },
    () => makePost(bob.resident.ref, village.token(), "[]"),
  );
  await alice.pod.post(...posts);
  await village.settle();
  const rows = alice.house.disk.rows().filter(({ key }) => key[3] === "trace");
  const traces = rows.map(({ value }) => decodeTrace(value as Uint8Array));
  deepStrictEqual(
    traces.filter(({ kind }) => kind === "taken").map((trace) =>
      "calls" in trace && trace.calls.length
    ),
    [50],
  );
  const latest = await alice.house.boxes.history.latest(alice.resident.ref, 20);
  strictEqual(latest.length, 20);
});

Deno.test("the latest messages come first", async () => {
  const { village, alice, bob } = await neighbours();
  const tokens = [village.token(), village.token(), village.token()];
  for (const token of tokens) {
    await alice.pod.post(makePost(bob.resident.ref, token, "[]"));
    await village.settle();
    await village.world.clock.advance(MINUTE_MS);
  }
  const latest = await alice.house.boxes.history.latest(alice.resident.ref, 2);
  deepStrictEqual(latest.map(({ token }) => token), tokens.reverse().slice(0, 2));
});

const EVERY: readonly Trace[] = [
  { kind: "taken", atMs: 9, to: REF, by: "a file", sentMs: 8, tries: 2, calls: [CALL] },
  {
    kind: "lost",
    atMs: 9,
    to: REF,
    error: { kind: "unreachable", op: "deliver", subject: "gone" },
    calls: [CALL],
  },
  { kind: "again", atMs: 9, to: REF, calls: [CALL] },
  {
    kind: "answered",
    atMs: 9,
    to: REF,
    answers: [{ token: TOKEN, end: true }, { token: TOKEN, end: false, error: "busy" }],
  },
];

Deno.test("the answers of a stream are one hop", async () => {
  const { village, alice, bob, token, story } = await neighbours();
  await alice.pod.post(makePost(bob.resident.ref, token, "[]"));
  await village.settle();
  const { store, boxes } = alice.house;
  const atMs = village.world.clock.nowMs() + 1_000;
  await boxes.stop();
  const answers = Array.from({ length: 3 }, () => ({ token, end: false }));
  const traces = new Traces(store);
  const to = bob.resident.ref;
  await store.commit(
    await traces.plan(alice.resident.ref, { kind: "answered", atMs, to, answers }),
  );
  const last = (await story()).hops.at(-1)!;
  deepStrictEqual([last.hop, last.detail, last.atMs], ["answered", "3 items", atMs]);
});

Deno.test("every trace is read as it was written", () => {
  for (const trace of EVERY) deepStrictEqual(decodeTrace(encodeTrace(trace)), trace);
});

Deno.test("the trace of a full bundle with the longest names fits one value", () => {
  const call = { ...CALL, sequence: 2 ** 53 - 1, postedMs: 2 ** 53 - 1, what: "x".repeat(400) };
  const calls = Array.from({ length: 200 }, () => call);
  const by = `http://${"x".repeat(250)}`;
  const trace = { kind: "taken", atMs: 9, to: REF, by, sentMs: 8, tries: 2, calls } as const;
  ok(encodeTrace(trace).length < 65_536);
});

Deno.test("of too many traces the oldest go, and none outlasts its time", async () => {
  const disk = new MemoryDisk();
  const store = new MemoryStore(disk);
  const trace = (atMs: number): Trace => ({ kind: "again", atMs, to: REF, calls: [CALL] });
  const nowMs = KEEP_TRACES_MS + 100;
  const old = { key: keys.trace(REF, MAX_TRACES - 3), value: encodeTrace(trace(1)) };
  const over = { key: keys.trace(REF, 1), value: encodeTrace(trace(nowMs)) };
  disk.apply({ puts: [old, over] });
  const traces = new Traces(store);
  for (let n = 0; n < 100; n++) await store.commit(await traces.plan(REF, trace(nowMs)));
  const places = disk.rows().map(({ key }) => key.at(-1) as number);
  deepStrictEqual([places.length, places[0]], [100, MAX_TRACES - 2]);
});
