/**
 * Streams between two peripheries: many answers to one call, as the pods on both sides see them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { hasReaders, heard, hears, leftovers, settleTickers, tick, who } from "./ticker.ts";
import { Town } from "./town.ts";

Deno.test("a subscription gives many answers, numbered and in order, until its pod ends it", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await tick(alice, "follow", who(bob), "tides");
  await hasReaders(bob, 1);
  for (let n = 1; n <= 5; n++) await tick(bob, "tell", "tides", `${n * 10}`);
  await tick(bob, "close", "tides");
  assert.deepEqual(await hears(alice, 6), [
    ...[10, 20, 30, 40, 50].map((item, index) => ({ about: "tides", item, index })),
    { about: "tides", end: true },
  ]);
  await town.until(() => leftovers(alice, bob).length === 0, "nothing is left");
  assert.deepEqual(town.errors, []);
});

Deno.test("a long list comes in pages, and the last line is followed by the end", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await tick(alice, "lines", who(bob), "1500");
  const lines = await hears(alice, 1_501);
  assert.deepEqual(
    lines.slice(0, -1).map(({ item, index }) => [item, index]),
    Array.from({ length: 1_500 }, (_, at) => [`line ${at + 1}`, at]),
  );
  assert.deepEqual(lines.at(-1), { about: "lines", end: true });
  await town.until(() => leftovers(alice, bob).length === 0, "nothing is left");
});

Deno.test("a long list goes on through restarts of either side, and a reader that is down", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await tick(alice, "lines", who(bob), "1200");
  for (const count of [100, 400, 700, 1_000]) {
    await hears(alice, count);
    bob.kill();
    await bob.open();
    await alice.stop();
    await town.clock.advance(60_000);
    const waiting = bob.disk.rows().filter(({ key }) => key[3] === "outbox").length;
    assert.ok(waiting <= 400, `${waiting} lines wait for a reader that is down`);
    await alice.open();
  }
  const lines = await hears(alice, 1_201);
  assert.deepEqual(lines.map(({ index }) => index), [...Array(1_200).keys(), undefined]);
  assert.equal(lines.at(-1)?.end, true);
  await town.until(() => leftovers(alice, bob).length === 0, "nothing is left");
});

Deno.test("a long list that its reader cancels is not gone on with", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await tick(alice, "lines", who(bob), "100000");
  await hears(alice, 100);
  await tick(alice, "stop", "lines");
  await town.until(() => leftovers(alice, bob).length === 0, "nothing is left");
  const { length } = await heard(alice);
  await town.clock.advance(60_000);
  assert.equal((await heard(alice)).length, length);
  assert.ok(length < 5_000, `${length} lines were given`);
  const rest = bob.disk.rows().filter(({ key }) => key[3] === "state" && key[4] === "sdk:pages");
  assert.deepEqual(rest, []);
});

Deno.test("who cancels hears nothing more, and who answers is told", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await tick(alice, "follow", who(bob), "tides");
  await hasReaders(bob, 1);
  await tick(bob, "tell", "tides", "1");
  await hears(alice, 1);
  await tick(alice, "stop", "tides");
  await tick(bob, "tell", "tides", "2");
  await hasReaders(bob, 0, 1);
  await town.rest();
  assert.equal((await heard(alice)).length, 1);
  assert.deepEqual(leftovers(alice, bob), []);
});

Deno.test("following again with the same key takes the place of the first", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await tick(alice, "follow", who(bob), "tides");
  await hasReaders(bob, 1);
  await tick(alice, "follow", who(bob), "tides");
  await hasReaders(bob, 1, 1);
  await tick(bob, "tell", "tides", "7");
  assert.deepEqual(await hears(alice, 1), [{ about: "tides", item: 7, index: 0 }]);
  await tick(alice, "stop", "tides");
  await hasReaders(bob, 0, 2);
  await town.until(() => leftovers(alice, bob).length === 0, "nothing is left");
});

Deno.test("a stream past its deadline ends on both sides", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await tick(alice, "follow", who(bob), "tides", "--ms", "60000");
  await hasReaders(bob, 1);
  await tick(bob, "tell", "tides", "1");
  await hears(alice, 1);
  await town.clock.advance(61_000);
  const [, last] = await hears(alice, 2);
  assert.equal(last?.error?.kind, "expired");
  await hasReaders(bob, 0, 1);
  await town.until(() => leftovers(alice, bob).length === 0, "nothing is left");
});

Deno.test("a broadcast reaches everybody, whoever they are", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  for (const topic of ["a", "b", "c"]) await tick(alice, "follow", who(bob), topic);
  await hasReaders(bob, 3);
  await tick(bob, "tell-all", "9");
  const told = (await hears(alice, 3)).map(({ about, item }) => `${about} ${item}`).sort();
  assert.deepEqual(told, ["a 9", "b 9", "c 9"]);
});

Deno.test("a hundred streams end in one run", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await tick(alice, "follow-many", who(bob), "100");
  await hasReaders(bob, 100);
  await tick(bob, "tell-all", "3");
  await hears(alice, 100);
  await tick(bob, "close", "tides");
  assert.equal((await hears(alice, 200)).filter(({ end }) => end).length, 100);
  await town.until(() => leftovers(alice, bob).length === 0, "nothing is left");
});

Deno.test("an answer of another type, or to a stream that is not there, is refused", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await tick(alice, "follow", who(bob), "wrong");
  const [wrong] = await hears(alice, 1);
  assert.equal(wrong?.error?.kind, "invalid");
  const handle = `${who(alice)}/ticker/${"A".repeat(22)}`;
  await assert.rejects(tick(bob, "send-to", handle), { kind: "invalid" });
  await assert.rejects(tick(bob, "send-to", "nonsense"), { kind: "invalid" });
});
