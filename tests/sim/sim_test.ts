/**
 * Networks in bad weather: whatever is lost, doubled, late or dead, every post takes effect once or
 * its poster is told.
 *
 * `SEED=17 deno test -A tests/sim/sim_test.ts` runs one seed, `SEEDS=5000` that many.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { judge } from "./ledger.ts";
import { simulate } from "./run.ts";

const SEEDS = 200;

Deno.test("in any weather a post takes effect once or its poster is told", async () => {
  const only = Deno.env.get("SEED");
  const count = Number(Deno.env.get("SEEDS") ?? SEEDS);
  const seeds = only === undefined ? Array.from({ length: count }, (_, at) => `${at}`) : [only];
  let effects = 0;
  for (const seed of seeds) {
    const ledger = await simulate(seed);
    effects += ledger.fates.filter((fate) => fate.effects.length > 0).length;
    const faults = judge(ledger);
    const replay = `replay: SEED=${seed} deno test -A tests/sim/sim_test.ts`;
    deepStrictEqual(faults, [], `${replay}\n${faults.slice(0, 10).join("\n")}`);
  }
  ok(effects > 20 * seeds.length, `only ${effects} messages arrived in ${seeds.length} seeds`);
});
