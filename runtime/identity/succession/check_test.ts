/** What a lineage must have, and how people would cheat. */

import assert from "node:assert/strict";
import { recoveryOf, signAs, successionOf } from "../../../tests/helpers/lineage.ts";
import { makePerson, type TestPerson } from "../../../tests/helpers/village.ts";
import { MemoryClock } from "../../adapters/memory/clock.ts";
import { openKeysmith, openPgp } from "../../adapters/openpgp.ts";
import { decodeLineage, encodeLineage, type Lineage } from "./lineage.ts";
import { checkLineage } from "./check.ts";
import { draftRecovery, parseRecovery } from "./recovery.ts";
import { parseSuccession } from "./succession.ts";

const DAY_MS = 86_400_000;

type Made = readonly [TestPerson, TestPerson, TestPerson, TestPerson, TestPerson, TestPerson];

async function setUp() {
  const clock = new MemoryClock();
  const [pgp, smith] = [openPgp(clock), openKeysmith(clock)];
  const people = ["alice", "next", "bob", "carol", "mallory", "paper"];
  const made = await Promise.all(people.map((name) => makePerson(pgp, name)));
  const [alice, next, bob, carol, mallory, paper] = made as unknown as Made;
  const issuedMs = clock.nowMs();
  const of = [bob.fingerprint, carol.fingerprint].sort();
  const friends = { need: 2, of };
  const recoveries = await recoveryOf(pgp, alice, { key: paper.fingerprint, friends }, {
    issuedMs,
  });
  const check = (lineage: Lineage) =>
    checkLineage(pgp, decodeLineage(encodeLineage(lineage)), clock.nowMs());
  const refuses = (lineage: Lineage, kind = "denied") => assert.rejects(check(lineage), { kind });
  return {
    ...{ clock, pgp, smith, alice, next, bob, carol, mallory, paper, recoveries, issuedMs },
    ...{ check, refuses },
  };
}

Deno.test("a lineage by friends holds, travels as bytes, and outlives its signers", async () => {
  const { clock, pgp, alice, next, bob, carol, recoveries, issuedMs, check } = await setUp();
  await clock.advance(20 * DAY_MS);
  const lineage = await successionOf(pgp, "friends", [alice, next], {
    ...{ recoveries, issuedMs },
    signers: [bob, carol, next],
  });
  const held = await check(lineage);
  assert.equal(held.person, alice.fingerprint);
  assert.equal(held.successions[0]?.succession.to, next.fingerprint);
  await clock.advance(9000 * DAY_MS);
  assert.deepEqual(await check(lineage), held);
});

// Eve, whom nobody knows, is to be the end of Alice; or Alice is to become Bob, who knows nothing.
Deno.test("nobody is named against their will, and nobody but the person or their recovery names", async () => {
  const { pgp, alice, next, bob, mallory, paper, recoveries, issuedMs, refuses } = await setUp();
  const pair = [alice, next] as const;
  await refuses(await successionOf(pgp, "key", pair, { signers: [alice], issuedMs }));
  await refuses(await successionOf(pgp, "key", pair, { signers: [next, mallory], issuedMs }));
  const byPaper = { recoveries, issuedMs };
  await refuses(await successionOf(pgp, "recovery", pair, { ...byPaper, signers: [paper] }));
  await refuses(await successionOf(pgp, "recovery", pair, { ...byPaper, signers: [alice, next] }));
  await refuses(await successionOf(pgp, "recovery", pair, { ...byPaper, signers: [bob, next] }));
});

// Two of two friends must agree. Bob alone signs twice, or would himself be the successor, or gets
// Mallory to help, who is nobody's friend.
Deno.test("a friend counts once, and none who would succeed by it", async () => {
  const { pgp, alice, next, bob, carol, mallory, recoveries, issuedMs, refuses } = await setUp();
  const pair = [alice, next] as const;
  const given = { recoveries, issuedMs };
  await refuses(await successionOf(pgp, "friends", pair, { ...given, signers: [bob, next] }));
  await refuses(await successionOf(pgp, "friends", pair, { ...given, signers: [bob, bob, next] }));
  await refuses(
    await successionOf(pgp, "friends", pair, { ...given, signers: [bob, mallory, next] }),
  );
  await refuses(
    await successionOf(pgp, "friends", [alice, bob], { ...given, signers: [bob, carol] }),
  );
});

// Mallory has Alice's key, and neither her paper nor her friends.
Deno.test("a recovery is replaced only with the consent of the one before", async () => {
  const { pgp, alice, mallory, bob, carol, paper, recoveries, issuedMs, check, refuses } =
    await setUp();
  const again = async (signers: typeof alice[]) => ({
    recoveries: await recoveryOf(pgp, alice, { key: mallory.fingerprint }, {
      ...{ after: recoveries, signers, issuedMs },
    }),
    successions: [],
  });
  await refuses(await again([alice]));
  await refuses(await again([alice, mallory]));
  await refuses(await again([alice, bob]));
  await refuses(await again([paper]));
  assert.equal((await check(await again([alice, paper]))).recoveries.length, 2);
  assert.equal((await check(await again([alice, bob, carol]))).recoveries.length, 2);
  const [, second] = (await again([alice, paper])).recoveries;
  await refuses({ recoveries: [second!], successions: [] }, "damaged");
});

Deno.test("a statement is signed in its time: none is dated ahead, none signed long after", async () => {
  const { clock, pgp, alice, next, issuedMs, refuses } = await setUp();
  const pair = [alice, next] as const;
  const signers = [alice, next];
  const ahead = issuedMs + 3 * DAY_MS;
  await refuses(await successionOf(pgp, "key", pair, { signers, issuedMs: ahead }));
  await clock.advance(90 * DAY_MS);
  await refuses(await successionOf(pgp, "key", pair, { signers, issuedMs }));
});

Deno.test("a lineage holds though its keys were revoked since, and lies about nothing", async () => {
  const { pgp, alice, next, paper, recoveries, issuedMs, check, refuses } = await setUp();
  const lineage = await successionOf(pgp, "recovery", [alice, next], {
    ...{ recoveries, issuedMs },
    signers: [paper, next],
  });
  await check(lineage);
  const [succession] = lineage.successions;
  const { document } = succession!;
  const swapped = document.replace(
    next.fingerprint,
    alice.fingerprint.replace(/./, (first) => first === "0" ? "1" : "0"),
  );
  await refuses({ recoveries, successions: [{ ...succession!, document: swapped }] });
  await refuses({ recoveries: [], successions: lineage.successions }, "damaged");
  await refuses({ recoveries, successions: [succession!, succession!] }, "damaged");
  await refuses({ recoveries: [], successions: [] }, "damaged");
  const foreign = await signAs(pgp, recoveries[0]!.document, [next]);
  await refuses({ recoveries: [foreign], successions: [] });
});

Deno.test("only one exact text is read, and what cannot stand is not written", async () => {
  const { alice, bob, recoveries, pgp, next, issuedMs } = await setUp();
  const { document } = recoveries[0]!;
  parseRecovery(document);
  for (const wrong of [`${document}\n`, document.replace("need: 2", "need: 02"), `\n${document}`]) {
    assert.throws(() => parseRecovery(wrong), { kind: "damaged" });
  }
  assert.throws(() => parseRecovery("x".repeat(5_000)), { kind: "too-large" });
  const { successions } = await successionOf(pgp, "key", [alice, next], { signers: [], issuedMs });
  const text = successions[0]!.document;
  parseSuccession(text);
  for (const wrong of [text.replace("stolen", "bored"), text.replace("by: key", "by: law")]) {
    assert.throws(() => parseSuccession(wrong), { kind: "damaged" });
  }
  const base = { person: alice.fingerprint, serial: 1, issuedMs };
  const of = [bob.fingerprint];
  for (
    const wrong of [
      {},
      { key: alice.fingerprint },
      { friends: { need: 2, of } },
      { friends: { need: 0, of } },
      { friends: { need: 1, of: [...of, ...of] } },
      { friends: { need: 1, of: [alice.fingerprint] } },
      { key: bob.fingerprint, friends: { need: 1, of } },
    ]
  ) assert.throws(() => draftRecovery({ ...base, ...wrong }), { kind: "invalid" });
});
