/**
 * Servers become friends, people have names, and friendship ends.
 *
 * @module
 */

import assert from "node:assert/strict";
import { formatFingerprint } from "../../runtime/model/words.ts";
import { type Home, ownerOf, Town } from "./town.ts";

async function neighbours(town: Town): Promise<[Home, Home]> {
  return [await town.settle("alice"), await town.settle("bob")];
}

Deno.test("a friend is added after a look at the fingerprint, and gets a name", async () => {
  await using town = new Town();
  const [alice, bob] = await neighbours(town);
  const visitor = await alice.visit("friend.add", { url: bob.url, name: "bob" });
  assert.deepEqual(visitor.asked, [{
    confirm: "Is this the fingerprint they gave you?",
    details: [`${bob.url} belongs to`, formatFingerprint(ownerOf(bob))],
  }]);
  assert.deepEqual(visitor.items, [{ url: bob.url, owner: ownerOf(bob), name: "bob" }]);
  assert.deepEqual(visitor.notes, [`asking ${bob.url} who owns it`]);
  const nowMs = town.clock.nowMs();
  const friend = {
    name: "bob",
    url: bob.url,
    owner: ownerOf(bob),
    claims: ["bob <bob@example.org>"],
    addedMs: nowMs,
    heardMs: nowMs,
    readMs: nowMs,
    untold: 2,
    untoldSinceMs: nowMs,
    tells: 2,
    passesOn: 0,
    trouble: "its owner has not added this server as a friend",
  };
  await town.rest();
  assert.deepEqual((await alice.visit("friend.list")).items, [friend]);
  await alice.restart();
  await town.rest();
  assert.deepEqual((await alice.visit("friend.list")).items, [friend]);
  await bob.visit("friend.add", { url: alice.url });
  await town.rest();
  const { toldMs, trouble, untold } = (await alice.visit("friend.list")).items[0]!;
  assert.deepEqual([toldMs, untold, trouble], [nowMs, 0, undefined]);
});

Deno.test("whoever says whose server it must be is not asked, and an impostor is denied", async () => {
  await using town = new Town();
  const [alice, bob] = await neighbours(town);
  const impostor = await alice.refusal("friend.add", { url: bob.url, owner: ownerOf(alice) });
  assert.equal(impostor.kind, "denied");
  assert.equal(impostor.subject, `${bob.url} belongs to ${ownerOf(bob)}, not to ${ownerOf(alice)}`);
  const owner = formatFingerprint(ownerOf(bob)).toLowerCase();
  const visitor = await alice.visit("friend.add", { url: `${bob.url}/`, owner }, { yes: false });
  assert.deepEqual([visitor.asked, visitor.items.length], [[], 1]);
});

Deno.test("a no, a name that is refused, or no hey pod to keep it: nothing has happened", async () => {
  await using town = new Town();
  const bob = await town.settle("bob");
  const alice = await town.build("alice", await town.person("alice"));
  await alice.claim();
  const none = await alice.refusal("friend.add", { url: bob.url, name: "bob" });
  assert.deepEqual([none.kind, none.hint], ["not-found", "peri pod install hey"]);
  await alice.install("hey");
  const no = await alice.refusal("friend.add", { url: bob.url }, { yes: false });
  assert.deepEqual([no.kind, no.subject], ["denied", `${bob.url}: you said no`]);
  for (const name of ["not a name", "", "deadbeef", "-x"]) {
    const refused = await alice.refusal("friend.add", { url: bob.url, name });
    assert.equal(refused.kind, "invalid", name);
  }
  assert.deepEqual((await alice.visit("friend.list")).items, []);
  assert.match((await alice.hey("names"))[0]!, /^no names/);
});

Deno.test("a server that is down, is nobody's, or is no server is no friend", async () => {
  await using town = new Town();
  const [alice] = await neighbours(town);
  await town.build("nobody");
  const kinds = [];
  for (
    const url of ["http://down.example", "http://nobody.example", "ftp://x.example", "bob", ""]
  ) {
    kinds.push((await alice.refusal("friend.add", { url })).kind);
  }
  assert.deepEqual(kinds, ["unreachable", "not-found", "invalid", "invalid", "invalid"]);
});

Deno.test("nobody becomes a friend twice, and a name given then is not set", async () => {
  await using town = new Town();
  const [alice, bob] = await neighbours(town);
  await alice.visit("friend.add", { url: bob.url });
  const visitor = alice.comes();
  const add = alice.periphery.desk.operations.get("friend.add")!;
  await assert.rejects(visitor.ask(add, { url: bob.url, name: "bob" }), { kind: "exists" });
  assert.deepEqual(visitor.asked, []);
  assert.match((await alice.hey("names"))[0]!, /^no names/);
  assert.equal((await alice.visit("friend.list")).items.length, 1);
});

Deno.test("a friend is removed by address, owner or name, after a question", async () => {
  await using town = new Town();
  const [alice, bob] = await neighbours(town);
  const ways = [bob.url, `${bob.url}/`, ownerOf(bob), "bob", " Bob "];
  for (const friend of [...ways, formatFingerprint(ownerOf(bob)).toLowerCase()]) {
    await alice.visit("friend.add", { url: bob.url, name: "bob" });
    const no = await alice.refusal("friend.remove", { friend }, { yes: false });
    assert.equal(no.kind, "denied", friend);
    const visitor = await alice.visit("friend.remove", { friend });
    assert.deepEqual(visitor.items, [{ url: bob.url, owner: ownerOf(bob) }], friend);
    assert.deepEqual((await alice.visit("friend.list")).items, []);
  }
  for (const friend of [bob.url, "bob", "nobody", ownerOf(alice)]) {
    assert.equal((await alice.refusal("friend.remove", { friend })).kind, "not-found", friend);
  }
});

Deno.test("a friend that was removed is told nothing more", async () => {
  await using town = new Town();
  const [alice, bob] = await neighbours(town);
  await town.befriend(alice, bob);
  await town.rest();
  await alice.visit("friend.remove", { friend: "bob" });
  await alice.install("probe");
  await town.clock.advance(60_000);
  const [known] = (await bob.visit("who", { text: "alice" })).items;
  assert.deepEqual((known!.pods as { pod: string }[]).map(({ pod }) => pod), ["hey", "periphery"]);
});

Deno.test("who tells names, claims, server and pods, and from whom it knows", async () => {
  await using town = new Town();
  const [alice, bob] = await neighbours(town);
  await town.befriend(alice, bob);
  await town.rest();
  const [bobs] = (await alice.visit("who", { text: "bob" })).items;
  assert.deepEqual(
    [bobs!.person, bobs!.fingerprint, bobs!.names, bobs!.claims, bobs!.server],
    [
      ownerOf(bob),
      formatFingerprint(ownerOf(bob)),
      ["bob"],
      ["bob <bob@example.org>"],
      bob.url,
    ],
  );
  const pods = bobs!.pods as Record<string, unknown>[];
  assert.deepEqual(pods.map(({ pod, serial, inForce, from }) => ({ pod, serial, inForce, from })), [
    { pod: "hey", serial: 1, inForce: true, from: `friend ${bob.url}` },
    { pod: "periphery", serial: 1, inForce: true, from: `friend ${bob.url}` },
  ]);
  for (const text of [ownerOf(bob), ownerOf(bob).toLowerCase(), "bob@example.org", "BOB"]) {
    assert.equal((await alice.visit("who", { text })).items[0]!.person, ownerOf(bob), text);
  }
  const [self] = (await alice.visit("who", { text: ownerOf(alice) })).items;
  assert.equal((self!.pods as { from: string }[])[0]!.from, "this server");
});

Deno.test("a petname comes before what people claim of themselves", async () => {
  await using town = new Town();
  const [alice, bob] = await neighbours(town);
  const eve = await town.build("eve", await town.person("bob"));
  await eve.claim();
  await town.befriend(alice, bob);
  await alice.visit("friend.add", { url: eve.url });
  await town.rest();
  assert.equal((await alice.visit("who", { text: "bob" })).items[0]!.person, ownerOf(bob));
  await alice.hey("unname", "bob");
  const both = (await alice.visit("who", { text: "bob" })).items;
  const owners = [ownerOf(bob), eve.owner!.fingerprint].sort();
  assert.deepEqual(both.map(({ person }) => person).sort(), owners);
  assert.ok(both.every(({ by, several, from }) => by === "claim" && several && from !== undefined));
  const part = ownerOf(bob).slice(-8).toLowerCase().replace(/(.{4})/g, "$1 ");
  const [bobs] = (await alice.visit("who", { text: `0x${part}` })).items;
  assert.deepEqual([bobs!.person, bobs!.by], [ownerOf(bob), "part"]);
  // To be written to he must be named well.
  const add = await alice.hey("leave-message", ownerOf(bob).slice(0, 8), "hello").catch(String);
  assert.match(String(add), /nobody is called|cannot/);
});

Deno.test("somebody a friend knows is found through the friend", async () => {
  await using town = new Town();
  const [alice, bob] = await neighbours(town);
  const carol = await town.settle("carol");
  await town.befriend(alice, bob);
  await town.befriend(bob, carol);
  await town.rest();
  const [found] = (await alice.visit("who", { text: ownerOf(carol) })).items;
  assert.deepEqual(found!.claims, ["carol <carol@example.org>"]);
  await alice.hey("leave-message", ownerOf(carol), "Bob told me of you");
  await town.until(async () => {
    return (await carol.hey("pending", "--json")).some((line) => line.includes("Bob told me"));
  }, "her greeting is there");
});

Deno.test("nobody is found by what nobody is called", async () => {
  await using town = new Town();
  const [alice] = await neighbours(town);
  const kinds = [];
  for (const text of ["nobody", "F".repeat(40), "", "x".repeat(201)]) {
    kinds.push((await alice.refusal("who", { text })).kind);
  }
  assert.deepEqual(kinds, ["not-found", "not-found", "invalid", "invalid"]);
});

Deno.test("friends are listed and removed while the hey pod is broken", async () => {
  await using town = new Town();
  const [alice, bob] = await neighbours(town);
  await alice.visit("friend.add", { url: bob.url, name: "bob" });
  await town.rest();
  await town.clock.advance(600_000);
  alice.broken.add("hey");
  assert.equal((await alice.visit("friend.list")).items[0]!.owner, ownerOf(bob));
  assert.equal((await alice.visit("who", { text: ownerOf(bob) })).items[0]!.server, bob.url);
  // By a name it must not be guessed who is meant.
  assert.equal((await alice.refusal("who", { text: "bob" })).kind, "internal");
  assert.equal((await alice.refusal("friend.remove", { friend: "bob" })).kind, "internal");
  assert.equal((await alice.visit("friend.remove", { friend: bob.url })).items.length, 1);
});
