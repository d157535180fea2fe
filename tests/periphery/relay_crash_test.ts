/**
 * Runs that await other pods while processes die: whichever commit is a process's last, everything
 * happens that happens without a death, once, and in the end nothing is left of the runs.
 *
 * @module
 */

import assert from "node:assert/strict";
import { leftovers, who } from "./ticker.ts";
import type { Crash } from "../../runtime/testing/house.ts";
import { lines, raise } from "./mortal.ts";
import { type Home, Town } from "./town.ts";

const TASKS = {
  /** Alice asks Bob, whose run asks Alice, whose run asks Bob. */
  chain: (alice: Home, bob: Home) => ["chain", who(bob), "x", who(alice), who(bob)],
  /** Bob's run asks both at once. */
  gather: (_alice: Home, bob: Home) => ["gather", who(bob), "x", "alice", "bob"],
  /** Bob's run takes a stream of Alice, whose run pauses. */
  sum: (alice: Home, bob: Home) => ["sum", who(bob), "5", who(alice)],
} as const;

type Task = keyof typeof TASKS;

interface Plan {
  readonly task: Task;
  readonly alice?: Crash;
  readonly bob?: Crash;
}

/** All that a story leaves behind. */
interface Ending {
  readonly heard: readonly string[];
  readonly alice: readonly string[];
  readonly bob: readonly string[];
}

/** Tells one story; whether every planned crash has come. */
async function tell(
  plan: Plan,
): Promise<{ readonly ending: Ending; readonly isAsPlanned: boolean }> {
  await using town = new Town();
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  for (const house of [alice, bob]) await house.install("relay");
  await town.rest(5);
  if (plan.alice) alice.crashAfter(plan.alice);
  if (plan.bob) bob.crashAfter(plan.bob);
  const label = JSON.stringify(plan);
  while (await lines(alice, "relay", "once", ...TASKS[plan.task](alice, bob)) === undefined);
  await town.until(async () => {
    await Promise.all([raise(alice), raise(bob)]);
    const heard = await lines(alice, "relay", "heard");
    return heard?.length === 1 && leftovers(alice, bob).length === 0;
  }, label);
  const planned = (plan.alice ? 1 : 0) + (plan.bob ? 1 : 0);
  const isAsPlanned = alice.deaths + bob.deaths === planned;
  for (const house of [alice, bob]) house.crashAfter();
  await Promise.all([raise(alice), raise(bob)]);
  await town.rest();
  assert.deepEqual(town.errors, [], label);
  for (const { disk } of [alice, bob]) {
    const runs = disk.rows().filter(({ key }) => key[4] === "sdk:runs");
    assert.deepEqual(runs, [], label);
  }
  const ending = {
    heard: (await lines(alice, "relay", "heard"))!,
    alice: (await lines(alice, "relay", "done"))!,
    bob: (await lines(bob, "relay", "done"))!,
  };
  return { ending, isAsPlanned };
}

for (const task of Object.keys(TASKS) as Task[]) {
  for (const who of ["alice", "bob"] as const) {
    for (const isHeard of [true, false]) {
      const how = isHeard ? "and it knows" : "and it does not know";
      Deno.test(`a ${task} of awaits survives ${who}'s death at any commit, ${how}`, async () => {
        const { ending } = await tell({ task });
        assert.match(ending.heard[0]!, /"ok"/);
        let commits = 1;
        for (;; commits++) {
          const told = await tell({ task, [who]: { commits, isHeard } });
          assert.deepEqual(told.ending, ending, `${task}: ${who} dies after ${commits} commits`);
          if (!told.isAsPlanned) break;
        }
        assert.ok(commits > 5, `only ${commits - 1} commits were tried`);
      });
    }
  }
}
