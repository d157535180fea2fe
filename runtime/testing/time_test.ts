import assert from "node:assert/strict";
import { type Occasion, Pod } from "../../pods/sdk/mod.ts";
import type { Run } from "../../pods/sdk/run.ts";
import { HandPod } from "../../pods/sdk/testing/hand.ts";
import { openVillage, type Villager } from "./mod.ts";
import { findPod } from "./source.ts";

const CLOCK = new URL("../../tests/pods/clock", import.meta.url);
const DAY_MS = 86_400_000;
const HALF_PAST_THREE = 3.5 * 3_600_000;

/** A schedule an hour, as a class of another version declares it. */
class Hourly extends HandPod {
  constructor(run: Run) {
    super(run);
    const beats = this.table<number>("beats");
    this.every("tidy", "1h", ({ dueMs, missed }: Occasion) => beats.put(`${dueMs}`, missed));
  }
}

class Idle extends Pod {}

async function upgrade(alice: Villager, make: new (run: Run) => Pod, version: string) {
  const { manifest } = await findPod(CLOCK, "");
  await alice.install({ make, manifest: { ...manifest, version } });
}

async function beats(alice: Villager, schedule: string): Promise<number[][]> {
  const { out } = await alice.run("clock", "beats");
  const lines = out.split("\n").filter((line) => line.startsWith(schedule));
  return lines.map((line) => line.split(" ").slice(1).map(Number));
}

Deno.test("a schedule begins with the installation, and goes on from day to day", async () => {
  await using village = openVillage();
  const alice = await village.person("alice");
  await alice.install(CLOCK);
  const first = Math.floor(village.nowMs / DAY_MS) * DAY_MS + HALF_PAST_THREE;
  const dueMs = first > village.nowMs ? first : first + DAY_MS;
  const { next } = await alice.info("clock");
  assert.deepEqual((next as { name: string }[]).map(({ name }) => name), ["beat", "tidy"]);
  assert.equal((next as { dueMs: number }[])[1]!.dueMs, dueMs);
  // A beat a second for three days would take its time.
  alice.crash();
  await village.pass("3 days");
  await alice.restart();
  await village.settle();
  assert.deepEqual(await beats(alice, "tidy"), [[dueMs + 2 * DAY_MS, 2, 1]]);
  assert.equal((await beats(alice, "beat")).length, 100);
  assert.ok((await beats(alice, "beat")).every(([, , count]) => count === 1));
});

Deno.test("a new version goes on with a rhythm that is the same, and ends what it lacks", async () => {
  await using village = openVillage();
  const alice = await village.person("alice");
  const { manifest } = await findPod(CLOCK, "");
  await alice.install({ make: Hourly, manifest });
  const begunMs = village.nowMs;
  await village.pass("30 min");
  await upgrade(alice, Hourly, "0.2.0");
  await village.pass("31 min");
  assert.deepEqual(alice.rows("clock", "beats"), [[`${begunMs + 3_600_000}`, 0]]);
  await upgrade(alice, Idle, "0.3.0");
  assert.deepEqual((await alice.info("clock")).next, []);
  assert.deepEqual(alice.rows("clock", "sdk:schedules"), []);
});

Deno.test("a version that comes back has its schedules again, and no other's", async () => {
  await using village = openVillage();
  const alice = await village.person("alice");
  const { manifest } = await findPod(CLOCK, "");
  await alice.install({ make: Hourly, manifest });
  const begunMs = village.nowMs;
  const hour = (n: number) => `${begunMs + n * 3_600_000}`;
  await upgrade(alice, Idle, "0.2.0");
  await village.pass("30 min");
  await alice.rollBack("clock");
  await village.pass("1h");
  assert.deepEqual(alice.rows("clock", "beats"), [[hour(1), 0]]);
  await upgrade(alice, Idle, "0.3.0");
  await village.pass("3h");
  await alice.rollBack("clock");
  await village.pass("1h");
  assert.deepEqual(alice.rows("clock", "beats"), [[hour(1), 0], [hour(4), 2], [hour(5), 0]]);
});

Deno.test("a pod that waits with a timer of its engine is told how pods wait", async () => {
  class Impatient extends HandPod {
    constructor(run: Run) {
      super(run);
      this.verb("wait", "", "Waits.", () => new Promise((resolve) => setTimeout(resolve, 1)));
    }
  }
  await using village = openVillage();
  const alice = await village.person("alice");
  const { manifest } = await findPod(CLOCK, "");
  await alice.install({ make: Impatient, manifest });
  assert.match((await alice.run("clock", "wait")).err, /await this\.sleep\(…\)/);
  await new Promise((resolve) => setTimeout(resolve, 1));
});

Deno.test("whenever the process dies, a nap ends once and a schedule goes on", async () => {
  for (let commits = 1;; commits++) {
    await using village = openVillage({ seed: commits });
    const alice = await village.person("alice");
    await alice.install(CLOCK);
    await alice.run("clock", "nap", "siesta", "5000");
    alice.crashAfter(commits);
    await village.pass("9 s");
    const isStruck = !alice.isUp;
    await alice.restart();
    await village.pass("20 s");
    const [name, begun, ended, ...more] = (await alice.run("clock", "naps")).out.trim().split(" ");
    assert.deepEqual([name, more], ["siesta", []], `${commits} commits`);
    assert.ok(Number(ended) - Number(begun) >= 5_000);
    const moments = await beats(alice, "beat");
    const dues = moments.map(([dueMs]) => dueMs!);
    assert.ok(dues.length >= 23, `${dues.length} beats`);
    dues.forEach((dueMs, at) => assert.equal(dueMs, dues[0]! + at * 1_000, `${commits} commits`));
    assert.ok(moments.every(([, , count]) => count === 1));
    assert.deepEqual(village.errors, []);
    if (isStruck) continue;
    assert.ok(commits > 25, `${commits} moments`);
    return;
  }
});
