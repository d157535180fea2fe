import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { makePerson, makePod, type TestPerson } from "../../tests/helpers/village.ts";
import { MemoryClock } from "../adapters/memory/clock.ts";
import { MemoryDisk, MemoryStore } from "../adapters/memory/store.ts";
import { openPgp } from "../adapters/openpgp.ts";
import { encodeUtf8 } from "../model/bytes.ts";
import { MAX_BOOK_PER_STRANGER, MAX_BOOK_STRANGERS } from "../model/limits.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Store } from "../ports/store.ts";
import { Book, type BookParts } from "./book.ts";
import { FROM_SELF } from "./told.ts";

const DAY_MS = 86_400_000;

async function setUp() {
  const clock = new MemoryClock();
  const pgp = openPgp(clock);
  const disk = new MemoryDisk();
  const store = new MemoryStore(disk);
  const parts: BookParts = { store, pgp, clock };
  const alice = await makePerson(pgp, "alice");
  const pod = (wishes = {}, person: TestPerson = alice) => makePod(pgp, clock, person, wishes);
  return { clock, pgp, disk, store, parts, book: new Book(parts), alice, pod };
}

Deno.test("a behalf that was learned is recalled, by another process too", async () => {
  const { book, parts, pod } = await setUp();
  const hey = await pod();
  await book.learn(hey.introduction, "friend http://bob.example");
  const recalled = await new Book(parts).recall(hey.behalf);
  deepEqual(recalled?.behalf, hey.behalf);
  deepEqual(recalled?.introduction, hey.introduction);
  equal((await book.entry(hey.behalf))?.from, "friend http://bob.example");
});

Deno.test("a higher serial replaces a lower one, and a lower one changes nothing", async () => {
  const { book, pod } = await setUp();
  const [first, second] = [await pod({ serial: 1 }), await pod({ serial: 2 })];
  await book.learn(second.introduction, "a");
  const inForce = await book.learn(first.introduction, "b");
  equal(inForce.behalf.serial, 2);
  equal((await book.entry(first.behalf))?.from, "a");
  const third = await pod({ serial: 3 });
  equal((await book.learn(third.introduction, "c")).behalf.podKey, third.behalf.podKey);
  equal((await book.recall(first.behalf))?.behalf.serial, 3);
});

Deno.test("of two behalfs with one serial the first stays, and the second is a conflict", async () => {
  const { book, pod } = await setUp();
  const [one, other] = [await pod(), await pod()];
  await book.learn(one.introduction, "a");
  await rejects(book.learn(other.introduction, "b"), { kind: "conflict" });
  equal((await book.recall(one.behalf))?.behalf.podKey, one.behalf.podKey);
});

Deno.test("an expired behalf is not recalled, and no older serial comes back", async () => {
  const { book, clock, pod } = await setUp();
  const old = await pod({ serial: 1, expiresMs: clock.nowMs() + 300 * DAY_MS });
  const short = await pod({ serial: 2, expiresMs: clock.nowMs() + DAY_MS });
  await book.learn(short.introduction, "a");
  await clock.advance(2 * DAY_MS);
  equal(await book.recall(short.behalf), undefined);
  await rejects(book.learn(old.introduction, "b"), { kind: "expired" });
  await rejects(book.learn(short.introduction, "b"), { kind: "expired" });
});

Deno.test("what its person did not sign is not learned, and leaves no row", async () => {
  const { book, pgp, disk, pod } = await setUp();
  const hey = await pod();
  const mallory = await makePerson(pgp, "mallory");
  const signature = await pgp.sign(mallory.secretKey, encodeUtf8(hey.introduction.document));
  await rejects(book.learn({ ...hey.introduction, signature }, "m"), { kind: "denied" });
  const swapped = { ...hey.introduction, certificate: mallory.certificate, signature };
  await rejects(book.learn(swapped, "m"), { kind: "denied" });
  equal(disk.rows().length, 0);
});

Deno.test("what is known already is not checked again", async () => {
  const { parts, pod } = await setUp();
  let verified = 0;
  const pgp: Pgp = {
    ...parts.pgp,
    verify: (...given) => {
      verified++;
      return parts.pgp.verify(...given);
    },
  };
  const book = new Book({ ...parts, pgp });
  const hey = await pod();
  for (let round = 0; round < 3; round++) await book.learn(hey.introduction, "a");
  equal(verified, 1);
});

Deno.test("expired entries are swept after a while, and people without entries with them", async () => {
  const { book, clock, disk, pod, alice } = await setUp();
  await book.learn((await pod({ expiresMs: clock.nowMs() + DAY_MS })).introduction, "a");
  await clock.advance(20 * DAY_MS);
  equal(await book.sweep(), 0);
  ok(await book.person(alice.fingerprint));
  await clock.advance(12 * DAY_MS);
  equal(await book.sweep(), 1);
  deepEqual(disk.rows().map(({ key }) => key), [["told", "strangers"]]);
  equal(disk.get(["told", "strangers"])?.value, 0);
});

Deno.test("when strangers have filled their part of the book, the oldest makes room", async () => {
  const { book, store, clock, pgp, pod } = await setUp();
  const key = ["told", "strangers"];
  const [first, second, late] = await Promise.all(
    ["a", "b", "c"].map((name) => pod({ pod: name })),
  );
  for (const { introduction } of [first!, second!]) {
    await book.learn(introduction, "somebody");
    await clock.advance(1);
  }
  // Told again it is no longer the oldest.
  await book.learn((await pod({ pod: "a", serial: 2 })).introduction, "somebody");
  await store.commit({ puts: [{ key, value: MAX_BOOK_STRANGERS }] });
  const bob = await makePerson(pgp, "bob");
  const bobs = await pod({}, bob);
  await book.learn(bobs.introduction, "somebody else");
  equal(await book.entry(second!.behalf), undefined);
  equal((await book.recall(first!.behalf))?.behalf.serial, 2);
  ok(await book.recall(bobs.behalf));
  equal((await store.get(key))?.value, MAX_BOOK_STRANGERS);
  await book.learn(late!.introduction, "friend http://bob.example");
  equal((await store.get(key))?.value, MAX_BOOK_STRANGERS);
});

// Mallory makes keys as large as keys may be, and a person for each. What they count by is what they
// take: the whole of the strangers' part is 160 MB, whoever fills it and with what.
Deno.test("large strangers take the place of several small ones, and give it back", async () => {
  const { book, disk, store, clock, pgp, pod } = await setUp();
  const key = ["told", "strangers"];
  const small = await Promise.all(
    Array.from({ length: 12 }, (_, at) => pod({ pod: `pod${at}` })),
  );
  for (const { introduction } of small) {
    await book.learn(introduction, "somebody");
    await clock.advance(1);
  }
  equal((await store.get(key))?.value, 12);
  const fat = async (name: string) => {
    const { introduction, behalf } = await pod({}, await makePerson(pgp, name));
    // User ids that nothing binds: they are read, and mean nothing.
    const ids = Array.from(
      { length: 60 },
      () => [0xcd, 0xff, 0, 0, 2, 0x58, ...Array(600).fill(97)],
    );
    const certificate = new Uint8Array([...introduction.certificate, ...ids.flat()]);
    return { introduction: { ...introduction, certificate }, behalf };
  };
  await store.commit({ puts: [{ key, value: MAX_BOOK_STRANGERS - 2 }] });
  const before = bytesOf(disk);
  const mallory = await fat("mallory");
  await book.learn(mallory.introduction, "mallory");
  const took = bytesOf(disk) - before;
  const left = (await Array.fromAsync(book.list(small[0]!.behalf.person))).length;
  const weight = Math.ceil(mallory.introduction.certificate.length * 2 / 8192);
  ok(left <= 12 - weight + 3 && left >= 12 - weight - 1, `${left} of 12 are left`);
  ok(took < weight * 8192, `${took} bytes for ${weight} pages`);
  ok(await book.recall(mallory.behalf));
  ok(Number((await store.get(key))?.value) <= MAX_BOOK_STRANGERS);
  const full = Number((await store.get(key))?.value);
  await book.forget(mallory.behalf);
  ok(Number((await store.get(key))?.value) <= full - weight);
});

function bytesOf(disk: MemoryDisk): number {
  const sizeOf = (value: unknown): number =>
    value instanceof Uint8Array
      ? value.length
      : typeof value === "object" && value !== null
      ? Object.values(value).reduce((sum: number, one) => sum + sizeOf(one), 0)
      : String(value).length;
  return disk.rows().reduce((sum, { value }) => sum + sizeOf(value), 0);
}

Deno.test("one stranger has a few entries, however many pods they sign", async () => {
  const { book, store, clock, pgp, pod } = await setUp();
  const bobs = await pod({}, await makePerson(pgp, "bob"));
  await book.learn(bobs.introduction, "bob");
  for (let n = 0; n <= MAX_BOOK_PER_STRANGER; n++) {
    await clock.advance(1);
    await book.learn((await pod({ pod: `pod${n}` })).introduction, "alice");
  }
  const { behalf: { person } } = await pod();
  const kept = (await Array.fromAsync(book.list(person))).map(({ behalf }) => behalf.pod);
  equal(kept.length, MAX_BOOK_PER_STRANGER);
  ok(!kept.includes("pod0" as typeof kept[number]));
  ok(await book.recall(bobs.behalf));
  equal((await store.get(["told", "strangers"]))?.value, MAX_BOOK_PER_STRANGER + 1);
});

Deno.test("what this server tells is no stranger's any more, and makes room for nobody", async () => {
  const { book, disk, pod } = await setUp();
  await book.learn((await pod({ pod: "a" })).introduction, "somebody");
  await book.learn((await pod({ pod: "a", serial: 2 })).introduction, FROM_SELF);
  equal(disk.get(["told", "strangers"])?.value, 0);
  equal(disk.get(["told", FROM_SELF])?.value, 1);
  deepEqual(disk.rows().filter(({ key }) => String(key[0]).startsWith("stranger")), []);
});

Deno.test("changes of our own pods are numbered, once each, and never with a number twice", async () => {
  const { book, clock, pod } = await setUp();
  const places = async () =>
    (await book.places.own(0, 10)).map(({ place, ref }) => [place, ref.pod]);
  await book.learn((await pod({ pod: "a" })).introduction, FROM_SELF);
  await book.learn((await pod({ pod: "b" })).introduction, FROM_SELF);
  await book.learn((await pod({ pod: "c" })).introduction, "friend http://x.example");
  const nowMs = clock.nowMs();
  deepEqual(await places(), [[nowMs, "a"], [nowMs + 1, "b"]]);
  await book.learn((await pod({ pod: "b", serial: 2 })).introduction, FROM_SELF);
  deepEqual(await places(), [[nowMs, "a"], [nowMs + 2, "b"]]);
  deepEqual((await book.places.own(nowMs, 10)).map(({ place }) => place), [nowMs + 2]);
  await clock.advance(DAY_MS);
  await book.forget((await pod({ pod: "b" })).behalf);
  await book.learn((await pod({ pod: "d" })).introduction, FROM_SELF);
  deepEqual((await places()).at(-1), [nowMs + DAY_MS, "d"]);
});

Deno.test("two processes that learn at the same moment lose nothing", async () => {
  const { parts, pod } = await setUp();
  const [one, other] = [new Book(parts), new Book(parts)];
  const pods = await Promise.all(["a", "b", "c", "d"].map((name) => pod({ pod: name })));
  await Promise.all(pods.flatMap(({ introduction }) => [
    one.learn(introduction, "x"),
    other.learn(introduction, "y"),
  ]));
  const found = await Array.fromAsync(one.list());
  deepEqual(found.map(({ behalf }) => behalf.pod), ["a", "b", "c", "d"]);
  equal((await parts.store.get(["told", "strangers"]))?.value, 4);
});

Deno.test("a process that was slower does not put an older serial over a newer one", async () => {
  const { parts, store, pod } = await setUp();
  const fast = new Book(parts);
  const [two, three] = [await pod({ serial: 2 }), await pod({ serial: 3 })];
  await fast.learn((await pod({ serial: 1 })).introduction, "a");
  let isFirst = true;
  const late: Store = {
    get: (key) => store.get(key),
    list: (range) => store.list(range),
    close: () => store.close(),
    commit: async (change) => {
      // Between reading and writing, the other process learns the newest one.
      if (isFirst) await fast.learn(three.introduction, "b");
      isFirst = false;
      return await store.commit(change);
    },
  };
  const known = await new Book({ ...parts, store: late }).learn(two.introduction, "c");
  equal(known.behalf.serial, 3);
  equal((await fast.recall(two.behalf))?.behalf.serial, 3);
});

Deno.test("a user id cannot write to the reader's terminal", async () => {
  const { parts, pod, alice } = await setUp();
  const inspect: Pgp["inspect"] = async (certificate) => {
    const info = await parts.pgp.inspect(certificate);
    return { ...info, userIds: ["mallory\u001b[2J\u202e", ...Array(50).fill("x".repeat(9999))] };
  };
  const book = new Book({ ...parts, pgp: { ...parts.pgp, inspect } });
  await book.learn((await pod()).introduction, "m");
  const { userIds } = (await book.person(alice.fingerprint))!;
  equal(userIds[0], "mallory?[2J?");
  ok(userIds.length <= 8 && userIds[1]!.length <= 200);
});
