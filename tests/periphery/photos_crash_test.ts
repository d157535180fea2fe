/**
 * A photo of a friend's friend, asked for while processes die: whichever commit is a process's last,
 * the same comes as without a death, whoever has nothing to give is told of once, and in the end
 * nothing is left of the asking.
 *
 * `SEEDS=1000` tells more stories in which everybody dies again and again; `SEED=17` begins with
 * that one.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Crash } from "../../runtime/testing/house.ts";
import { openChance } from "../processes/chance.ts";
import { lines, raise } from "./mortal.ts";
import { leftovers, who } from "./ticker.ts";
import { type Home, nameOf, Town } from "./town.ts";

/** Somebody whom Alice knows, and whose pod is nowhere. */
const NOBODY = "D".repeat(40);
/** A photo of two pieces. */
const PHOTO = "a capybara with an orange on its head\n".repeat(1_000);

/** Who dies when. */
type Plan = Readonly<Partial<Record<"alice" | "bob" | "carol", readonly Crash[]>>>;

/** The first of the stories with many deaths, and how many there are. */
const SEED = Number(Deno.env.get("SEED") ?? 1);
const SEEDS = Number(Deno.env.get("SEEDS") ?? 12);

/** Alice knows Bob, who knows Carol. */
class Chain {
  constructor(readonly alice: Home, readonly bob: Home, readonly carol: Home) {}

  static async settle(town: Town): Promise<Chain> {
    const homes: Home[] = [];
    for (const name of ["alice", "bob", "carol"]) homes.push(await town.settle(name));
    const [alice, bob, carol] = homes as [Home, Home, Home];
    await town.befriend(alice, bob);
    await town.befriend(bob, carol);
    for (const house of homes) await house.install("photos");
    await alice.hey("name", "nobody", NOBODY);
    await carol.visit("pod.run", { pod: "photos", argv: ["add", "pond", "-"] }, { input: PHOTO });
    await town.rest(5);
    return new Chain(alice, bob, carol);
  }

  get all(): readonly Home[] {
    return [this.alice, this.bob, this.carol];
  }
}

/** Whether the asking is on disk: from then on nobody has to ask again. */
function hasBegun({ disk }: Home): boolean {
  const traces = ["inbox", "open", "outbox", "owed"];
  return disk.rows().some(({ key }) =>
    key[2] === "photos" && (traces.includes(String(key[3])) || key[4] === "came")
  );
}

/** All that a story leaves behind at Alice's. */
async function endingOf(alice: Home) {
  const { stdout } = await alice.visit("pod.run", { pod: "photos", argv: ["show", "bob/pond"] });
  const asked = await lines(alice, "photos", "asked", "pond", "--json");
  // Who has just started again and not looked yet cannot say that there is no such pod.
  const [bob, nobody] = asked!.map((line) => line.replace("no-answer", "no-photos-pod"));
  return { photo: stdout, bob: JSON.parse(bob!), nobody: JSON.parse(nobody!) };
}

/** Tells one story; how many of the planned crashes have come. */
async function tell(plan: Plan, seconds = 20) {
  await using town = new Town();
  const chain = await Chain.settle(town);
  const { alice } = chain;
  for (const house of chain.all) house.crashAfter(...plan[nameOf(house) as keyof Plan] ?? []);
  const label = JSON.stringify(plan);
  const argv = ["friends", "pond", "--hops", "2", "--seconds", `${seconds}`];
  while (!hasBegun(alice)) {
    await raise(alice);
    const asking = alice.visit("pod.run", { pod: "photos", argv });
    asking.catch(() => {});
    await town.until(() => hasBegun(alice) || !alice.isRunning, label);
  }
  await town.until(
    async () => {
      await Promise.all(chain.all.map(raise));
      return leftovers(...chain.all).length === 0;
    },
    label,
    2_000,
  );
  const deaths = chain.all.reduce((sum, { deaths }) => sum + deaths, 0);
  for (const house of chain.all) house.crashAfter();
  await Promise.all(chain.all.map(raise));
  await town.rest();
  assert.deepEqual(town.errors, [], label);
  for (const { disk } of chain.all) {
    assert.deepEqual(disk.rows().filter(({ key }) => key[4] === "sdk:runs"), [], label);
  }
  return { ending: await endingOf(alice), carol: who(chain.carol), deaths };
}

for (const victim of ["alice", "bob", "carol"] as const) {
  for (const isHeard of [true, false]) {
    const how = isHeard ? "and it knows" : "and it does not know";
    Deno.test(`a photo comes all the same when ${victim} dies at any commit, ${how}`, async () => {
      const { ending, carol: by } = await tell({});
      const bytes = PHOTO.length;
      assert.equal(ending.photo, PHOTO);
      assert.deepEqual(ending.bob, { friend: "bob", photo: "bob/pond", bytes, by, why: null });
      assert.equal(ending.nobody.why, "no-photos-pod");
      let commits = 1;
      for (;; commits++) {
        const told = await tell({ [victim]: [{ commits, isHeard }] });
        assert.deepEqual(told.ending, ending, `${victim} dies after ${commits} commits`);
        if (told.deaths === 0) break;
      }
      assert.ok(commits > 5, `only ${commits - 1} commits were tried`);
    });
  }
}

Deno.test("a photo comes all the same when everybody dies again and again", async () => {
  const { ending } = await tell({}, 100);
  let deaths = 0;
  for (let seed = SEED; seed < SEED + SEEDS; seed++) {
    const chance = openChance(seed);
    const crashes = (most: number): Crash[] =>
      Array.from({ length: Math.floor(chance() * (most + 1)) }, () => ({
        commits: 1 + Math.floor(chance() * 12),
        isHeard: chance() < 0.5,
      }));
    const told = await tell({ alice: crashes(4), bob: crashes(4), carol: crashes(2) }, 100);
    assert.deepEqual(told.ending, ending, `SEED=${seed} SEEDS=1`);
    deaths += told.deaths;
  }
  assert.ok(deaths > SEEDS, `only ${deaths} deaths`);
});
