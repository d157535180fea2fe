/** What the book makes of newer certificates, and of the end of a key. */

import assert from "node:assert/strict";
import { type Behalf, draftBehalf, formatBehalf, parseBehalf } from "../identity/behalf.ts";
import { Over } from "../identity/ended.ts";
import { encodeUtf8 } from "../model/bytes.ts";
import { MAX_REVOKED } from "../model/limits.ts";
import { makePerson, makePod } from "../../tests/helpers/village.ts";
import { MemoryClock } from "../adapters/memory/clock.ts";
import { SeededEntropy } from "../adapters/memory/entropy.ts";
import { MemoryPgp } from "../adapters/memory/pgp.ts";
import { MemoryDisk, MemoryStore } from "../adapters/memory/store.ts";
import { openKeysmith, openPgp } from "../adapters/openpgp.ts";
import { Book } from "./book.ts";
import { FROM_SELF } from "./told.ts";

const DAY_MS = 86_400_000;

async function setUp() {
  const clock = new MemoryClock();
  const [pgp, smith] = [openPgp(clock), openKeysmith(clock)];
  const parts = { store: new MemoryStore(new MemoryDisk()), pgp, clock };
  const alice = await makePerson(pgp, "alice");
  const hey = await makePod(pgp, clock, alice);
  const book = new Book(parts);
  const ends = async () => {
    const entry = (await book.entry(hey.behalf))!;
    return (await pgp.inspect(entry.introduction.certificate)).expiresMs;
  };
  const renewed = (expiresMs?: number) =>
    smith.renew(alice.secretKey, alice.certificate, expiresMs);
  const revoked = async () => {
    const why = { reason: "compromised", text: "" } as const;
    return await smith.withRevocation(alice.certificate, await smith.revoke(alice.secretKey, why));
  };
  return { clock, pgp, parts, alice, hey, book, ends, renewed, revoked };
}

Deno.test("a newer certificate with the same behalf is taken in, an older one takes nothing back", async () => {
  const { clock, book, hey, ends, renewed } = await setUp();
  const lateMs = clock.nowMs() + 900 * DAY_MS;
  await book.learn(hey.introduction, "friend http://bob.example");
  assert.equal(await ends(), undefined);
  const certificate = await renewed(lateMs);
  await book.learn({ ...hey.introduction, certificate }, "someone");
  assert.equal(await ends(), lateMs);
  assert.equal((await book.entry(hey.behalf))!.from, "friend http://bob.example");
  await book.learn(hey.introduction, "friend http://bob.example");
  assert.equal(await ends(), lateMs);
});

Deno.test("a newer certificate of our own is told to friends", async () => {
  const { clock, book, hey, renewed } = await setUp();
  await book.learn(hey.introduction, FROM_SELF);
  const [before] = await book.places.own(0, 10);
  const certificate = await renewed(clock.nowMs() + 900 * DAY_MS);
  await book.learn({ ...hey.introduction, certificate }, FROM_SELF);
  const [after, ...more] = await book.places.own(before!.place, 10);
  assert.deepEqual([after?.ref.pod, more], [hey.behalf.pod, []]);
  await book.learn({ ...hey.introduction, certificate }, FROM_SELF);
  assert.deepEqual(await book.places.own(after!.place, 10), []);
});

// Mallory has copied Alice's key. Alice has revoked it, but Mallory comes with the certificate as it
// was before, and with behalfs of higher serials, to whoever may have forgotten.
Deno.test("who holds a revoked key cannot come back with an older certificate or a higher serial", async () => {
  const { clock, pgp, parts, book, alice, hey, revoked } = await setUp();
  await book.learn(hey.introduction, "friend http://bob.example");
  const certificate = await revoked();
  const ended = book.learn({ ...hey.introduction, certificate }, "friend http://bob.example");
  await assert.rejects(ended, { kind: "denied" });
  for (const anew of [book, new Book(parts)]) {
    assert.equal(await anew.isRevoked(alice.fingerprint), true);
    assert.equal(await anew.recall(hey.behalf), undefined);
    await assert.rejects(anew.learn(hey.introduction, "mallory"), { kind: "denied" });
    const stolen = await makePod(pgp, clock, alice, { serial: 9 });
    await assert.rejects(anew.learn(stolen.introduction, "mallory"), { kind: "denied" });
    await assert.rejects(anew.check(stolen.introduction), { kind: "denied" });
    const other = await makePod(pgp, clock, alice, { pod: "photos" });
    await assert.rejects(anew.learn(other.introduction, "mallory"), { kind: "denied" });
  }
});

Deno.test("others are told that a key is revoked, in place of its behalf", async () => {
  const { pgp, book, hey, revoked } = await setUp();
  await book.learn(hey.introduction, "a");
  const certificate = await revoked();
  await book.learn({ ...hey.introduction, certificate }, "a").catch(() => undefined);
  const told = await book.published((await book.entry(hey.behalf))!);
  assert.equal((await pgp.inspect(told!.certificate)).revoked, true);
});

// Mallory is Bob's friend. His server tells of ten thousand people whose keys are revoked, so that the
// revocation of Alice's key, which he has copied, is forgotten as the oldest.
Deno.test("however many revocations a friend tells of, nobody's is forgotten for them", async () => {
  const { parts, book, alice, hey, told, puppet } = await setUpTellers();
  await told(hey, "friend http://bob.example");
  const many = Array.from({ length: MAX_REVOKED }, (_, at) => at.toString(16).padStart(40, "F"));
  for (let at = 0; at < many.length; at += 1_000) {
    const puts = many.slice(at, at + 1_000).map((one) => ({ key: ["revoked", one], value: 2e12 }));
    await parts.store.commit({ puts });
  }
  const anew = new Book(parts);
  const last = await puppet();
  await anew.learn(last.introduction, "friend http://mallory.example");
  await told(last, "friend http://mallory.example", anew);
  for (const each of [book, anew, new Book(parts)]) {
    assert.equal(await each.isRevoked(alice.fingerprint), true);
  }
});

// Bob has told that Alice's key is revoked before anybody here knew her. Mallory has the key, and comes
// with the certificate as it was before.
Deno.test("whom a friend has called revoked is so when met later by an older certificate", async () => {
  const { parts, alice, hey, told } = await setUpTellers({ isMet: false });
  await told(hey, "friend http://bob.example");
  for (const book of [hey.book, new Book(parts)]) {
    assert.equal(await book.isRevoked(alice.fingerprint), true);
    await assert.rejects(book.learn(hey.introduction, "mallory"), /the person's key is revoked/);
    assert.deepEqual(await parts.store.list({ prefix: ["person"], limit: 1 }), []);
  }
});

Deno.test("what one teller says of people outside the book is bounded, and leaves others their part", async () => {
  const { book, parts, alice, hey, told, puppet } = await setUpTellers();
  const full = { key: ["revocations", "through http://mallory.example"], value: MAX_REVOKED };
  await parts.store.commit({ puts: [full] });
  const tell = async (from: string) => {
    const one = await puppet();
    await told(one, from);
    return await book.isRevoked(one.behalf.person);
  };
  assert.equal(await tell("friend http://mallory.example"), false);
  assert.equal(await tell("friend http://bob.example"), true);
  assert.equal(await tell("home http://bob.example"), true);
  assert.equal(await tell("somebody who speaks for themselves"), false);
  await told(hey, "friend http://mallory.example");
  assert.equal(await book.isRevoked(alice.fingerprint), true, "Alice is in the book");
});

Deno.test("whoever is revoked and leaves the book stays so, as far as their teller's part goes", async () => {
  for (const used of [0, MAX_REVOKED]) {
    const { clock, pgp, parts, book, alice, hey, told } = await setUpTellers();
    const key = ["revocations", "strangers"];
    await parts.store.commit({ puts: [{ key, value: used }] });
    await told(hey, "friend http://bob.example");
    await clock.advance(100 * DAY_MS);
    assert.equal(await book.sweep(), 1);
    const later = await makePod(pgp, clock, alice, { serial: 2 });
    for (const each of [book, new Book(parts)]) {
      assert.equal(await each.isRevoked(alice.fingerprint), used === 0);
      const learned = each.learn(later.introduction, "mallory").then(() => "believed", () => "no");
      assert.equal(await learned, used === 0 ? "no" : "believed");
    }
    assert.equal((await parts.store.get<number>(key))?.value, used === 0 ? 1 : used);
  }
});

/** A book that knows Alice by a stranger's word, and people who can be told of as revoked. */
async function setUpTellers({ isMet = true } = {}) {
  const clock = new MemoryClock();
  const pgp = new MemoryPgp(clock, new SeededEntropy(7));
  const parts = { store: new MemoryStore(new MemoryDisk()), pgp, clock };
  const book = new Book(parts);
  const make = async (name: string) => {
    const person = await makePerson(pgp, name);
    return { ...await makePod(pgp, clock, person), person, book };
  };
  const hey = await make("alice");
  if (isMet) await book.learn(hey.introduction, "alice");
  const told = async (one: typeof hey, from: string, by = book) => {
    const certificate = pgp.revoke(one.person.secretKey);
    await assert.rejects(by.learn({ ...one.introduction, certificate }, from), { kind: "denied" });
  };
  const alice = hey.person;
  return { clock, pgp, parts, book, alice, hey, told, puppet: () => make("puppet") };
}

Deno.test("a newer certificate that came before its revocation does not lose it", async () => {
  const { clock, book, alice, hey, renewed, revoked } = await setUp();
  await book.learn(hey.introduction, "a");
  const ended = { ...hey.introduction, certificate: await revoked() };
  await assert.rejects(book.learn(ended, "a"), { kind: "denied" });
  const late = { ...hey.introduction, certificate: await renewed(clock.nowMs() + 90 * DAY_MS) };
  await assert.rejects(book.learn(late, "a"), { kind: "denied" });
  await assert.rejects(book.check(late), { kind: "denied" });
  assert.equal(await book.isRevoked(alice.fingerprint), true);
  const entry = (await book.entry(hey.behalf))!;
  const told = await book.published(entry);
  assert.deepEqual(told!.certificate, (await book.person(alice.fingerprint))!.certificate);
});

async function setUpBehalf() {
  const parts = await setUp();
  const { pgp, clock, alice } = parts;
  const { behalf } = parts.hey;
  // What Alice signs about a pod that she has: the same key, another number.
  const sign = async (fields: Partial<Behalf>) => {
    const issuedMs = clock.nowMs();
    const draft = draftBehalf({
      ...behalf,
      issuedMs,
      expiresMs: issuedMs + 30 * DAY_MS,
      ...fields,
    });
    const document = formatBehalf(draft);
    const signature = await pgp.sign(alice.secretKey, encodeUtf8(document));
    return { certificate: alice.certificate, document, signature };
  };
  const expiresMs = clock.nowMs() + 3653 * DAY_MS;
  const over = await sign({ serial: 2, capabilities: [], revoked: "retired", expiresMs });
  return { ...parts, sign, over };
}

// Mallory keeps a behalf that Alice has revoked, valid for nearly ten years, and shows it again and
// again to whoever may have forgotten, also with a revocation that he has made himself.
Deno.test("a revoked behalf does not come back for as long as any older one could be shown", async () => {
  const { clock, parts, sign, over, book } = await setUpBehalf();
  const old = await sign({ serial: 1, expiresMs: clock.nowMs() + 3653 * DAY_MS });
  await book.learn(old, "friend http://bob.example");
  await assert.rejects(book.learn(over, "friend http://bob.example"), Over);
  clock.jump(3650 * DAY_MS);
  const anew = new Book(parts);
  await anew.sweep();
  for (const from of ["mallory", "friend http://bob.example"]) {
    await assert.rejects(anew.learn(old, from), /revoked it, .*\(retired\)/);
    await assert.rejects(anew.check(over), Over);
  }
  assert.equal(await anew.recall({ ...parseBehalf(old.document) }), undefined);
});

Deno.test("a revocation nobody but the person can make, and a newer behalf ends it", async () => {
  const { pgp, book, hey, sign, over } = await setUpBehalf();
  await book.learn(hey.introduction, "a");
  const mallory = await makePerson(pgp, "mallory");
  const forged = await pgp.sign(mallory.secretKey, encodeUtf8(over.document));
  await assert.rejects(book.learn({ ...over, signature: forged }, "b"), { kind: "denied" });
  assert.notEqual(await book.recall(hey.behalf), undefined);
  await assert.rejects(book.learn(over, "b"), Over);
  assert.equal(await book.recall(hey.behalf), undefined);
  const renewed = await sign({ serial: 3 });
  assert.equal((await book.learn(renewed, "c")).behalf.serial, 3);
  await book.learn(over, "b");
  assert.equal((await book.recall(hey.behalf))?.behalf.serial, 3);
});

Deno.test("friends are told of a revocation in place of the behalf, and whom to ask is named", async () => {
  const { book, hey, over } = await setUpBehalf();
  await book.take(hey.introduction, FROM_SELF);
  const [before] = await book.places.own(0, 10);
  await book.take(over, FROM_SELF);
  const [after] = await book.places.own(before!.place, 10);
  assert.equal(after?.ref.pod, hey.behalf.pod);
  const entry = (await book.entry(hey.behalf))!;
  assert.equal((await book.published(entry))?.document, over.document);
  await assert.rejects(book.refuse(entry), (error: Over) => {
    assert.match(error.hint!, /^ask alice.*peri behalf renew/);
    return true;
  });
});
