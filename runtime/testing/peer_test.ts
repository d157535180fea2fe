import assert from "node:assert/strict";
import { Refusal } from "../../pods/sdk/mod.ts";
import Pond, { NoSuchThing } from "../../tests/pods/pond/pod.ts";
import { openVillage, type Village, type Villager } from "./mod.ts";

const POND = new URL("../../tests/pods/pond", import.meta.url);
const DUCK = { what: "duck", count: 2 };
const CARP = { what: "carp", count: 40, note: "hungry" };

/** Friends with ponds. */
async function ponds(village: Village): Promise<[Villager, Villager]> {
  const [alice, bob] = await village.friends("alice", "bob");
  for (const person of [alice, bob]) await person.install(POND);
  return [alice, bob];
}

Deno.test("methods of a class are called at somebody's pod, with their types", async () => {
  await using village = openVillage();
  const [alice, bob] = await ponds(village);
  const bobs = alice.peer(Pond, bob);
  assert.equal(await bobs.report(DUCK), 1);
  assert.equal(await bobs.report(CARP), 2);
  assert.deepEqual(bob.rows("pond", "seen"), [["carp", CARP], ["duck", DUCK]]);
  assert.deepEqual(alice.rows("pond", "seen"), []);
  assert.equal(await bobs.of("duck"), 2);
});

Deno.test("many answers are taken one by one, and not further than wanted", async () => {
  await using village = openVillage();
  const [alice, bob] = await ponds(village);
  const bobs = alice.peer(Pond, bob);
  for (const one of [DUCK, CARP, { what: "eel", count: 9 }]) await bobs.report(one);
  assert.deepEqual(await Array.fromAsync(bobs.sightings(5)), [CARP, { what: "eel", count: 9 }]);
  for await (const first of bobs.sightings()) {
    assert.deepEqual(first, CARP);
    break;
  }
  assert.deepEqual(village.errors, []);
});

Deno.test("an error is of the class that was thrown", async () => {
  await using village = openVillage();
  const [alice, bob] = await ponds(village);
  await assert.rejects(alice.peer(Pond, bob).of("whale"), (error) => {
    assert.ok(error instanceof NoSuchThing);
    assert.deepEqual(error.data, { what: "whale" });
    return true;
  });
});

Deno.test("a call that cannot arrive ends with its deadline, in the village's time", async () => {
  await using village = openVillage();
  const [alice, bob] = await ponds(village);
  assert.equal(await alice.peer(Pond, bob).count(), 0);
  village.cut(alice, bob);
  const startMs = village.nowMs;
  const call = alice.peer(Pond, bob, { deadlineMs: 60_000 }).count();
  await assert.rejects(call, (error) => error instanceof Refusal && error.kind !== "internal");
  assert.ok(village.nowMs - startMs >= 60_000 && village.nowMs - startMs < 600_000);
});

Deno.test("a pod asks the pods of friends, and verbs nobody wrote show it", async () => {
  await using village = openVillage();
  const [alice, bob] = await ponds(village);
  await alice.run("pond", "report", "duck", "2");
  assert.equal((await bob.run("pond", "report", "eel", "1", "--note", "shy")).out, "1\n");
  assert.equal((await alice.run("pond", "total", "alice", "bob")).out, "2\n");
  const { out } = await alice.run("pond", "sightings", "--of", "bob", "--json");
  assert.deepEqual(JSON.parse(out), { what: "eel", count: 1, note: "shy" });
  const refused = await alice.run("pond", "of", "whale", "--of", "bob");
  assert.equal(refused.code, 2);
  assert.match(refused.err, /whale/);
  assert.deepEqual(await alice.complete("pond", "sigh"), ["sightings"]);
});

Deno.test("a pod under another name is called by that name", async () => {
  await using village = openVillage();
  const [alice, bob] = await ponds(village);
  await bob.install(POND, { as: "lake" });
  await alice.peer(Pond, bob, { name: "lake" }).report(CARP);
  assert.equal(await alice.peer(Pond, bob, { name: "lake" }).count(), 1);
  assert.equal(await alice.peer(Pond, bob).count(), 0);
});

Deno.test("pods of one class under two names stand side by side, and call those of their own name", async () => {
  await using village = openVillage();
  const [alice, bob] = await ponds(village);
  for (const person of [alice, bob]) await person.install(POND, { as: "lake" });
  await alice.run("lake", "report", "carp", "40");
  assert.equal((await bob.run("lake", "total", "alice")).out, "1\n");
  assert.equal((await bob.run("pond", "total", "alice")).out, "0\n");
  assert.match((await bob.run("lake", "sightings", "--of", "alice")).out, /carp/);
  assert.doesNotMatch((await bob.run("pond", "sightings", "--of", "alice")).out, /carp/);
  assert.match((await bob.run("lake", "help")).out, /peri lake report <what>/);
  assert.match((await bob.run("lake", "report")).err, /cannot run lake report: /);
});

Deno.test("a class is called once somebody has installed its pod", async () => {
  class Unknown extends Pond {}
  await using village = openVillage();
  const [alice, bob] = await village.friends("alice", "bob");
  assert.throws(() => alice.peer(Unknown, bob), /somebody installs a pod before/);
});
