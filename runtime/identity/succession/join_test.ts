/** Who wins: every row of the table of PROTOCOL.md, "Succession", and all orders of arrival. */

import assert from "node:assert/strict";
import { recoveryOf, successionOf as named } from "../../../tests/helpers/lineage.ts";
import { makePerson, type TestPerson } from "../../../tests/helpers/village.ts";
import { MemoryClock } from "../../adapters/memory/clock.ts";
import { MemoryPgp } from "../../adapters/memory/pgp.ts";
import { SeededEntropy } from "../../adapters/memory/entropy.ts";
import { checkLineage, type HeldLineage } from "./check.ts";
import { encodeHeld, openHeld } from "./held.ts";
import { areAtOdds, isSameLineage, joinLineages, successionOf } from "./join.ts";
import type { Lineage } from "./lineage.ts";

const PEOPLE = ["alice", "next", "other", "thief", "paper", "paper2", "bob", "carol", "dave"];

async function setUp() {
  const clock = new MemoryClock();
  const pgp = new MemoryPgp(clock, new SeededEntropy(7));
  const made: [string, TestPerson][] = [];
  for (const name of PEOPLE) made.push([name, await makePerson(pgp, name)]);
  const who = Object.fromEntries(made);
  const { alice, next, other, thief, paper, paper2, bob, carol, dave } = who as Record<
    string,
    TestPerson
  > as Readonly<
    Record<
      "alice" | "next" | "other" | "thief" | "paper" | "paper2" | "bob" | "carol" | "dave",
      TestPerson
    >
  >;
  const held = (lineage: Lineage) => checkLineage(pgp, lineage, clock.nowMs());
  const only = async (recoveries: Lineage["recoveries"]) =>
    await held({ recoveries, successions: [] });
  const friends = { need: 2, of: [bob, carol, dave].map(({ fingerprint }) => fingerprint).sort() };
  const first = await recoveryOf(pgp, alice, { key: paper.fingerprint, friends });
  const second = await recoveryOf(pgp, alice, { key: paper2.fingerprint, friends }, {
    after: first,
    signers: [alice, paper],
  });
  const forged = await recoveryOf(pgp, alice, { key: thief.fingerprint });
  const byKey = async (to: TestPerson, serial = 1) =>
    await held(await named(pgp, "key", [alice, to], { signers: [alice, to], serial }));
  const byPaper = async (to: TestPerson, serial = 1) =>
    await held(
      await named(pgp, "recovery", [alice, to], {
        recoveries: first,
        signers: [paper, to],
        serial,
      }),
    );
  const byFriends = async (to: TestPerson, serial = 1) =>
    await held(
      await named(pgp, "friends", [alice, to], {
        recoveries: first,
        signers: [bob, dave, to],
        serial,
      }),
    );
  const byPaper2 = async (to: TestPerson) =>
    await held(
      await named(pgp, "recovery", [alice, to], { recoveries: second, signers: [paper2, to] }),
    );
  return {
    ...{ next, other, thief },
    first,
    second,
    forged,
    only,
    byKey,
    byPaper,
    byPaper2,
    byFriends,
  };
}

function inOrder(lineages: readonly HeldLineage[]): HeldLineage {
  return lineages.reduce(joinLineages);
}

function* orders<Item>(items: readonly Item[]): Generator<Item[]> {
  if (items.length === 0) return yield [];
  for (const [index, item] of items.entries()) {
    for (const rest of orders(items.toSpliced(index, 1))) yield [item, ...rest];
  }
}

Deno.test("a longer line of recovery statements wins, and an older statement that comes again is void", async () => {
  const { only, first, second } = await setUp();
  const [older, newer] = [await only(first), await only(second)];
  assert.equal(joinLineages(older, newer).recoveries.length, 2);
  assert.equal(joinLineages(newer, older).recoveries.length, 2);
});

// Mallory has the key, and says that her own paper is Alice's recovery.
Deno.test("a recovery that the stolen key names beside the known one is not taken, in any order behind it", async () => {
  const { only, first, forged, byPaper, next } = await setUp();
  const known = await only(first);
  const lie = await only(forged);
  assert.equal(areAtOdds(known, lie), true);
  assert.ok(isSameLineage(joinLineages(known, lie), known));
  const after = inOrder([known, lie, await byPaper(next)]);
  assert.equal(successionOf(after)?.to, next.fingerprint);
});

Deno.test("a thief who is first with the stolen key is overridden by friends, and these by the recovery key", async () => {
  const { byKey, byFriends, byPaper, thief, other, next } = await setUp();
  const all = [await byKey(thief), await byFriends(other), await byPaper(next)];
  const winners = all.map((_, index) => successionOf(inOrder(all.slice(0, index + 1)))?.to);
  assert.deepEqual(winners, [thief, other, next].map(({ fingerprint }) => fingerprint));
});

Deno.test("a thief who comes after changes nothing, whatever serial the stolen key says", async () => {
  const { byKey, byPaper, next, thief } = await setUp();
  for (const own of [await byKey(next), await byPaper(next)]) {
    const after = joinLineages(own, await byKey(thief, 9));
    assert.equal(successionOf(after)?.to, next.fingerprint);
  }
});

Deno.test("of two by the same recovery the higher serial counts, in either order, and a tie is decided alike", async () => {
  const { byPaper, byFriends, next, other } = await setUp();
  for (const by of [byPaper, byFriends]) {
    const [low, high, tie] = [await by(next, 1), await by(other, 2), await by(next, 2)];
    assert.equal(successionOf(joinLineages(low, high))?.to, other.fingerprint);
    assert.equal(successionOf(joinLineages(high, low))?.to, other.fingerprint);
    assert.ok(isSameLineage(joinLineages(tie, high), joinLineages(high, tie)));
  }
});

Deno.test("a succession by a recovery that was replaced with its consent is void, in either order", async () => {
  const { byPaper, byPaper2, byKey, only, second, next, other } = await setUp();
  const old = await byPaper(other);
  for (const order of [[old, await only(second)], [await only(second), old]]) {
    assert.equal(successionOf(inOrder(order)), undefined);
  }
  const all = [old, await byPaper2(next), await byKey(other)];
  for (const order of orders(all)) {
    assert.equal(successionOf(inOrder(order))?.to, next.fingerprint);
  }
});

Deno.test("whoever knew the recovery before the theft sees the same winner, in every order of what follows", async () => {
  const made = await setUp();
  const { only, first, second, forged, byKey, byFriends, byPaper, byPaper2, next, other, thief } =
    made;
  const known = await only(first);
  const later = [
    await only(forged),
    await byKey(thief),
    await byFriends(other),
    await byPaper(next, 1),
    await byPaper(other, 2),
    await byPaper2(next),
    await only(second),
  ];
  let count = 0;
  for (const some of [later, later.slice(0, 5), later.slice(0, 3), later.slice(1, 6)]) {
    const said = new Set<string | undefined>();
    for (const order of orders(some)) {
      said.add(successionOf(inOrder([known, ...order]))?.to);
      count++;
    }
    assert.equal(said.size, 1);
    assert.ok(!said.has(thief.fingerprint));
  }
  assert.equal(count, 5040 + 120 + 6 + 120);
});

Deno.test("joining is the same however lineages were joined on their way", async () => {
  const { only, first, second, byKey, byFriends, byPaper, byPaper2, next, other, thief } =
    await setUp();
  const [a, b, c, d, e] = [
    await byKey(thief),
    await byFriends(other),
    await byPaper(next),
    await byPaper2(other),
    await only(second),
  ];
  const known = await only(first);
  const whole = inOrder([known, a, b, c, d, e]);
  const parts = inOrder([known, inOrder([a, b]), inOrder([c, inOrder([d, e])])]);
  assert.ok(isSameLineage(whole, parts));
  assert.ok(isSameLineage(joinLineages(whole, whole), whole));
});

// Mallory is first with the stolen key, and with certificates that leave no room beside them.
Deno.test("a thief cannot bring so much that the recovery does not fit", async () => {
  const { byKey, byPaper, next, thief } = await setUp();
  const lie = await byKey(thief);
  const large = lie.successions.map((one) => ({
    ...one,
    signatures: one.signatures.map((each, index) => ({
      ...each,
      certificate: new Uint8Array(index === 0 ? 40_000 : 16_500).fill(0x99),
    })),
  }));
  const known = openHeld(lie.person, encodeHeld({ ...lie, successions: large }));
  assert.equal(successionOf(known)?.to, thief.fingerprint);
  const kept = encodeHeld(joinLineages(known, await byPaper(next)));
  assert.equal(successionOf(openHeld(lie.person, kept))?.to, next.fingerprint);
});
