import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { makePost } from "../../tests/sim/pod.ts";
import { makeVillage, type Village, type Villager } from "../../tests/sim/village.ts";
import { concatBytes, encodeUtf8 } from "../model/bytes.ts";
import {
  type CarriedReply,
  decodeCarried,
  encodeCarried,
  envelopeId,
  ENVELOPES_LINE,
} from "../model/carried.ts";
import type { Envelope } from "../model/envelope.ts";
import type { OutboxEntry } from "./mod.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Two who have no network between them. */
async function apart(names: readonly string[] = ["alice", "bob"]) {
  const village = await makeVillage("carry", names);
  const people = village.people as Villager[];
  for (const { house } of people) village.world.network.drop(house.server);
  return { village, people, alice: people[0]!, bob: people[1]! };
}

/** What leaves as a file, read again as its bytes. */
async function exported({ house, resident }: Villager): Promise<Envelope[]> {
  const departures = await Array.fromAsync(house.boxes.carrier.depart(resident.ref, () => true));
  const frames = departures.map((one) => "envelope" in one ? encodeCarried(one.envelope) : []);
  return decodeCarried(
    concatBytes([encodeUtf8(ENVELOPES_LINE), ...frames.map((frame) => Uint8Array.from(frame))]),
  );
}

async function imported(
  { house }: Villager,
  envelopes: readonly Envelope[],
): Promise<CarriedReply[]> {
  const replies = await house.boxes.import(envelopes);
  return envelopes.map((envelope, at) => ({
    envelope: envelopeId(envelope),
    reply: replies[at]!,
  }));
}

async function settled({ house, resident }: Villager, replies: readonly CarriedReply[]) {
  const outcomes: string[] = [];
  for (const reply of replies) {
    const { outcome, messages } = await house.boxes.carrier.settle([resident.ref], reply);
    outcomes.push(`${outcome} ${messages}`);
  }
  return outcomes;
}

async function outboxOf({ house, resident }: Villager): Promise<OutboxEntry[]> {
  return await Array.fromAsync(house.boxes.counter.outbox(resident.ref));
}

async function post({ pod }: Villager, to: Villager, village: Village, text: string) {
  const token = village.token();
  const wishes = { deadlineMs: 30 * DAY_MS, continuation: { then: "answered", note: "[]" } };
  await pod.post(makePost(to.resident.ref, token, JSON.stringify([text]), wishes));
  await village.settle();
  return token;
}

Deno.test("a message and its answer go by files alone", async () => {
  const { village, alice, bob } = await apart();
  const token = await post(alice, bob, village, "hello");
  const replies = await imported(bob, await exported(alice));
  await village.settle();
  deepStrictEqual((await bob.pod.deeds()).map(({ payload }) => payload), ['["hello"]']);
  strictEqual((await outboxOf(alice)).length, 1, "it stays until the receipt comes");
  deepStrictEqual(await settled(alice, replies), ["taken 1"]);
  deepStrictEqual(await outboxOf(alice), []);

  const answers = await imported(alice, await exported(bob));
  await village.settle();
  deepStrictEqual((await alice.pod.deeds()).map((deed) => [deed.token, deed.answer]), [
    [token, { ok: '"did ["hello"]"' }],
  ]);
  deepStrictEqual(await settled(bob, answers), ["taken 1"]);
  deepStrictEqual(await outboxOf(bob), []);
  const [story] = await alice.house.boxes.history.find(alice.resident.ref, token);
  deepStrictEqual(story!.hops.map(({ hop, detail }) => hop === "sent" ? detail : hop), [
    "posted",
    "a file",
    "taken",
    "answered",
  ]);
  const kept = alice.house.disk.rows().filter(({ key }) => key[3] === "carried");
  deepStrictEqual(kept, []);
});

Deno.test("the same file twice, and over the network too, takes effect once", async () => {
  const { village, alice, bob } = await apart();
  await post(alice, bob, village, "hello");
  const file = await exported(alice);
  await imported(bob, file);
  const replies = await imported(bob, file);
  await bob.house.start();
  await village.world.clock.advance(30 * MINUTE_MS);
  strictEqual((await bob.pod.deeds()).length, 1);
  deepStrictEqual(await outboxOf(alice), [], "delivered by the network");
  deepStrictEqual(await settled(alice, replies), ["taken 0"]);
  deepStrictEqual(await settled(alice, replies), ["unknown 0"]);
});

Deno.test("files keep the order of a lane and leave nothing out", async () => {
  const { village, alice, bob } = await apart();
  const payload = "x".repeat(40_000);
  for (let at = 0; at < 30; at++) await post(alice, bob, village, `${at} ${payload}`);
  let files = 0;
  while ((await outboxOf(alice)).length > 0) {
    await settled(alice, await imported(bob, await exported(alice)));
    ok(++files < 10);
  }
  ok(files > 1, "more than fits one envelope");
  await village.settle();
  const order = (await bob.pod.deeds()).map(({ payload }) => parseInt(payload.slice(2)));
  deepStrictEqual(order, Array.from({ length: 30 }, (_, at) => at));
});

Deno.test("what was lost on the way or came late is only late", async () => {
  // A later envelope that arrived alone would move the mark of the lane over the earlier messages.
  const { village, alice, bob } = await apart();
  const payload = "x".repeat(40_000);
  for (let at = 0; at < 30; at++) await post(alice, bob, village, `${at} ${payload}`);
  const early = await exported(alice);
  const late = await exported(alice);
  await imported(bob, late.reverse());
  await imported(bob, early);
  while ((await outboxOf(alice)).length > 0) {
    await settled(alice, await imported(bob, await exported(alice)));
  }
  await village.settle();
  strictEqual((await bob.pod.deeds()).length, 30);
});

Deno.test("what may still be committed is not overtaken by what is in a file", async () => {
  const { village, alice, bob } = await apart();
  const { mailbox } = alice.house.boxes;
  const slow = await mailbox.plan(alice.resident.ref, [
    makePost(bob.resident.ref, village.token(), '["first"]'),
  ], []);
  await post(alice, bob, village, "second");
  await imported(bob, await exported(alice));
  await alice.house.store.commit(slow.change);
  slow.settle(true);
  await imported(bob, await exported(alice));
  await village.settle();
  const payloads = (await bob.pod.deeds()).map(({ payload }) => payload);
  deepStrictEqual(payloads, ['["first"]', '["second"]']);
});

Deno.test("a receipt that was forged or is for another envelope ends nothing", async () => {
  const { village, alice, bob } = await apart();
  await post(alice, bob, village, "one");
  const [one] = await imported(bob, await exported(alice));
  const [two] = await imported(bob, await exported(alice));
  const receipt = one!.reply as { content: Uint8Array<ArrayBuffer>; mac: Uint8Array<ArrayBuffer> };
  const forged = { ...receipt, mac: receipt.mac.map((byte) => byte ^ 1) };
  deepStrictEqual(
    await settled(alice, [
      { envelope: one!.envelope, reply: forged },
      { envelope: two!.envelope, reply: receipt },
      { envelope: one!.envelope, reply: { hint: "denied" } },
      { envelope: "00".repeat(32), reply: receipt },
    ]),
    ["waits 0", "waits 0", "waits 0", "unknown 0"],
  );
  strictEqual((await outboxOf(alice)).length, 1);
});

Deno.test("a file may be on its way for a month, an envelope of the network for a day", async () => {
  const { village, alice, bob } = await apart();
  await post(alice, bob, village, "hello");
  const file = await exported(alice);
  await village.world.clock.advance(3 * DAY_MS);
  const [reply] = await bob.house.boxes.receive(file);
  deepStrictEqual(reply, { hint: "expired" });
  await imported(bob, file);
  await village.settle();
  strictEqual((await bob.pod.deeds()).length, 1);
});

Deno.test("a file for somebody else is not read, and says so", async () => {
  const { village, alice, bob } = await apart(["alice", "bob", "eve"]);
  const eve = village.people[2]!;
  await post(alice, bob, village, "hello");
  const [reply] = await imported(eve, await exported(alice));
  deepStrictEqual(reply!.reply, { hint: "not-found" });
  deepStrictEqual(await settled(alice, [reply!]), ["waits 0"]);
});

Deno.test("one recipient that nobody can find does not keep the others from leaving", async () => {
  const { village, alice, bob } = await apart(["alice", "bob", "eve"]);
  const eve = village.people[2]!;
  const { person, pod } = eve.resident.ref;
  village.world.told.delete(`${person}/${pod}`);
  await post(alice, eve, village, "lost");
  await post(alice, bob, village, "hello");
  const { carrier } = alice.house.boxes;
  const departures = await Array.fromAsync(carrier.depart(alice.resident.ref, () => true));
  const kinds = departures.map((one) => "error" in one ? one.error.kind : one.messages);
  deepStrictEqual(kinds.map(String).sort(), ["1", "not-found"]);
});
