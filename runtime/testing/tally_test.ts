/**
 * A pod that remembers in fields and finds by indexes, on whole peripheries.
 *
 * @module
 */

import assert from "node:assert/strict";
import Tally from "../../tests/pods/tally/pod.ts";
import { openVillage, type Village, type Villager } from "./mod.ts";

const TALLY = new URL("../../tests/pods/tally", import.meta.url);

async function tallies(village: Village): Promise<[Villager, Villager]> {
  const [alice, bob] = await village.friends("alice", "bob");
  for (const person of [alice, bob]) await person.install(TALLY);
  return [alice, bob];
}

const out = async (person: Villager, ...words: string[]) =>
  (await person.run("tally", ...words)).out.trim();

Deno.test("fields and indexes last, through restarts and new versions", async () => {
  await using village = openVillage();
  const [alice] = await tallies(village);
  for (const [at, label] of ["owl", "fox", "owl"].entries()) {
    assert.equal(await out(alice, "add", label, "--weight", `${at + 4}`), `${at + 1}`);
  }
  await out(alice, "entitle", "Animals");
  const check = async () => {
    assert.equal(await out(alice, "about"), "Animals: 3 of owl and fox, last owl");
    assert.equal(await out(alice, "labelled", "owl"), "2");
    const { out: rows } = await alice.run("tally", "heaviest", "--limit", "2", "--json");
    assert.deepEqual(rows.trim().split("\n").map((row) => JSON.parse(row).weight), [6, 5]);
  };
  await check();
  await alice.restart();
  await check();
  await alice.install(TALLY);
  await check();
});

Deno.test("a call that ends with an error of its own changes neither field nor row", async () => {
  await using village = openVillage();
  const [alice, bob] = await tallies(village);
  for (let n = 0; n < 20; n++) await out(alice, "add", "owl");
  assert.match((await alice.run("tally", "add", "fox")).err, /too-many|TooMany|20/);
  const { err } = await bob.run("tally", "add", "fox", "--of", "alice");
  assert.match(err, /20/);
  assert.equal(await out(alice, "about"), "none: 20 of owl, last owl");
  assert.equal(await out(alice, "labelled", "fox"), "0");
});

Deno.test("a run that waits for another pod goes on with what others left in fields", async () => {
  for (const isRestarted of [false, true]) {
    await using village = openVillage();
    const [alice, bob, carol] = await village.friends("alice", "bob", "carol");
    for (const person of [alice, bob, carol]) await person.install(TALLY);
    village.cut(alice, bob);
    const together = carol.peer(Tally, bob).together("alice", "owl");
    await village.advance(1_000);
    assert.equal(await out(bob, "about"), "none: 1 of owl, last owl");
    if (isRestarted) await bob.restart();
    await out(bob, "add", "fox");
    if (isRestarted) await bob.restart();
    village.heal(alice, bob);
    await village.advance(60_000);
    assert.deepEqual(await together, [1, 2]);
    assert.equal(await out(bob, "about"), "none and owl: 2 of owl and fox, last fox");
    assert.equal(await out(alice, "about"), "none: 1 of owl, last owl");
    assert.deepEqual(village.errors, []);
  }
});
