/**
 * A subscription while processes die: whichever commit is a process's last, every answer is heard
 * once and in order, and in the end nothing of the stream is left on either side.
 *
 * @module
 */

import assert from "node:assert/strict";
import { heard, hears, leftovers, settleTickers, who } from "./ticker.ts";
import type { Crash } from "../../runtime/testing/house.ts";
import { lines, raise } from "./mortal.ts";
import { type Home, Town } from "./town.ts";

/** When which of two processes dies. */
interface Plan {
  readonly alice?: Crash;
  readonly bob?: Crash;
  /** How the stream ends. */
  readonly end: "close" | "stop";
}

/** Tells the story of one subscription; whether every planned crash has come. */
async function tell(plan: Plan): Promise<boolean> {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  if (plan.alice) alice.crashAfter(plan.alice);
  if (plan.bob) bob.crashAfter(plan.bob);
  const label = JSON.stringify(plan);
  await type(alice, ["follow-once", who(bob), "tides"]);
  await until(
    alice,
    bob,
    async () => (await lines(bob, "ticker", "readers"))?.[0] === "1 0",
    label,
  );
  for (const n of ["1", "2", "3"]) await type(bob, ["tell-once", "tides", n]);
  await until(
    alice,
    bob,
    async () => ((await lines(alice, "ticker", "heard"))?.length ?? 0) >= 3,
    label,
  );
  if (plan.end === "close") await type(bob, ["close", "tides"]);
  else await type(alice, ["stop", "tides"]);
  const count = plan.end === "close" ? 4 : 3;
  await until(alice, bob, async () => {
    const readers = (await lines(bob, "ticker", "readers"))?.[0]?.split(" ")[0];
    const said = await lines(alice, "ticker", "heard");
    return readers === "0" && said?.length === count && leftovers(alice, bob).length === 0;
  }, label);
  const planned = (plan.alice ? 1 : 0) + (plan.bob ? 1 : 0);
  const isAsPlanned = alice.deaths + bob.deaths === planned;
  for (const house of [alice, bob]) house.crashAfter();
  await raise(alice);
  const all = await hears(alice, count);
  const items = all.slice(0, 3).map(({ item, index }) => [item, index]);
  assert.deepEqual(items, [[1, 0], [2, 1], [3, 2]], label);
  if (plan.end === "close") assert.equal(all[3]?.end, true, label);
  await town.rest();
  assert.equal((await heard(alice)).length, count, label);
  assert.deepEqual(town.errors, [], label);
  return isAsPlanned;
}

/** Types a command until a process has lived to answer it. */
async function type(house: Home, argv: readonly string[]): Promise<void> {
  while (await lines(house, "ticker", ...argv) === undefined);
}

async function until(
  alice: Home,
  bob: Home,
  isSo: () => Promise<boolean>,
  what: string,
): Promise<void> {
  await alice.town.until(async () => {
    await Promise.all([raise(alice), raise(bob)]);
    return await isSo();
  }, what);
}

for (const end of ["close", "stop"] as const) {
  for (const who of ["alice", "bob"] as const) {
    for (const isHeard of [true, false]) {
      const how = isHeard ? "and it knows" : "and it does not know";
      Deno.test(`a stream that ends with ${end} survives ${who}'s death at any commit, ${how}`, async () => {
        let commits = 1;
        while (await tell({ end, [who]: { commits, isHeard } })) commits++;
        assert.ok(commits > 5, `only ${commits - 1} commits were tried`);
      });
    }
  }
}

Deno.test("a stream survives the death of both processes after any of their commits", async () => {
  for (let alice = 1; alice <= 6; alice++) {
    for (let bob = 1; bob <= 6; bob++) {
      const isHeard = (alice + bob) % 2 === 0;
      const end = alice % 2 === 0 ? "close" : "stop";
      await tell({ end, alice: { commits: alice, isHeard }, bob: { commits: bob, isHeard } });
    }
  }
});
