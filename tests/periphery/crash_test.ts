/**
 * A letter and its receipt, while processes die: whichever commit is a process's last, exactly one
 * letter stands on each side in the end, and its sender knows.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Crash } from "../../runtime/testing/house.ts";
import { raise, untilDeath } from "./mortal.ts";
import { type Home, type House, Town } from "./town.ts";

const TEXT = "good morning";
/** Rows of messages that are on their way. */
const UNDER_WAY = ["outbox", "inbox", "open"];

/** When which of two processes dies; each of its lives does, as often as there are crashes. */
interface Plan {
  readonly alice?: readonly Crash[];
  readonly bob?: readonly Crash[];
}

/** Tells the story of one letter; whether every planned crash has come. */
async function tell(plan: Plan): Promise<boolean> {
  await using town = new Town();
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  await town.rest(5);
  alice.crashAfter(...plan.alice ?? []);
  bob.crashAfter(...plan.bob ?? []);
  const label = JSON.stringify(plan);
  await write(alice);
  await town.until(async () => {
    await Promise.all([raise(alice), raise(bob)]);
    return await isOver(alice, bob);
  }, `the letter is delivered: ${label}`);
  const planned = (plan.alice?.length ?? 0) + (plan.bob?.length ?? 0);
  const isAsPlanned = alice.deaths + bob.deaths === planned;
  for (const house of [alice, bob]) house.crashAfter();
  await check(alice, bob, label);
  assert.deepEqual(town.errors, [], label);
  return isAsPlanned;
}

/** Alice types her command, and types it again when it has left nothing behind. */
async function write(alice: Home): Promise<void> {
  for (;;) {
    await raise(alice);
    const sent = await lived(alice, () => alice.letters("sent"));
    if (sent !== undefined && sent.length > 0) return;
    if (sent !== undefined) await lived(alice, () => alice.hey("leave-message", "bob", TEXT));
  }
}

/** What is said by a process that lives, unless it dies meanwhile. */
async function lived<Said>(house: House, say: () => Promise<Said>): Promise<Said | undefined> {
  return house.isRunning ? await untilDeath(house, say()) : undefined;
}

async function isOver(alice: Home, bob: Home): Promise<boolean> {
  const sent = await lived(alice, () => alice.letters("sent"));
  if (sent?.[0]?.fate !== "delivered") return false;
  return [alice, bob].every(({ disk }) =>
    !disk.rows().some(({ key }) => UNDER_WAY.includes(String(key[3])))
  );
}

async function check(alice: Home, bob: Home, label: string): Promise<void> {
  await Promise.all([raise(alice), raise(bob)]);
  const texts = (letters: Record<string, unknown>[]) => letters.map(({ start }) => start);
  assert.deepEqual(texts(await alice.letters("sent")), [TEXT], label);
  assert.deepEqual(texts(await bob.letters()), [TEXT], label);
  assert.deepEqual(await alice.letters(), [], label);
}

/** Crashes after the first, second … commit, until the story ends before the crash comes. */
async function reachable(who: "alice" | "bob", isHeard: boolean): Promise<Crash[]> {
  const crashes: Crash[] = [];
  for (;;) {
    const crash = { commits: crashes.length + 1, isHeard };
    if (!await tell({ [who]: [crash] })) return crashes;
    crashes.push(crash);
  }
}

const HOW = { true: "before its next one", false: "before it hears of it" };

for (const who of ["alice", "bob"] as const) {
  for (const isHeard of [true, false]) {
    const how = HOW[`${isHeard}`];
    Deno.test(`a letter is there once when ${who}'s process dies after any commit, ${how}`, async () => {
      const crashes = await reachable(who, isHeard);
      assert.ok(crashes.length >= 3, `${crashes.length} commits to die after`);
    });
  }
}

Deno.test("a letter is there once when both processes die after any commit", async () => {
  for (let alice = 1; alice <= 6; alice++) {
    for (let bob = 1; bob <= 5; bob++) {
      const isHeard = (alice + bob) % 2 === 0;
      await tell({ alice: [{ commits: alice, isHeard }], bob: [{ commits: bob, isHeard }] });
    }
  }
});

Deno.test("a letter is there once when processes die again and again", async () => {
  for (const commits of [1, 2, 3]) {
    for (const isHeard of [true, false]) {
      const crashes = Array.from({ length: 5 }, () => ({ commits, isHeard }));
      await tell({ alice: crashes, bob: crashes });
    }
  }
});
