/**
 * A pod does everything that pods can do while its process dies at any moment. `SEED=17` tells one
 * story again, with a death at every moment of it; `SEEDS=5000` tells more of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fall, fallEverywhere } from "./falls.ts";

const SEED = Deno.env.get("SEED");
const SEEDS = Number(Deno.env.get("SEEDS") ?? 200);
const SHOWN = 5;

/** Moments at which a process has to have died: what a pod says, and what its store says. */
const STRUCK = [
  ...["request state-get", "request state-list", "request state-count", "request person-find"],
  ...["request person-own", "request input-read", "request idle", "log", "commit", "suspend"],
  ...["finish", "commit due", "get state", "list state", "list inbox", "sleep"],
];

function refuse(faults: readonly string[]): void {
  if (faults.length === 0) return;
  const [, seed] = /seed (\d+)/.exec(faults[0]!)!;
  const again = `SEED=${seed} deno test -A tests/periphery/falls_test.ts`;
  assert.fail([...faults.slice(0, SHOWN), `again: ${again}`].join("\n"));
}

Deno.test("whenever its process dies, a pod leaves behind what it leaves without a death", async () => {
  if (SEED !== undefined) {
    refuse((await fall(Number(SEED))).faults);
    return refuse((await fallEverywhere(Number(SEED))).faults);
  }
  const struck = new Map<string, number>();
  const faults: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const trial = await fall(seed);
    faults.push(...trial.faults);
    for (const what of trial.struck) struck.set(what, (struck.get(what) ?? 0) + 1);
  }
  refuse(faults);
  for (const what of STRUCK) assert.ok(struck.has(what), `no death at ${what}`);
});
