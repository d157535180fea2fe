/**
 * A key is lost or stolen, and the person goes on: between whole peripheries.
 *
 * @module
 */

import assert from "node:assert/strict";
import { joinPetitions } from "../../runtime/identity/succession/make.ts";
import {
  decodeLineage,
  encodeLineage,
  type Lineage,
  type Signed,
} from "../../runtime/identity/succession/lineage.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { formatBase64, parseBase64 } from "../../runtime/model/bytes.ts";
import { recoveryOf, successionOf } from "../helpers/lineage.ts";
import { raise, untilDeath } from "./mortal.ts";
import type { Crash } from "../../runtime/testing/house.ts";
import type { TestPerson } from "../helpers/village.ts";
import { type Home, House, ownerOf, Town } from "./town.ts";

/** Alice with a server, two friends with one each, and a recovery that they know. */
async function setUp(town: Town) {
  const [alice, bob, carol] = [
    await town.settle("alice"),
    await town.settle("bob"),
    await town.settle("carol"),
  ];
  await town.befriend(alice, bob);
  await town.befriend(alice, carol);
  const paper = await town.person("paper");
  const friends = { need: 2, of: [ownerOf(bob), ownerOf(carol)].sort() };
  const recoveries = await recoveryOf(town.pgp, alice.owner, { key: paper.fingerprint, friends }, {
    issuedMs: town.clock.nowMs(),
  });
  await alice.visit("key.tell", { lineage: base64({ recoveries, successions: [] }) });
  const bobKnows = async () => (await lineage(bob, ownerOf(alice))).recovery !== undefined;
  await town.until(bobKnows, "Bob knows of the recovery");
  const next = await town.person("alice");
  return { alice, bob, carol, paper, recoveries, next };
}

function base64(lineage: Lineage): string {
  return formatBase64(encodeLineage(lineage));
}

async function lineage(house: House, person: string) {
  return (await house.visit("key.lineage", { person })).items[0]!;
}

async function byFriends(
  town: Town,
  { alice, bob, carol, recoveries }: { alice: Home; bob: Home; carol: Home; recoveries: Signed[] },
  next: TestPerson,
): Promise<Lineage> {
  const signers = [bob.owner, carol.owner, next];
  const issuedMs = town.clock.nowMs();
  return await successionOf(town.pgp, "friends", [alice.owner, next], {
    ...{ recoveries, signers, issuedMs, reason: "lost" },
  });
}

async function succeed(house: House, lineage: Lineage, next: TestPerson) {
  const wish = { lineage: base64(lineage), certificate: formatBase64(next.certificate) };
  return (await house.visit("key.succeed", wish, { as: next })).items[0];
}

async function hey(house: House, as: TestPerson, ...argv: string[]): Promise<string[]> {
  return (await house.visit("pod.run", { pod: "hey", argv }, { as })).lines;
}

async function starts(house: House, as: TestPerson): Promise<unknown[]> {
  const lines = await hey(house, as, "list", "--all", "--json");
  return lines.map((line) => JSON.parse(line).start).sort();
}

Deno.test("friends are asked by letter, answer by letter, and Alice goes on with what they have signed", async () => {
  await using town = new Town();
  const { alice, bob, carol, recoveries, next } = await setUp(town);
  const issuedMs = town.clock.nowMs();
  const said = (signers: TestPerson[]) =>
    successionOf(town.pgp, "friends", [alice.owner, next], {
      ...{ recoveries, signers, issuedMs, reason: "lost" },
    });
  const [asked] = (await alice.visit("key.ask", { lineage: base64(await said([next])) })).items;
  assert.deepEqual(asked!.friends, [ownerOf(bob), ownerOf(carol)].sort());
  for (const friend of [bob, carol]) {
    const petitions = async () => (await friend.visit("key.petitions")).items;
    await town.until(async () => (await petitions()).length === 1, "the letter comes");
    const [{ from, to, askedBy, name, lineage }] = await petitions() as [Record<string, string>];
    assert.deepEqual([from, to, askedBy, name], [
      ...[ownerOf(alice), next.fingerprint, ownerOf(alice), "alice"],
    ]);
    assert.equal(lineage, base64(await said([next])));
    const signed = base64(await said([next, friend.owner]));
    await friend.visit("key.answer", { from: from!, to: to!, lineage: signed });
  }
  const keys = { from: ownerOf(alice), to: next.fingerprint };
  const answers = async () => (await alice.visit("key.answers", keys)).items;
  const hasAll = async () => (await answers()).every(({ fate }) => fate === "answered");
  await town.until(hasAll, "both answers come");
  const copies = (await answers()).map((each) => decodeLineage(parseBase64(String(each.lineage))));
  assert.equal((await succeed(alice, joinPetitions(copies), next))!.by, "friends");
});

Deno.test("two friends vouch for Alice's new key, and all that was hers is", async () => {
  await using town = new Town();
  const made = await setUp(town);
  const { alice, bob, carol, next } = made;
  await bob.hey("leave-message", "alice", "before");
  await town.until(async () => (await alice.letters()).length === 1, "the first letter is there");
  const said = await succeed(alice, await byFriends(town, made, next), next);
  assert.deepEqual([said!.pods, said!.by, said!.reason], [2, "friends", "lost"]);
  // While Alice's server begins anew, Bob writes to the only Alice he knows.
  await alice.stop();
  await bob.hey("leave-message", "alice", "meanwhile");
  await alice.open();
  assert.deepEqual(await starts(alice, next).then((all) => all.includes("before")), true);
  await town.until(
    async () => (await starts(alice, next)).includes("meanwhile"),
    "what was written to the old address is there",
  );
  await town.until(
    async () => /alice-before/.test((await bob.hey("names")).join("\n")),
    "Bob's name for Alice goes along",
  );
  const who = (await bob.visit("who", { text: "alice" })).items[0]!;
  assert.deepEqual([who.person, who.formers], [next.fingerprint, [ownerOf(alice)]]);
  const old = (await bob.visit("who", { text: ownerOf(alice) })).items[0]!;
  assert.equal((old.successor as { to: string }).to, next.fingerprint);
  const friends = (await bob.visit("friend.list")).items.map(({ owner }) => owner);
  assert.deepEqual(friends, [next.fingerprint]);
  await bob.hey("leave-message", "alice", "after");
  await bob.hey("leave-message", ownerOf(alice), "to the old address");
  await hey(alice, next, "leave-message", "bob", "it is me");
  const all = ["after", "before", "meanwhile", "to the old address"];
  await town.until(async () => (await starts(alice, next)).length === 4, "all have come");
  assert.deepEqual(await starts(alice, next), all);
  await town.until(async () => (await bob.letters()).length === 1, "Alice's letter is there");
  assert.match((await bob.hey("list"))[0]!, / alice .*it is me$/);
  await town.until(
    async () => (await bob.letters("sent")).every(({ fate }) => fate === "delivered"),
    "Bob is told of each",
  );
  await town.until(
    async () => (await carol.visit("friend.list")).items[0]!.owner === next.fingerprint,
    "Carol has heard of it, too",
  );
  assert.deepEqual(town.errors, []);
});

async function byKey(town: Town, from: TestPerson, to: TestPerson): Promise<Lineage> {
  const issuedMs = town.clock.nowMs();
  return await successionOf(town.pgp, "key", [from, to], { signers: [from, to], issuedMs });
}

async function nameOf(house: House, person: TestPerson): Promise<unknown> {
  const { items } = await house.visit("who", { text: person.fingerprint });
  return (items[0]!.names as string[])[0];
}

// Mallory has Alice's key and her computer, and is first: pods, friends and names are Mallory's. Then
// Alice finds the drawer.
Deno.test("what a thief has taken with the key, the recovery key takes back", async () => {
  await using town = new Town();
  const { alice, bob, paper, recoveries, next } = await setUp(town);
  const thief = await town.person("thief");
  await succeed(alice, await byKey(town, alice.owner, thief), thief);
  await alice.restart();
  await town.until(async () => await nameOf(bob, thief) === "alice", "Bob takes the thief for her");
  await bob.hey("leave-message", "alice", "for Alice");
  await town.until(async () => (await starts(alice, thief)).length === 1, "the thief reads it");
  const issuedMs = town.clock.nowMs();
  const right = await successionOf(town.pgp, "recovery", [alice.owner, next], {
    ...{ recoveries, issuedMs },
    signers: [paper, next],
  });
  const said = await succeed(alice, right, next);
  assert.equal(said!.pods, 2);
  await alice.restart();
  await town.until(async () => await nameOf(bob, next) === "alice", "Bob calls her by her name");
  assert.equal(await nameOf(bob, thief), undefined);
  const friends = (await bob.visit("friend.list")).items.map(({ owner }) => owner);
  assert.deepEqual(friends, [next.fingerprint]);
  assert.deepEqual(await starts(alice, next), ["for Alice"]);
  await bob.hey("leave-message", "alice", "and again");
  await town.until(async () => (await starts(alice, next)).length === 2, "it goes on");
  const refused = await alice.refusal("key.succeed", {
    lineage: base64(await byKey(town, alice.owner, thief)),
    certificate: formatBase64(thief.certificate),
  }, { as: thief });
  assert.equal(refused.kind, "denied");
});

// Alice's server has sent Bob a letter and never heard that he has it; then she has another key.
Deno.test("what was on its way when the key changed arrives once, in both directions", async () => {
  await using town = new Town();
  const { alice, bob, next } = await setUp(town);
  alice.link = async (request, deliver) => {
    await deliver(request);
    throw new PeriError("unreachable", { op: "reach server", subject: "connection reset" });
  };
  await alice.hey("leave-message", "bob", "heard by Bob alone");
  await town.until(async () => (await bob.letters()).length === 1, "Bob has it");
  await bob.hey("leave-message", "alice", "to the old address");
  await succeed(alice, await byKey(town, alice.owner, next), next);
  await alice.stop();
  alice.link = (request, deliver) => deliver(request);
  await bob.hey("leave-message", "alice", "while she is away");
  await alice.open();
  await town.until(async () => (await starts(alice, next)).length === 2, "Bob's letters are there");
  const sent = async () => {
    const [line] = await hey(alice, next, "list", "--all", "--sent", "--json");
    return JSON.parse(line!).fate;
  };
  await town.until(async () => await sent() === "delivered", "she is told that he has it", 60_000);
  assert.deepEqual((await bob.letters()).map(({ start }) => start), ["heard by Bob alone"]);
  await town.until(
    async () => (await bob.letters("sent")).every(({ fate }) => fate === "delivered"),
    "Bob is told of his",
    60_000,
  );
});

Deno.test("somebody who is no friend reaches the old address, and follows", async () => {
  await using town = new Town();
  const { alice, next } = await setUp(town);
  const dave = await town.settle("dave");
  await dave.visit("friend.add", { url: alice.url, name: "alice" });
  await alice.hey("name", "dave", ownerOf(dave));
  await dave.hey("leave-message", "alice", "I am Dave");
  await town.until(async () => (await alice.letters()).length === 1, "Alice knows Dave");
  await dave.visit("friend.remove", { friend: ownerOf(alice) });
  await succeed(alice, await byKey(town, alice.owner, next), next);
  await alice.restart();
  await dave.hey("leave-message", "alice", "still me");
  await town.until(async () => (await starts(alice, next)).length === 2, "it is there");
  await hey(alice, next, "answer", "2", "I have a new key");
  await town.until(async () => await nameOf(dave, next) === "alice", "Dave's name follows");
});

for (const isHeard of [true, false]) {
  const how = isHeard ? "before" : "after";
  Deno.test(`a server that dies ${how} any commit of a succession has its pods under one key`, async () => {
    for (let commits = 1; await dieAsking({ commits, isHeard }); commits++);
    for (let commits = 1; await dieBeginning({ commits, isHeard }); commits++);
  });
}

/** Alice, who is to succeed herself, with a letter that is to stay. */
async function aboutToSucceed(town: Town) {
  const alice = await town.settle("alice");
  await alice.hey("leave-message", ownerOf(alice), "kept");
  await town.until(async () => (await alice.letters()).length === 1, "there is a letter");
  const next = await town.person("next");
  return { alice, next, lineage: await byKey(town, alice.owner, next) };
}

/** The server dies while it is asked; whether it did. Asked again, it does it. */
async function dieAsking(crash: Crash): Promise<boolean> {
  await using town = new Town();
  const { alice, next, lineage } = await aboutToSucceed(town);
  alice.crashAfter(crash);
  await untilDeath(alice, succeed(alice, lineage, next));
  const { deaths } = alice;
  alice.crashAfter();
  if (alice.isRunning) alice.kill();
  await raise(alice);
  if (!isDone(alice, next)) {
    assert.deepEqual(await starts(alice, alice.owner), ["kept"], JSON.stringify(crash));
    await succeed(alice, lineage, next);
    await alice.restart();
  }
  await assertDone(alice, next, crash);
  return deaths > 0;
}

/** The server dies while it begins anew; whether it did. */
async function dieBeginning(crash: Crash): Promise<boolean> {
  await using town = new Town();
  const { alice, next, lineage } = await aboutToSucceed(town);
  await succeed(alice, lineage, next);
  alice.kill();
  alice.crashAfter(crash);
  await raise(alice);
  const { deaths } = alice;
  alice.crashAfter();
  await assertDone(alice, next, crash);
  return deaths > 1;
}

function isDone(alice: Home, next: TestPerson): boolean {
  return alice.periphery.desk.owner() === next.fingerprint;
}

async function assertDone(alice: Home, next: TestPerson, crash: Crash): Promise<void> {
  const label = JSON.stringify(crash);
  assert.equal(isDone(alice, next), true, label);
  assert.deepEqual(await starts(alice, next), ["kept"], label);
  const pods = (await alice.visit("pod.list", {}, { as: next })).items.map(({ name }) => name);
  assert.deepEqual(pods, ["hey"], label);
}

Deno.test("a pod that was revoked stays so under the new key, also one whose key is lost", async () => {
  for (const reason of ["retired", "compromised"]) {
    await using town = new Town();
    const village = await setUp(town);
    const { alice, next } = village;
    await alice.visit("behalf.revoke", { pods: ["hey"], reason });
    const done = await succeed(alice, await byFriends(town, village, next), next);
    assert.equal(done!.pods, 2);
    await alice.restart();
    const { items } = await alice.visit("behalf.list", {}, { as: next });
    const states = items.map(({ pod, state }) => [pod, state]);
    assert.deepEqual(states, [["hey", "revoked"], ["periphery", "in force"]]);
  }
});
