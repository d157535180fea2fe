/**
 * A run that sleeps and a schedule, while their server is killed: the run wakes once, and each moment
 * of the schedule has one run.
 *
 * `SEED=17` chooses the moments again, as far as a machine does the same twice; `KILLS` makes it
 * longer.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Person } from "../../tools/demo/person.ts";
import { openChance } from "./chance.ts";
import { talk } from "./client.ts";
import { installAll, SEED, setting } from "./haunt.ts";
import { freePlace, openStage, serve, settle } from "./town.ts";
import { pause } from "./wait.ts";
import { logs } from "./writer.ts";

const KILLS = setting("KILLS", 1);
const NAP_MS = 1_500;
const BEAT_MS = 1_000;
/** Longest time from the last kill until what was missed is made up for. */
const SETTLE_MS = 30_000;

/** Lines of the clock pod, once it lives to answer. */
async function clock(person: Person, ...argv: readonly string[]): Promise<string[]> {
  for (;;) {
    const said = await talk(person, ["clock", ...argv]).catch(() => undefined);
    if (said?.exitCode === 0) return said.stdout.split("\n").slice(0, -1);
    await pause(20);
  }
}

Deno.test("runs that sleep and schedules outlive their server, and each comes once", async () => {
  const chance = openChance(SEED);
  console.log(`replay: SEED=${SEED} KILLS=${KILLS}`);
  using stage = openStage();
  const settled = await settle("alice", stage, freePlace(), []);
  const { person } = settled;
  try {
    await installAll("clock", [person]);
    for (let kill = 0; kill < KILLS; kill++) {
      await clock(person, "nap", `n${kill}`, `${NAP_MS}`);
      await pause(chance() * NAP_MS);
      await person.stop("SIGKILL");
      await pause(chance() * 2 * BEAT_MS);
      await serve(settled);
    }
    const wokenMs = Date.now();
    let naps: string[][] = [];
    while (naps.filter(([, , ended]) => ended !== undefined).length < KILLS) {
      naps = (await clock(person, "naps")).map((line) => line.split(" "));
      assert.ok(Date.now() - wokenMs < SETTLE_MS, logs([person]));
      await pause(20);
    }
    for (const [name, begun, ended, ...more] of naps) {
      assert.ok(Number(ended) - Number(begun) >= NAP_MS, `${name} slept too short`);
      assert.deepEqual(more, [], `${name} woke more than once`);
    }
    let dues: number[] = [];
    while ((dues.at(-1) ?? 0) < wokenMs) {
      const beats = (await clock(person, "beats")).map((line) => line.split(" "));
      dues = beats.map(([, dueMs]) => Number(dueMs));
      assert.deepEqual(beats.filter(([, , missed, count]) => missed !== "0" || count !== "1"), []);
      assert.ok(Date.now() - wokenMs < SETTLE_MS, logs([person]));
      await pause(20);
    }
    dues.forEach((dueMs, at) => assert.equal(dueMs, dues[0]! + at * BEAT_MS));
    const [info] = await person.records<{ next: { name: string }[] }>("pod", "info", "clock");
    assert.ok(info!.next.some(({ name }) => name === "tidy"));
  } finally {
    await person.stop("SIGKILL");
  }
});
