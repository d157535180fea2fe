/** What a book makes of lineages: whose it keeps, whom it believes, and what liars get. */

import assert from "node:assert/strict";
import { recoveryOf, signAs, successionOf } from "../../tests/helpers/lineage.ts";
import { makePerson, makePod, type TestPerson } from "../../tests/helpers/village.ts";
import { MemoryClock } from "../adapters/memory/clock.ts";
import { SeededEntropy } from "../adapters/memory/entropy.ts";
import { MemoryPgp } from "../adapters/memory/pgp.ts";
import { MemoryDisk, MemoryStore } from "../adapters/memory/store.ts";
import { openKeysmith, openPgp } from "../adapters/openpgp.ts";
import { encodeLineage, type Lineage } from "../identity/succession/lineage.ts";
import { idOf } from "../identity/succession/lines.ts";
import { formatSuccession } from "../identity/succession/succession.ts";
import { MAX_LINEAGES } from "../model/limits.ts";
import { Book } from "./book.ts";
import { Successions } from "./successions.ts";

const DAY_MS = 86_400_000;

async function setUp() {
  const clock = new MemoryClock();
  const pgp = new MemoryPgp(clock, new SeededEntropy(11));
  const parts = { store: new MemoryStore(new MemoryDisk()), pgp, clock };
  const person = (name: string) => makePerson(pgp, name);
  const [alice, next, thief, paper] = [
    await person("alice"),
    await person("next"),
    await person("thief"),
    await person("paper"),
  ];
  const book = new Book(parts);
  const meet = async (one: TestPerson, pod = "hey") => {
    const made = await makePod(pgp, clock, one, { pod });
    await book.learn(made.introduction, "friend http://bob.example");
    return made;
  };
  const hey = await meet(alice);
  const recoveries = await recoveryOf(pgp, alice, { key: paper.fingerprint });
  const learn = (lineage: Lineage) => book.successions.learn(encodeLineage(lineage));
  const byKey = (from: TestPerson, to: TestPerson, serial = 1) =>
    successionOf(pgp, "key", [from, to], { signers: [from, to], serial });
  const byPaper = (to: TestPerson) =>
    successionOf(pgp, "recovery", [alice, to], { recoveries, signers: [paper, to] });
  return {
    ...{ clock, pgp, parts, alice, next, thief, paper, book, meet, hey, recoveries, learn },
    ...{ byKey, byPaper, person },
  };
}

Deno.test("a successor stands for the old key in addresses, and no behalf of the old one is believed", async () => {
  const { clock, pgp, parts, alice, next, book, hey, learn, byKey } = await setUp();
  await learn(await byKey(alice, next));
  const pod = hey.behalf.pod;
  for (const each of [book, new Book(parts)]) {
    const { successions } = each;
    assert.equal(
      (await successions.current({ person: alice.fingerprint, pod })).person,
      next.fingerprint,
    );
    assert.deepEqual(await successions.formersOf(next.fingerprint), [alice.fingerprint]);
    assert.deepEqual([...await successions.stolen()], [alice.fingerprint]);
    assert.equal(await each.recall(hey.behalf), undefined);
    const newer = await makePod(pgp, clock, alice, { serial: 9 });
    await assert.rejects(each.learn(newer.introduction, "mallory"), { kind: "denied" });
    await assert.rejects(each.check(newer.introduction), { kind: "denied" });
  }
});

// Mallory is first with the stolen key, and Alice's paper comes later; or Alice is first, and Mallory
// comes with higher serials, with a recovery of her own, and with what was said before once more.
Deno.test("a thief wins neither before nor after the recovery that was known", async () => {
  for (const isFirst of [true, false]) {
    const { pgp, alice, next, thief, book, recoveries, learn, byKey, byPaper, person } =
      await setUp();
    const heir = () => book.successions.heirOf(alice.fingerprint);
    await learn({ recoveries, successions: [] });
    if (isFirst) {
      await learn(await byKey(alice, thief));
      assert.equal(await heir(), thief.fingerprint);
    }
    await learn(await byPaper(next));
    assert.equal(await heir(), next.fingerprint);
    await learn(await byKey(alice, thief, 99));
    const lie = await person("lie");
    const own = await recoveryOf(pgp, alice, { key: lie.fingerprint });
    const forged = await successionOf(pgp, "recovery", [alice, thief], {
      ...{ recoveries: own, serial: 99 },
      signers: [lie, thief],
    });
    assert.equal((await learn(forged)).isDisputed, true);
    await learn({ recoveries, successions: [] });
    assert.equal(await heir(), next.fingerprint);
    const [follow] = await book.successions.follows();
    assert.equal(follow?.before, isFirst ? thief.fingerprint : alice.fingerprint);
  }
});

Deno.test("nothing is kept of people whom the book does not know, nor what does not hold", async () => {
  const { pgp, alice, next, thief, book, learn, byKey, person } = await setUp();
  const stranger = await person("stranger");
  await assert.rejects(learn(await byKey(stranger, next)), { kind: "not-found" });
  const costly = await successionOf(pgp, "key", [stranger, next], { signers: [thief] });
  await assert.rejects(learn(costly), { kind: "not-found" }, "no signature of it is looked at");
  const lie = await successionOf(pgp, "key", [alice, thief], { signers: [thief] });
  await assert.rejects(learn(lie), { kind: "denied" });
  const [right] = (await byKey(alice, next)).successions;
  const bytes = encodeLineage({ recoveries: [], successions: [right!] });
  for (const wrong of [bytes.slice(1), bytes.slice(0, -1), new Uint8Array(60_000)]) {
    await assert.rejects(book.successions.learn(wrong), { kind: /damaged|too-large/ });
  }
  assert.equal(await book.successions.heirOf(alice.fingerprint), alice.fingerprint);
  assert.deepEqual(await book.successions.follows(), []);
});

// Alice has gone on as Next. Who has both keys would have everybody go round in circles.
Deno.test("a circle is refused, and a line of keys is followed to its end", async () => {
  const { alice, next, thief, book, meet, learn, byKey } = await setUp();
  await meet(next);
  await meet(thief);
  await learn(await byKey(alice, next));
  await assert.rejects(learn(await byKey(next, alice)), { kind: "conflict" });
  await learn(await byKey(next, thief));
  await assert.rejects(learn(await byKey(thief, alice)), { kind: "conflict" });
  assert.equal(await book.successions.heirOf(alice.fingerprint), thief.fingerprint);
  assert.deepEqual(await book.successions.formersOf(thief.fingerprint), [
    next.fingerprint,
    alice.fingerprint,
  ]);
});

Deno.test("a line of keys without end is followed for eight steps", async () => {
  const { alice, book, meet, learn, byKey, person } = await setUp();
  let from = alice;
  const line = [from.fingerprint];
  for (let step = 0; step < 10; step++) {
    const to = await person(`key ${step}`);
    if (step > 0) await meet(from);
    await learn(await byKey(from, to));
    line.push(to.fingerprint);
    from = to;
  }
  assert.equal(await book.successions.heirOf(alice.fingerprint), line[8]);
  assert.equal((await book.successions.formersOf(line[10]!)).length, 8);
});

Deno.test("a key that was heard to be revoked names nobody any more, but its recovery does", async () => {
  const clock = new MemoryClock();
  const [pgp, smith] = [openPgp(clock), openKeysmith(clock)];
  const book = new Book({ store: new MemoryStore(new MemoryDisk()), pgp, clock });
  const [alice, next, thief, paper] = [
    await makePerson(pgp, "alice"),
    await makePerson(pgp, "next"),
    await makePerson(pgp, "thief"),
    await makePerson(pgp, "paper"),
  ];
  const hey = await makePod(pgp, clock, alice);
  await book.learn(hey.introduction, "a");
  const issuedMs = clock.nowMs();
  const recoveries = await recoveryOf(pgp, alice, { key: paper.fingerprint }, { issuedMs });
  await book.successions.learn(encodeLineage({ recoveries, successions: [] }));
  const why = { reason: "compromised", text: "" } as const;
  const armor = await smith.revoke(alice.secretKey, why);
  const certificate = await smith.withRevocation(alice.certificate, armor);
  await assert.rejects(book.learn({ ...hey.introduction, certificate }, "a"), { kind: "denied" });
  const stolen = await successionOf(pgp, "key", [alice, thief], {
    ...{ signers: [alice, thief], issuedMs },
  });
  await book.successions.learn(encodeLineage(stolen));
  assert.equal(await book.successions.heirOf(alice.fingerprint), alice.fingerprint);
  const good = await successionOf(pgp, "recovery", [alice, next], {
    ...{ recoveries, issuedMs },
    signers: [paper, next],
  });
  await book.successions.learn(encodeLineage(good));
  assert.equal(await book.successions.heirOf(alice.fingerprint), next.fingerprint);
});

// Alice is revoked and has named no recovery; Mallory has her key, and a paper of his own.
Deno.test("a revoked key names no recovery any more", async () => {
  const { pgp, parts, alice, thief, paper, recoveries } = await setUp();
  const by = await successionOf(pgp, "recovery", [alice, thief], {
    ...{ recoveries, signers: [paper, thief] },
  });
  const successions = new Successions({ ...parts, isRevoked: () => Promise.resolve(true) });
  for (const lie of [by, { recoveries, successions: [] }]) {
    await assert.rejects(successions.learn(encodeLineage(lie)), { kind: "denied" });
  }
  assert.equal(await successions.heirOf(alice.fingerprint), alice.fingerprint);
});

// Mallory is Bob's friend, and tells of any number of people. Alice lives elsewhere.
Deno.test("a friend who tells of many people with lineages has nobody's forgotten", async () => {
  const { pgp, clock, parts, alice, next, book, byKey, person } = await setUp();
  const isRevoked = () => Promise.resolve(false);
  const successions = new Successions({ ...parts, isRevoked, most: 2 });
  await successions.learn(encodeLineage(await byKey(alice, next)));
  const outcomes: string[] = [];
  for (let index = 0; index < 4; index++) {
    const made = await person(`puppet ${index}`);
    const { introduction } = await makePod(pgp, clock, made);
    await book.learn(introduction, "friend http://mallory.example");
    const told = successions.learn(encodeLineage(await byKey(made, next)));
    outcomes.push(await told.then(() => "kept", ({ kind }) => kind));
  }
  assert.deepEqual(outcomes, ["kept", "kept", "over-quota", "over-quota"]);
  assert.equal(await successions.heirOf(alice.fingerprint), next.fingerprint);
  assert.notEqual(await successions.of(alice.fingerprint), undefined);
});

// Mallory has made two thousand people once, who have long left the book. Nobody whom only strangers
// have told of could get another key any more.
Deno.test("people who have left the book with all who followed them leave their part to others", async () => {
  const { clock, pgp, parts, next, book, byKey, learn, person } = await setUp();
  const part = ["lineages", "strangers"];
  await parts.store.commit({ puts: [{ key: part, value: MAX_LINEAGES - 1 }] });
  const told = async (name: string) => {
    const made = await person(name);
    await book.learn((await makePod(pgp, clock, made)).introduction, name);
    await learn(await byKey(made, next));
    return made;
  };
  const puppet = await told("puppet");
  for (const follow of await book.successions.follows()) await book.successions.settled(follow);
  await assert.rejects(told("victim"), { kind: "over-quota" });
  await clock.advance(100 * DAY_MS);
  await book.sweep();
  for (const each of [book, new Book(parts)]) {
    const { successions } = each;
    assert.equal(await successions.heirOf(puppet.fingerprint), puppet.fingerprint);
  }
  assert.equal(await book.successions.of(puppet.fingerprint), undefined);
  const victim = await told("victim");
  assert.equal(await book.successions.heirOf(victim.fingerprint), next.fingerprint);
});

// Alice's old key expires in the book, as old keys do. Mallory has it, and signs a new behalf.
Deno.test("a lineage stays while its successor is known, or somebody whom its person certifies", async () => {
  for (const what of ["successor", "certified", "to follow", "nothing"]) {
    const { clock, pgp, parts, alice, next, book, learn, byKey } = await setUp();
    await learn(await byKey(alice, next));
    const [follow] = await book.successions.follows();
    if (what !== "to follow") await book.successions.settled(follow!);
    if (what === "certified") {
      const key = ["trust", alice.fingerprint, "subject", "user id"];
      await parts.store.commit({ puts: [{ key, value: {} }] });
    }
    await clock.advance(100 * DAY_MS);
    if (what === "successor") {
      await book.learn((await makePod(pgp, clock, next)).introduction, "a");
    }
    await book.sweep();
    assert.equal(await book.person(alice.fingerprint), undefined);
    const stolen = await makePod(pgp, clock, alice, { serial: 9 });
    const learned = book.learn(stolen.introduction, "mallory").then(() => "believed", () => "no");
    assert.equal(await learned, what === "nothing" ? "believed" : "no", what);
  }
});

Deno.test("what is told of people is their lineage and those of the keys before, as many as fit", async () => {
  const { alice, next, book, meet, recoveries, learn, byPaper } = await setUp();
  await meet(next);
  const [mine] = await book.successions.about([alice.fingerprint], 100_000);
  assert.equal(mine, undefined);
  await learn(await byPaper(next));
  const told = await book.successions.about([next.fingerprint], 100_000);
  assert.equal(told.length, 1);
  assert.deepEqual(await book.successions.about([next.fingerprint], told[0]!.length - 1), []);
  assert.equal(
    (await book.successions.of(alice.fingerprint))!.recoveries[0]!.id,
    idOf(recoveries[0]!.document),
  );
});

Deno.test("signatures that somebody has put beside good ones are refused with the whole", async () => {
  const { pgp, alice, next, thief, learn } = await setUp();
  const document = formatSuccession({
    from: alice.fingerprint,
    to: next.fingerprint,
    by: "key",
    reason: "replaced",
    serial: 1,
    issuedMs: 0,
  });
  const signed = await signAs(pgp, document, [alice, next]);
  const [first] = signed.signatures;
  const forged = { certificate: thief.certificate, signature: first!.signature };
  const stuffed = { ...signed, signatures: [...signed.signatures, forged] };
  await assert.rejects(learn({ recoveries: [], successions: [stuffed] }), { kind: "denied" });
});
