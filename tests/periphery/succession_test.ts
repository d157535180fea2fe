/**
 * A key is lost or stolen, and the person goes on: between whole peripheries.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  encodeLineage,
  type Lineage,
  type Signed,
} from "../../runtime/identity/succession/lineage.ts";
import { formatBase64 } from "../../runtime/model/bytes.ts";
import { recoveryOf, successionOf } from "../helpers/lineage.ts";
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
