/** What the book makes of newer certificates, and of the end of a key. */

import assert from "node:assert/strict";
import { type Behalf, draftBehalf, formatBehalf, parseBehalf } from "../identity/behalf.ts";
import { Over } from "../identity/ended.ts";
import { encodeUtf8 } from "../model/bytes.ts";
import { makePerson, makePod } from "../../tests/helpers/village.ts";
import { MemoryClock } from "../adapters/memory/clock.ts";
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

Deno.test("revocations of people whom nobody here knows fill no book", async () => {
  const { book, alice, hey, revoked } = await setUp();
  const certificate = await revoked();
  await assert.rejects(book.learn({ ...hey.introduction, certificate }, "a"), { kind: "denied" });
  assert.equal(await book.isRevoked(alice.fingerprint), false);
});

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
