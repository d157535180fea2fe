import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { type TestPerson, type TestServer, Village } from "../../tests/helpers/village.ts";
import { parsePodName, type PodRef } from "../model/words.ts";
import { parseBehalf } from "../identity/behalf.ts";
import { openKeysmith } from "../adapters/openpgp.ts";
import type { Bytes } from "../model/bytes.ts";
import { MAX_NOTICES_PER_MINUTE, MAX_PASSED_ON_PER_FRIEND } from "../model/limits.ts";
import { BookAnswers, MAX_PAGES } from "./answer.ts";
import { peripheryOf } from "./friends.ts";
import { FROM_SELF } from "./told.ts";
import { decodePage, decodeWho, encodeNotice, encodeSignedNotice } from "./wire.ts";

const BOB = "http://bob.example";

function refOf(person: TestPerson, pod: string): PodRef {
  return { person: person.fingerprint, pod: parsePodName(pod) };
}

/** Everything a server publishes, page by page. */
async function readAll({ directory }: TestServer) {
  const pages: string[][] = [];
  for (let [after, isLast] = [0, false]; !isLast;) {
    const page = decodePage(await directory.answers.book(after));
    pages.push(page.entries.map(({ document }) => parseBehalf(document).pod));
    [after, isLast] = [page.through, page.isLast];
  }
  return pages;
}

/** Pods of a person at a server come to be known. */
async function tell(
  village: Village,
  { directory: { book } }: TestServer,
  { of, at, from }: { of: TestPerson; at: string; from: string },
  ...pods: string[]
) {
  for (const pod of pods) {
    const { introduction } = await village.pod(of, { pod, endpoint: at });
    await book.learn(introduction, from);
  }
}

Deno.test("of its own people all pods are published, of friends' people their hey pods alone", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  const bob = await village.person("bob");
  await tell(village, alice, { of: alice.owner, at: alice.url, from: FROM_SELF }, "git", "hey");
  const bobs = { of: bob, at: BOB, from: `friend ${BOB}` };
  await tell(village, alice, bobs, "git", "hey", "photos");
  const pods = (await readAll(alice)).flat();
  deepEqual(pods.toSorted(), ["git", "hey", "hey", "periphery"]);
  const who = async (ref: PodRef) => decodeWho(await alice.directory.answers.who(ref));
  ok((await who(refOf(alice.owner, "git"))).entry);
  ok((await who(refOf(bob, "hey"))).entry);
  deepEqual(await who(refOf(bob, "git")), {});
  deepEqual(await who(refOf(bob, "unknown")), {});
});

// A flood of fingerprints that a server has heard of would else fill the books of all its friends.
Deno.test("whom only strangers or friends of friends have told of is not passed on, and told when asked", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  for (const [name, from] of [["bob", "bob himself"], ["carol", "friend http://dave.example"]]) {
    const of = await village.person(name!);
    await tell(village, alice, { of, at: `http://${name}.example`, from: from! }, "hey");
    ok(decodeWho(await alice.directory.answers.who(refOf(of, "hey"))));
  }
  deepEqual((await readAll(alice)).flat(), ["periphery"]);
});

Deno.test("of a friend's people a bounded number is passed on", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  const key = ["told", `passed on, friend ${BOB}`];
  await alice.store.commit({ puts: [{ key, value: MAX_PASSED_ON_PER_FRIEND - 1 }] });
  for (const name of ["one", "other"]) {
    const of = await village.person(name);
    await tell(village, alice, { of, at: BOB, from: `friend ${BOB}` }, "hey");
    // What was passed on before goes on being so, although the number is reached.
    const { introduction } = await village.pod(of, { endpoint: BOB, serial: 2 });
    await alice.directory.book.learn(introduction, `friend ${BOB}`);
  }
  equal((await readAll(alice)).flat().filter((pod) => pod === "hey").length, 1);
  equal((await alice.store.get(key))?.value, MAX_PASSED_ON_PER_FRIEND);
});

Deno.test("what has changed after a place is read alone, a revocation of whom is passed on too", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  const smith = openKeysmith(village.clock);
  const bob = await village.person("bob");
  await tell(village, alice, { of: bob, at: BOB, from: `friend ${BOB}` }, "hey");
  const read = async (after: number) => decodePage(await alice.directory.answers.book(after));
  const { through, entries: [, hey] } = await read(0);
  deepEqual(await read(through), { entries: [], through, isLast: true });
  const why = { reason: "compromised", text: "" } as const;
  const revocation = await smith.revoke(bob.secretKey, why);
  const certificate = await smith.withRevocation(bob.certificate, revocation);
  const told = { ...hey!, certificate };
  await rejects(alice.directory.book.learn(told, `friend ${BOB}`), { kind: "denied" });
  const { entries } = await read(through);
  equal(entries.length, 1);
  equal((await village.pgp.inspect(entries[0]!.certificate)).revoked, true);
  await rejects(alice.directory.book.learn(told, `friend ${BOB}`), { kind: "denied" });
  equal((await read(through)).entries.length, 1);
});

Deno.test("a friend's notices are taken at a pace, which nobody else can use up", async () => {
  await using village = new Village();
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  await village.befriend(alice, bob);
  await village.inStep(alice, bob);
  const send = async (signer: Bytes) => {
    const notice = encodeNotice({
      from: peripheryOf(bob.owner.fingerprint),
      to: alice.url,
      sentMs: village.clock.nowMs(),
      entries: [],
    });
    const signature = await village.pgp.sign(signer, notice);
    return await alice.directory.answers.notice(encodeSignedNotice({ notice, signature }));
  };
  const mallory = await village.pod(await village.person("mallory"));
  await village.clock.advance(60_000);
  for (let n = 0; n < MAX_NOTICES_PER_MINUTE + 5; n++) {
    await rejects(send(mallory.secretKey), { kind: "denied" });
  }
  for (let n = 0; n < MAX_NOTICES_PER_MINUTE; n++) await send(bob.periphery.secretKey);
  await rejects(send(bob.periphery.secretKey), { kind: "busy" });
  await village.clock.advance(1_000);
  await send(bob.periphery.secretKey);
});

Deno.test("what has expired is not published", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  const bob = await village.person("bob");
  await tell(village, alice, { of: bob, at: BOB, from: `friend ${BOB}` }, "hey");
  await village.clock.advance(31 * 86_400_000);
  deepEqual((await readAll(alice)).flat(), []);
});

Deno.test("a long book is read in pages, each entry once", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  const key = await village.pgp.makePodKey("peri pod many");
  const names = Array.from({ length: 150 }, (_, index) => `p${String(index).padStart(3, "0")}`);
  for (const pod of names) {
    const { introduction } = await village.pod(alice.owner, { pod, key });
    await alice.directory.book.learn(introduction, "this server");
  }
  const pages = await readAll(alice);
  deepEqual(pages.map(({ length }) => length), [64, 64, 23]);
  deepEqual(pages.flat(), ["periphery", ...names]);
});

Deno.test("a flood of readers is answered, and a few pages are read at once", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  const { places } = alice.directory.book;
  const all = places.all.bind(places);
  let [now, most, rows] = [0, 0, 0];
  places.all = async (after, limit) => {
    [now, rows] = [now + 1, Math.max(rows, limit)];
    most = Math.max(most, now);
    return await all(after, limit).finally(() => now--);
  };
  const asked = Array.from({ length: 50 }, () => alice.directory.answers.book(0));
  for (const one of await Promise.all(asked)) equal(decodePage(one).entries.length, 1);
  deepEqual([most, now], [MAX_PAGES, 0]);
  ok(rows <= 100);
});

Deno.test("a server without an owner says so and takes no notice", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  const answers = new BookAnswers({
    book: alice.directory.book,
    friends: alice.directory.friends,
    pgp: village.pgp,
    clock: village.clock,
    self: () => undefined,
    isHosted: () => false,
    heard: () => {},
  });
  await rejects(answers.hello(), { kind: "not-found" });
  await rejects(answers.notice(new Uint8Array(0)), { kind: "damaged" });
});
