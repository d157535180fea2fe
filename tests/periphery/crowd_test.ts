/**
 * A letter to more people than one turn of a pod takes, while the process dies: each of them has it
 * in the outbox once.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PeriError } from "../../runtime/model/errors.ts";
import type { Crash } from "../../runtime/testing/house.ts";
import { type Home, ownerOf, Town } from "./town.ts";

/** Three turns of the hey pod. */
const PEOPLE = Array.from(
  { length: 250 },
  (_, at) => (at + 256).toString(16).toUpperCase().padStart(40, "F"),
);

/** Recipients of all messages that wait, as often as they do. */
function recipients({ disk }: Home): string[] {
  return disk.rows().filter(({ key }) => key[3] === "outbox").map(({ key }) => String(key[4]))
    .sort();
}

/** Whether the hey pod has nothing left to do. */
function isQuiet({ disk }: Home): boolean {
  const isWork = (key: readonly unknown[]) =>
    key[3] === "inbox" || key[3] === "state" && key[4] === "sdk:spread";
  return !disk.rows().some(({ key }) => isWork(key));
}

/** Writes one letter to all, again when the process died before it was kept; commits it took. */
async function tell(crash?: Crash): Promise<{ commits: number; deaths: number }> {
  await using town = new Town();
  const alice = await town.settle("alice");
  await alice.hey("group", "world", "add", ...PEOPLE);
  alice.crashAfter(...crash === undefined ? [] : [crash]);
  await town.until(async () => {
    if (!alice.isRunning) await alice.open();
    const deaths = alice.deaths;
    let isKept = false;
    const writing = write(alice).then(() => isKept = true, (thrown) => {
      if (!(thrown instanceof PeriError)) throw thrown;
    });
    await town.until(() => isKept || alice.deaths > deaths, "it is kept, or the process dies");
    void writing;
    return isKept && alice.isRunning;
  }, "the letter is kept");
  await town.until(async () => {
    if (!alice.isRunning) await alice.open();
    return isQuiet(alice);
  }, "the pod has posted everything");
  const { commits, deaths } = alice;
  assert.deepEqual(recipients(alice), [...PEOPLE].sort(), JSON.stringify(crash));
  assert.equal((await alice.letters("sent")).length, 1);
  return { commits, deaths };
}

async function write(alice: Home): Promise<void> {
  if ((await alice.letters("sent")).length === 0) await alice.hey("leave-message", "@world", "hi");
}

Deno.test("a letter to hundreds is posted to each once, whichever commit the process dies at", async () => {
  const { commits: all } = await tell();
  let crashes = 0;
  const step = Math.ceil(all / 12);
  const places = new Set([1, 2, 3, all - 2, all - 1, all]);
  for (let commits = step; commits < all; commits += step) places.add(commits);
  for (const commits of places) {
    for (const isHeard of [true, false]) crashes += (await tell({ commits, isHeard })).deaths;
  }
  assert.ok(crashes >= places.size, `${crashes} crashes`);
});

Deno.test("a letter to several people has a fate of its own at each", async () => {
  await using town = new Town();
  const [alice, bob, carol] = [
    await town.settle("alice"),
    await town.settle("bob"),
    await town.settle("carol"),
  ];
  await town.befriend(alice, bob);
  await town.befriend(alice, carol);
  const nobody = "D".repeat(40);
  const wanted = `bob,carol,${ownerOf(bob)},${nobody}`;
  assert.deepEqual(await alice.hey("leave-message", wanted, "hello"), [
    "left for bob, carol and DDDDDDDD… (waits until their servers take it)",
  ]);
  const tally = async () => (await alice.letters("sent"))[0]!.recipients;
  await town.until(
    async () => (await tally() as { delivered: number }).delivered === 2,
    "two have it",
  );
  for (const house of [bob, carol]) {
    assert.deepEqual((await house.letters()).map(({ start }) => start), ["hello"]);
  }
  await town.clock.advance(8 * 86_400_000);
  await town.until(
    async () => (await tally() as { failed: number }).failed === 1,
    "the third is given up",
  );
  assert.deepEqual(await tally(), { all: 3, delivered: 2, failed: 1 });
  assert.match((await alice.hey("list", "--sent"))[0]!, / ! .* delivered 2 of 3, 1 failed /);
});
