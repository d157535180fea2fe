/**
 * What malicious pods, servers and networks try with envelopes. Each test tells the hole first.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { encodeMessage, envelopeFrom, hintOf, passOn, receiptOf, tap } from "./forge.ts";
import { makePost } from "../sim/pod.ts";
import { HEY, makeResident } from "../sim/people.ts";
import { makeVillage } from "../sim/village.ts";
import { MAX_CARRIED_AGE_MS, MAX_LANE_EPOCHS } from "../../runtime/model/limits.ts";
import { epochFromBytes, parseFunctionName } from "../../runtime/model/words.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

Deno.test("an envelope passed on to somebody else is not taken for theirs", async () => {
  // Alice writes "yes" to Mallory. Mallory decrypts it, keeps Alice's signature, encrypts it again
  // to Bob, and Bob believes that Alice said yes to him.
  const village = await makeVillage("passed on", ["alice", "bob", "mallory"]);
  const [alice, bob, mallory] = village.people;
  const wire = tap(village.world.network, mallory!.house);
  await alice!.pod.post(makePost(mallory!.resident.ref, village.token(), '["yes"]'));
  await village.settle();
  const stolen = passOn(wire.envelopes[0]!, mallory!.resident, bob!.resident);
  strictEqual(hintOf(await bob!.house.boxes.receive([stolen])), "denied");
  deepStrictEqual(await bob!.pod.deeds(), []);
});

Deno.test("a replayed envelope is acknowledged and does nothing", async () => {
  // Somebody on the way records "pay ten" and plays it again and again.
  const village = await makeVillage("replay", ["alice", "bob"]);
  const [alice, bob] = village.people;
  const wire = tap(village.world.network, bob!.house);
  await alice!.pod.post(makePost(bob!.resident.ref, village.token(), '["pay ten"]'));
  await village.settle();
  for (let round = 0; round < 3; round++) {
    const [reply] = await bob!.house.boxes.receive(wire.envelopes);
    ok("mac" in reply!, "the sender may have lost the receipt, so it is given again");
  }
  await village.settle();
  strictEqual((await bob!.pod.deeds()).length, 1);
  // A day later the mark of the lane's epoch may be gone; the envelope is too old by then.
  await village.world.clock.advance(DAY_MS + HOUR_MS);
  strictEqual(hintOf(await bob!.house.boxes.receive(wire.envelopes)), "expired");
});

Deno.test("an envelope that is dated far ahead is not taken, or it could be played for longer", async () => {
  // What is dated next month would still be new enough when its lane's mark has been forgotten.
  const village = await makeVillage("dated ahead", ["alice", "bob"]);
  const [alice, bob] = village.people;
  const nowMs = village.world.clock.nowMs();
  for (const [aheadMs, isTaken] of [[DAY_MS + 1, false], [DAY_MS, true]] as const) {
    const head = { sentMs: nowMs + aheadMs };
    const envelope = await envelopeFrom(village, alice!.resident, bob!.resident, { head });
    const replies = await bob!.house.boxes.receive([envelope]);
    if (isTaken) strictEqual(receiptOf(replies).through, 1);
    else strictEqual(hintOf(replies), "expired");
  }
});

Deno.test("nobody can sign for another pod", async () => {
  // Mallory has a good key and a good behalf, and writes Alice's name into the bundle.
  const village = await makeVillage("forged sender", ["alice", "bob", "mallory"]);
  const [alice, bob, mallory] = village.people.map(({ resident }) => resident);
  await village.people[0]!.pod.post(makePost(bob!.ref, village.token(), '["first"]'));
  await village.settle();
  const lies = [
    { from: alice!.ref },
    { from: alice!.ref, introduction: mallory!.introduction },
    { from: alice!.ref, key: alice!.podKey },
    { from: alice!.ref, key: alice!.podKey, introduction: alice!.introduction },
    { from: alice!.ref, key: alice!.podKey, introduction: mallory!.introduction },
    { introduction: alice!.introduction },
  ];
  for (const lie of lies) {
    const envelope = await envelopeFrom(village, mallory!, bob!, { head: lie });
    const replies = await village.people[1]!.house.boxes.receive([envelope]);
    const taken = "mac" in replies[0]! && receiptOf(replies).through > 0;
    ok(!taken, `taken: ${Object.keys(lie)}`);
  }
  await village.settle();
  strictEqual((await village.people[1]!.pod.deeds()).length, 1);
});

Deno.test("an introduction is not kept when its pod has not signed what brings it", async () => {
  // Mallory picks up introductions of others, which are public, and fills Bob's book with them.
  const village = await makeVillage("borrowed introduction", ["alice", "bob", "mallory"]);
  const [alice, bob, mallory] = village.people;
  const { ref, podKey, introduction } = alice!.resident;
  const head = { from: ref, key: podKey, introduction };
  const envelope = await envelopeFrom(village, mallory!.resident, bob!.resident, { head });
  strictEqual(hintOf(await bob!.house.boxes.receive([envelope])), "denied");
  strictEqual(await bob!.house.directory.recall(ref), undefined);
  const late = { sentMs: village.world.clock.nowMs() - DAY_MS - 1 };
  const old = await envelopeFrom(village, alice!.resident, bob!.resident, { head: late });
  strictEqual(hintOf(await bob!.house.boxes.receive([old])), "expired");
  strictEqual(await bob!.house.directory.recall(ref), undefined);
});

Deno.test("who does not hold the recipient's key cannot say that something arrived", async () => {
  // A server in the middle drops every envelope and answers "accepted", or "refused for good".
  const village = await makeVillage("forged receipt", ["alice", "bob"]);
  const [alice, bob] = village.people;
  const wire = tap(village.world.network, bob!.house);
  const mac = new Uint8Array(32);
  const content = receiptOf.content({ through: 1 });
  const refusal = receiptOf.content({
    through: 0,
    refused: { kind: "denied", op: "take", subject: "no" },
  });
  const lies = [
    { content, mac },
    { content: refusal, mac },
    { hint: "denied" },
    { hint: "expired" },
    { hint: "not-found" },
  ] as const;
  const token = village.token();
  wire.answer = () => [lies[0]];
  await alice!.pod.post(makePost(bob!.resident.ref, token, '["important"]'));
  for (const lie of lies) {
    wire.answer = () => [lie];
    await village.world.clock.advance(20_000);
  }
  deepStrictEqual(await alice!.pod.deeds(), [], "nothing was given up");
  deepStrictEqual(await bob!.pod.deeds(), []);
  delete wire.answer;
  await village.world.clock.advance(HOUR_MS / 2);
  deepStrictEqual((await bob!.pod.deeds()).map((deed) => deed.token), [token]);
});

Deno.test("a recipient that says more than was sent takes nothing that was not", async () => {
  // Mallory acknowledges everything up to the end of time, to make Alice drop what is still to come.
  const village = await makeVillage("too much", ["alice", "mallory"]);
  const [alice, mallory] = village.people;
  const wire = tap(village.world.network, mallory!.house);
  const to = mallory!.resident;
  wire.answer = (envelopes) =>
    envelopes.map((envelope) => receiptOf.forged(to, envelope, { through: 2 ** 53 - 1 }));
  await alice!.pod.post(makePost(to.ref, village.token(), "[1]"));
  await village.settle();
  delete wire.answer;
  await alice!.pod.post(makePost(to.ref, village.token(), "[2]"));
  await village.settle();
  deepStrictEqual((await mallory!.pod.deeds()).map(({ payload }) => payload), ["[2]"]);
});

Deno.test("a recipient that is busy for a thousand years is asked again within the hour", async () => {
  // Mallory's server answers with a wait that no timer takes, or that never ends.
  const village = await makeVillage("long wait", ["alice", "mallory"]);
  const [alice, mallory] = village.people;
  const wire = tap(village.world.network, mallory!.house);
  wire.answer = (envelopes) =>
    envelopes.map(() => ({ hint: "busy", retryAfterMs: Number.MAX_SAFE_INTEGER }));
  await alice!.pod.post(makePost(mallory!.resident.ref, village.token(), "[1]"));
  await village.settle();
  delete wire.answer;
  await village.world.clock.advance(HOUR_MS / 2);
  strictEqual((await mallory!.pod.deeds()).length, 1);
});

Deno.test("a cut or changed envelope is damaged, and nothing is written", async () => {
  // A broken proxy cuts bodies, a curious one flips bits.
  const village = await makeVillage("cut", ["alice", "bob"]);
  const [alice, bob] = village.people.map(({ resident }) => resident);
  const { house } = village.people[1]!;
  const whole = await envelopeFrom(village, alice!, bob!, {});
  const before = house.disk.rows().length;
  for (let length = 0; length < whole.sealed.length; length += 13) {
    const cut = { to: whole.to, sealed: whole.sealed.slice(0, length) };
    strictEqual(hintOf(await house.boxes.receive([cut])), "damaged");
  }
  for (let at = 20; at < whole.sealed.length; at += 17) {
    const sealed = whole.sealed.slice();
    sealed[at]! ^= 1;
    strictEqual(hintOf(await house.boxes.receive([{ to: whole.to, sealed }])), "damaged");
  }
  strictEqual(house.disk.rows().length, before);
});

Deno.test("a pod whose behalf has expired is refused, and its posters are told in time", async () => {
  // Mallory's person has let the behalf run out; the pod key still works and the pod still writes.
  const village = await makeVillage("expired", ["alice", "bob"]);
  const [alice, bob] = village.people;
  const nowMs = village.world.clock.nowMs();
  const endpoint = alice!.house.server;
  const expiresMs = nowMs - HOUR_MS;
  const wishes = { pod: HEY, endpoint, nowMs: nowMs - DAY_MS, expiresMs };
  const stale = await makeResident(village.world.pgp, alice!.person, wishes);
  const envelope = await envelopeFrom(village, stale, bob!.resident, {});
  const receipt = receiptOf(await bob!.house.boxes.receive([envelope]));
  strictEqual(receipt.through, 0);
  strictEqual(receipt.refused?.kind, "expired");
  alice!.house.expel(alice!.resident.ref);
  alice!.house.admit(stale);
  const pod = alice!.house.pod(stale.ref);
  await pod.post(makePost(bob!.resident.ref, village.token(), "[1]"));
  await village.settle();
  // It may be renewed before the deadline.
  deepStrictEqual(await pod.deeds(), []);
  await village.world.clock.advance(8 * DAY_MS);
  const [told] = await pod.deeds();
  strictEqual(told?.answer && "error" in told.answer && told.answer.error.kind, "expired");
});

Deno.test("a thousand epochs neither fill the disk nor make old envelopes new", async () => {
  // Mallory starts a lane anew a thousand times, so that Bob forgets the epoch of an earlier
  // envelope, which Mallory then plays again.
  const village = await makeVillage("epochs", ["mallory", "bob"]);
  const [mallory, bob] = village.people.map(({ resident }) => resident);
  const { house, pod } = village.people[1]!;
  const first = await envelopeFrom(village, mallory!, bob!, {});
  strictEqual(receiptOf(await house.boxes.receive([first])).through, 1);
  let taken = 1;
  for (let round = 0; round < 1000; round++) {
    const head = { epoch: epochFromBytes(village.entropy.bytes(16)) };
    const replies = await house.boxes.receive([
      await envelopeFrom(village, mallory!, bob!, { head }),
    ]);
    if (receiptOf(replies).through > 0) taken++;
  }
  strictEqual(taken, MAX_LANE_EPOCHS);
  strictEqual(receiptOf(await house.boxes.receive([first])).through, 1);
  await village.settle();
  strictEqual((await pod.deeds()).length, MAX_LANE_EPOCHS);
  strictEqual(house.disk.rows().filter(({ key }) => key[3] === "from").length, 1);
  // When nothing that old is taken any more, there is room again.
  await village.world.clock.advance(MAX_CARRIED_AGE_MS + HOUR_MS);
  const later = await envelopeFrom(village, mallory!, bob!, {
    head: { epoch: epochFromBytes(village.entropy.bytes(16)) },
  });
  strictEqual(receiptOf(await house.boxes.receive([later])).through, 1);
});

Deno.test("a thousand garbage envelopes at once do not keep a good one out", async () => {
  // A flood of envelopes to a real pod key, each of which has to be decrypted to be found wanting.
  const village = await makeVillage("garbage", ["alice", "bob"]);
  const [alice, bob] = village.people;
  const { podKey: to } = bob!.resident;
  const garbage = Array.from({ length: 1000 }, () => ({ to, sealed: village.entropy.bytes(300) }));
  const flood = bob!.house.boxes.receive(garbage);
  await alice!.pod.post(makePost(bob!.resident.ref, village.token(), "[1]"));
  const kinds = new Set((await flood).map((reply) => "hint" in reply ? reply.hint : "taken"));
  deepStrictEqual([...kinds].sort(), ["busy", "damaged"]);
  await village.world.clock.advance(10_000);
  strictEqual((await bob!.pod.deeds()).length, 1);
});

Deno.test("an envelope to a key that is not here is not found, whatever is in it", async () => {
  // A scan for keys: what is known here must not show in how long or how differently it is refused.
  const village = await makeVillage("scan", ["alice", "bob"]);
  const [alice, bob] = village.people.map(({ resident }) => resident);
  const envelope = await envelopeFrom(village, bob!, alice!, {});
  strictEqual(hintOf(await village.people[1]!.house.boxes.receive([envelope])), "not-found");
});

Deno.test("a stolen token is of no use to another pod", async () => {
  // Mallory has learned the token of Alice's call to Bob and answers in Bob's place.
  const village = await makeVillage("token", ["alice", "bob", "mallory"]);
  const [alice, bob, mallory] = village.people;
  bob!.pod.isAsleep = true;
  const token = village.token();
  await alice!.pod.post(makePost(bob!.resident.ref, token, '["secret?"]'));
  await village.settle();
  const body = {
    kind: "answer",
    token,
    index: 0,
    end: true,
    outcome: { ok: '"forged"' },
  } as const;
  const envelope = await envelopeFrom(village, mallory!.resident, alice!.resident, {
    messages: [encodeMessage({ body, nowMs: village.world.clock.nowMs() })],
  });
  strictEqual(receiptOf(await alice!.house.boxes.receive([envelope])).through, 1);
  await village.settle();
  deepStrictEqual(await alice!.pod.deeds(), []);
  bob!.pod.isAsleep = false;
  bob!.pod.wake();
  await village.settle();
  deepStrictEqual((await alice!.pod.deeds()).map((deed) => deed.answer), [
    { ok: '"did ["secret?"]"' },
  ]);
});

Deno.test("a flood from one pod is held at its bound and does not touch what others send", async () => {
  // Mallory fills the inbox of a sleeping pod, so that nobody else can write to it.
  const village = await makeVillage("flood", ["alice", "bob", "mallory"]);
  const [alice, bob, mallory] = village.people;
  bob!.pod.isAsleep = true;
  for (let round = 0; round < 15; round++) {
    const posts = Array.from(
      { length: 100 },
      () => makePost(bob!.resident.ref, village.token(), "[1]"),
    );
    await mallory!.pod.post(...posts);
  }
  await village.settle();
  const inbox = () => bob!.house.disk.rows().filter(({ key }) => key[3] === "inbox").length;
  strictEqual(inbox(), 1000);
  await alice!.pod.post(makePost(bob!.resident.ref, village.token(), "[2]"));
  await village.settle();
  strictEqual(inbox(), 1001);
  bob!.pod.isAsleep = false;
  bob!.pod.wake();
  await village.world.clock.advance(HOUR_MS / 2);
  strictEqual((await bob!.pod.deeds()).length, 1501, "what was held back came when there was room");
});

Deno.test("who sends wrong calls and takes no answers is not owed ever more of them", async () => {
  // Each refused call makes a durable answer; Mallory never takes one, and Bob's disk fills.
  const village = await makeVillage("owed", ["bob", "mallory"]);
  const [bob, mallory] = village.people;
  village.world.network.drop(mallory!.house.server);
  const epoch = epochFromBytes(village.entropy.bytes(16));
  for (let round = 0; round < 20; round++) {
    const messages = Array.from({ length: 200 }, (_, at) =>
      encodeMessage({
        sequence: round * 200 + at + 1,
        function: parseFunctionName("missing"),
        token: village.token(),
        nowMs: village.world.clock.nowMs(),
      }));
    const envelope = await envelopeFrom(village, mallory!.resident, bob!.resident, {
      head: { epoch },
      messages,
    });
    strictEqual(receiptOf(await bob!.house.boxes.receive([envelope])).through, (round + 1) * 200);
  }
  const owed = bob!.house.disk.rows().filter(({ key }) => key[3] === "outbox").length;
  strictEqual(owed, 1000);
});
