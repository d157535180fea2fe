/**
 * Runs that await other pods, over several peripheries in memory.
 *
 * @module
 */

import assert from "node:assert/strict";
import { leftovers, who } from "./ticker.ts";
import { type Home, Town } from "./town.ts";

/** Three friends with relay pods. */
async function settle(town: Town): Promise<[alice: Home, bob: Home, carol: Home]> {
  const homes: Home[] = [];
  for (const name of ["alice", "bob", "carol"]) homes.push(await town.settle(name));
  const [alice, bob, carol] = homes as [Home, Home, Home];
  await town.befriend(alice, bob);
  await town.befriend(bob, carol);
  await town.befriend(alice, carol);
  for (const house of homes) await house.install("relay");
  await town.rest(5);
  return [alice, bob, carol];
}

async function relay(house: Home, ...argv: string[]): Promise<string[]> {
  return (await house.visit("pod.run", { pod: "relay", argv })).lines;
}

const done = (house: Home) => relay(house, "done");

/** Keys of all that houses keep of runs that wait. */
function runsOf(...houses: readonly Home[]): string[] {
  return houses.flatMap(({ disk }) => disk.rows())
    .filter(({ key }) => key[3] === "state" && key[4] === "sdk:runs")
    .map(({ key }) => key.join(" "));
}

/** Nothing of mail, calls and runs is left, but for the count of runs. */
async function isClean(town: Town, ...houses: readonly Home[]): Promise<void> {
  await town.until(() => leftovers(...houses).length === 0, "nothing is left");
  assert.deepEqual(runsOf(...houses), []);
  assert.deepEqual(town.errors, []);
}

Deno.test("a verb awaits a function that awaits a third pod", async () => {
  await using town = new Town();
  const [alice, bob, carol] = await settle(town);
  const said = relay(alice, "chain", "hello", who(bob), who(carol), who(alice));
  assert.deepEqual(await arrives(town, said), ["heard hello!!"]);
  assert.deepEqual(await done(bob), ["000001: ask 1 hello", "000002: told 1 heard hello!"]);
  assert.deepEqual(await done(carol), ["000001: ask 0 hello", "000002: told 0 heard hello"]);
  assert.deepEqual(await done(alice), ["000001: echo hello"]);
  await isClean(town, alice, bob, carol);
});

Deno.test("many are awaited at once, and those who refuse are a refusal of their kind", async () => {
  await using town = new Town();
  const [alice, bob, carol] = await settle(town);
  const said = relay(alice, "gather", "hi", who(bob), who(carol), "nobody");
  assert.deepEqual(await arrives(town, said), ["heard hi", "heard hi", "not-found"]);
  const refused = relay(alice, "gather", "refuse", who(bob));
  assert.deepEqual(await arrives(town, refused), ["denied"]);
  await isClean(town, alice, bob, carol);
});

Deno.test("a stream is awaited item by item, and left when there is enough", async () => {
  await using town = new Town();
  const [alice, bob] = await settle(town);
  assert.deepEqual(await arrives(town, relay(alice, "count", who(bob), "100", "1000")), ["5050"]);
  assert.deepEqual(await arrives(town, relay(alice, "count", who(bob), "1000", "3")), ["6"]);
  await isClean(town, alice, bob);
});

Deno.test("a deadline ends every run that works for a call, the last first, and tells why", async () => {
  await using town = new Town();
  const [alice, bob] = await settle(town);
  const said = alice.refusal("pod.run", { pod: "relay", argv: ["hold", who(bob), "5000"] });
  const { kind } = await arrives(town, said);
  assert.equal(kind, "not-found", "the last waited for somebody who is nowhere");
  assert.deepEqual(await done(alice), ["000001: waits"]);
  await isClean(town, alice, bob);
});

Deno.test("whoever interrupts a verb ends the runs at the other pods", async () => {
  await using town = new Town();
  const [alice, bob] = await settle(town);
  const abort = new AbortController();
  const argv = ["hold", who(bob), "30000"];
  const said = alice.visit("pod.run", { pod: "relay", argv }, { interrupted: abort.signal });
  said.catch(() => {});
  await town.until(async () => (await done(alice)).includes("000001: waits"), "all wait");
  assert.equal(runsOf(alice, bob).length, 6, "of both a run, its call, its journal");
  abort.abort();
  const startMs = town.clock.nowMs();
  await town.until(() => runsOf(alice, bob).length === 0, "no run waits any more");
  assert.ok(town.clock.nowMs() - startMs < 10_000, "before their time has passed");
  // What was posted to nobody waits until it expires.
  const left = () => leftovers(alice, bob).filter((key) => !key.includes("DDDD"));
  await town.until(() => left().length === 0, "no call is open");
});

/** What comes when time passes. */
async function arrives<Value>(town: Town, coming: Promise<Value>): Promise<Value> {
  let isThere = false;
  coming.finally(() => isThere = true).catch(() => {});
  await town.until(() => isThere, "it arrives");
  return await coming;
}
