import assert from "node:assert/strict";
import { openVillage, type Village, type Villager } from "@peri/testing";
import Photos from "./pod.ts";

/** Friends with photo pods, and hey, where they have given each other their names. */
async function settle<const Names extends readonly string[]>(village: Village, ...names: Names) {
  const people = await village.friends(...names);
  for (const person of people) {
    await person.install("hey");
    await person.install(Photos);
    for (const other of people) if (other !== person) await knows(person, other);
  }
  return people;
}

async function knows(person: Villager, other: Villager): Promise<void> {
  await person.run("hey", "name", other.name, other.fingerprint);
}

async function add(person: Villager, photo: string, bytes: string): Promise<void> {
  assert.deepEqual(await person.pipe(bytes, "photos", "add", photo, "-"), {
    code: 0,
    out: "",
    err: "",
  });
}

/** What came of asking, a friend each. */
async function ask(person: Villager, ...words: string[]): Promise<Record<string, unknown>[]> {
  const { out, err } = await person.run("photos", "friends", ...words, "--json");
  assert.equal(err, "");
  return out.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

const nothing = { photo: null, bytes: null, by: null };
const got = (friend: string, { fingerprint: by }: Villager, bytes: number) => {
  return { friend, photo: `${friend}/pond`, bytes, by, why: null };
};
const byFriend = (came: Record<string, unknown>[]) =>
  came.toSorted((a, b) => String(a.friend) < String(b.friend) ? -1 : 1);

Deno.test("a photo comes from every friend who has it, whole", async () => {
  await using village = openVillage();
  const [alice, bob, , dave] = await settle(village, "alice", "bob", "carol", "dave");
  const large = "large".repeat(200_000);
  await add(bob, "pond", "a duck");
  await add(dave, "pond", large);
  assert.deepEqual(byFriend(await ask(alice, "pond")), [
    got("bob", bob, 6),
    { friend: "carol", ...nothing, why: "no-such-photo" },
    got("dave", dave, 1_000_000),
  ]);
  assert.equal((await alice.run("photos", "show", "dave/pond")).out, large);
  const { out } = await alice.run("photos", "list");
  assert.equal(out, "PHOTO          BYTES\nbob/pond     6 bytes\ndave/pond  976.6 KiB\n");
  assert.deepEqual(await ask(alice, "pond", "--named", "bo"), [got("bob", bob, 6)]);
  assert.deepEqual(village.errors, []);
});

Deno.test("those who cannot answer are told of when the time is over, the others at once", async () => {
  await using village = openVillage();
  const [alice, bob, carol, dave] = await settle(village, "alice", "bob", "carol", "dave");
  const erin = await village.person("erin");
  await village.befriend(alice, erin);
  await knows(alice, erin);
  await add(bob, "pond", "a duck");
  village.cut(alice, carol);
  dave.crash();
  const startMs = village.nowMs;
  const came = await ask(alice, "pond", "--seconds", "30");
  assert.deepEqual(came[0], got("bob", bob, 6));
  assert.deepEqual(byFriend(came).slice(1), [
    { friend: "carol", ...nothing, why: "no-answer" },
    { friend: "dave", ...nothing, why: "no-answer" },
    { friend: "erin", ...nothing, why: "no-photos-pod" },
  ]);
  const tookMs = village.nowMs - startMs;
  assert.ok(tookMs >= 30_000 && tookMs < 40_000, `${tookMs}`);
});

Deno.test("a photo comes by way of a friend, as far as one asks for and no further", async () => {
  await using village = openVillage();
  const people = [];
  for (const name of ["alice", "bob", "carol", "dave", "frank"]) {
    const person = await village.person(name);
    for (const pod of ["hey", Photos]) await person.install(pod);
    const before = people.at(-1);
    if (before !== undefined) {
      await village.befriend(before, person);
      await knows(before, person);
      await knows(person, before);
    }
    people.push(person);
  }
  const [alice, , carol, dave, frank] = people as [
    Villager,
    Villager,
    Villager,
    Villager,
    Villager,
  ];
  const missing = [{ friend: "bob", ...nothing, why: "no-such-photo" }];
  await add(frank, "pond", "an otter");
  assert.deepEqual(await ask(alice, "pond", "--hops", "255"), missing, "four is too far for all");
  await add(dave, "pond", "a swan");
  assert.deepEqual(await ask(alice, "pond", "--hops", "2"), missing);
  assert.deepEqual(await ask(alice, "pond", "--hops", "3"), [got("bob", dave, 6)]);
  await add(carol, "pond", "a heron");
  assert.deepEqual(await ask(alice, "pond", "--hops", "2"), [got("bob", carol, 7)]);
  assert.equal((await alice.run("photos", "show", "bob/pond")).out, "a heron");
  const before = village.nowMs;
  village.cut(carol, people[1]!);
  assert.deepEqual(await ask(alice, "pond", "--hops", "2"), missing, "bob answers before his time");
  assert.ok(village.nowMs - before < 20_000);
});

Deno.test("nobody is asked by a friend whom one asks oneself", async () => {
  await using village = openVillage();
  const [alice, bob, carol] = await settle(village, "alice", "bob", "carol");
  village.cut(bob, carol);
  const startMs = village.nowMs;
  assert.deepEqual(byFriend(await ask(alice, "pond", "--hops", "3")), [
    { friend: "bob", ...nothing, why: "no-such-photo" },
    { friend: "carol", ...nothing, why: "no-such-photo" },
  ]);
  assert.ok(village.nowMs - startMs < 5_000, "nobody has waited for the way that is cut");
});

Deno.test("strangers see nothing, and nobody else has friends asked", async () => {
  await using village = openVillage();
  const [alice, bob] = await settle(village, "alice", "bob");
  const eve = await village.person("eve");
  await village.befriend(eve, alice);
  await village.settle();
  await add(alice, "pond", "a duck");
  const refused = { kind: "denied" };
  const photos = eve.peer(Photos, alice);
  await assert.rejects(Array.fromAsync(photos.list()), refused);
  await assert.rejects(Array.fromAsync(photos.find("pond", 1, [])), refused);
  const wish = { photo: "pond", named: "", hops: 1, waitMs: 1_000 };
  await assert.rejects(Array.fromAsync(bob.peer(Photos, alice).gather(wish)), refused);
  const [piece] = await Array.fromAsync(bob.peer(Photos, alice).find("pond", 0, []));
  assert.equal(new TextDecoder().decode(piece!.bytes), "a duck");
  await assert.rejects(Array.fromAsync(bob.peer(Photos, alice).find("../pond", 0, [])), {
    kind: "invalid",
  });
});

Deno.test("asking goes on after the death of everybody who took part in it", async () => {
  await using village = openVillage();
  const [alice, bob, carol] = await settle(village, "alice", "bob", "carol");
  await add(bob, "pond", "a duck");
  await add(carol, "pond", "a heron");
  village.cut(alice, bob);
  village.cut(alice, carol);
  const asking = ask(alice, "pond", "--seconds", "3000");
  const gone = assert.rejects(asking, /reset|went away/);
  await village.advance(5_000);
  for (const person of [alice, bob, carol]) person.crash();
  await gone;
  for (const person of [alice, bob, carol]) await person.restart();
  assert.equal((await alice.run("photos", "list")).out, "none\n");
  village.heal(alice, bob);
  village.heal(alice, carol);
  await village.advance(2_000_000);
  assert.match((await alice.run("photos", "list")).out, /bob\/pond .*\ncarol\/pond /);
  const { out } = await alice.run("photos", "asked", "pond", "--json");
  assert.deepEqual(out.split("\n").slice(0, -1).map((line) => JSON.parse(line)), [
    got("bob", bob, 6),
    got("carol", carol, 7),
  ]);
});

Deno.test("without hey nobody is known, and that is said soon", async () => {
  await using village = openVillage();
  const alice = await village.person("alice");
  await alice.install(Photos);
  const { code, err } = await alice.run("photos", "friends", "pond");
  assert.equal(code, 3);
  assert.match(err, /hey/);
});
