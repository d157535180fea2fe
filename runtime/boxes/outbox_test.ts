import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { makePost } from "../../tests/sim/pod.ts";
import { makeVillage } from "../../tests/sim/village.ts";
import { MemoryClock } from "../adapters/memory/clock.ts";
import { SeededEntropy } from "../adapters/memory/entropy.ts";
import { MemoryDisk, MemoryStore } from "../adapters/memory/store.ts";
import { PeriError } from "../model/errors.ts";
import {
  LANE_BLOCK,
  MAX_DEADLINE_MS,
  MAX_NOTE_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_TURN_POSTS,
} from "../model/limits.ts";
import { formatPodRef } from "../model/words.ts";
import { Calls } from "./calls.ts";
import { Lanes } from "./lanes.ts";
import { Outbox } from "./outbox.ts";
import { decodeTo, keys } from "./rows.ts";
import { Streams } from "./streams.ts";
import { Withdrawals } from "./withdraw.ts";

Deno.test("a plan that fails lets go of its lanes", async () => {
  const { people: [alice, bob], token } = await makeVillage("pins", ["alice", "bob"]);
  const [{ ref: from }, { ref: to }] = [alice!.resident, bob!.resident];
  const full = new PeriError("over-quota", { op: "write store", subject: "disk full" });
  const store = new MemoryStore(new MemoryDisk(), () => Promise.reject(full));
  const lanes = new Lanes(store, new SeededEntropy("pins"));
  const calls = new Calls(store);
  const outbox = new Outbox({
    ...{ lanes, calls, clock: new MemoryClock(), wake: () => {}, due: () => {} },
    streams: new Streams({ store, backlog: () => 0, due: () => {} }),
    withdrawals: new Withdrawals(store, calls),
  });
  await rejects(outbox.plan(from, [makePost(to, token(), "[1]")], []), { kind: "over-quota" });
  strictEqual((await lanes.pin(from, to)).pins, 1);
});

Deno.test("a post over a bound is refused, and the error says which", async () => {
  const { people: [alice, bob], token } = await makeVillage("bounds", ["alice", "bob"]);
  const { mailbox } = alice!.house.boxes;
  const { ref } = alice!.resident;
  const post = (wishes: object) => makePost(bob!.resident.ref, token(), "[1]", wishes);
  const plan = (...wishes: object[]) => mailbox.plan(ref, wishes.map(post), []);
  const tooLarge = [
    { payload: "x".repeat(MAX_PAYLOAD_BYTES + 1) },
    { payload: "\u{1F600}".repeat(MAX_PAYLOAD_BYTES / 4 + 1) },
    { continuation: { then: "x", note: "x".repeat(MAX_NOTE_BYTES + 1) } },
    { deadlineMs: MAX_DEADLINE_MS + 1 },
  ];
  for (const wishes of tooLarge) await rejects(plan(wishes), { kind: "too-large" });
  for (const deadlineMs of [0, -1, 1.5, NaN, Infinity]) {
    await rejects(plan({ deadlineMs }), { kind: "invalid" });
  }
  await rejects(plan(...Array(MAX_TURN_POSTS + 1).fill({})), /101 messages at once, 100 allowed/);
  strictEqual(alice!.house.disk.rows().length, 0);
});

Deno.test("plans may be committed in any order, or not; what arrives is in their order", async () => {
  const { people: [alice, bob], token, settle } = await makeVillage("order", ["alice", "bob"]);
  const { boxes: { mailbox }, store } = alice!.house;
  const { ref } = alice!.resident;
  const plan = (text: string) =>
    mailbox.plan(ref, [makePost(bob!.resident.ref, token(), text)], []);
  const [first, second, third] = [await plan("[1]"), await plan("[2]"), await plan("[3]")];
  await store.commit(third!.change);
  third!.settle(true);
  second!.settle(false);
  await settle();
  deepStrictEqual(await bob!.pod.deeds(), [], "an earlier one may still come");
  await store.commit(first!.change);
  first!.settle(true);
  await settle();
  deepStrictEqual((await bob!.pod.deeds()).map(({ payload }) => payload), ["[1]", "[3]"]);
});

Deno.test("numbers are reserved on disk before one of them is given", async () => {
  const { people: [alice, bob], token } = await makeVillage("numbers", ["alice", "bob"]);
  const { boxes: { mailbox }, disk } = alice!.house;
  const { ref } = alice!.resident;
  await mailbox.plan(ref, [makePost(bob!.resident.ref, token(), "[1]")], []);
  const row = disk.get(keys.to(ref, bob!.resident.ref))!.value;
  strictEqual(decodeTo(row as Uint8Array).sequence, LANE_BLOCK);
});

Deno.test("a reply that fits no message becomes the error that says so", async () => {
  const { people: [alice, bob], token, settle } = await makeVillage("reply", ["alice", "bob"]);
  bob!.pod.isAsleep = true;
  const asked = token();
  await alice!.pod.post(makePost(bob!.resident.ref, asked, "[1]"));
  await settle();
  const { boxes: { mailbox }, store } = bob!.house;
  const { ref } = bob!.resident;
  const outcome = { ok: "x".repeat(MAX_PAYLOAD_BYTES + 1) };
  const reply = { to: alice!.resident.ref, token: asked, outcome };
  const mail = await mailbox.plan(ref, [], [reply]);
  mail.settle(await store.commit(mail.change));
  await settle();
  const [told] = await alice!.pod.deeds();
  strictEqual(told?.from, formatPodRef(ref));
  strictEqual(told?.answer && "error" in told.answer && told.answer.error.kind, "too-large");
});
