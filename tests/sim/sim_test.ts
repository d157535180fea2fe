/**
 * Networks in bad weather: whatever is lost, doubled, late, forged, dead or restored, every post
 * takes effect once or its poster is told. What that means in full says `judge.ts`.
 *
 * `SEED=17 deno test -A tests/sim/sim_test.ts` runs one seed, `SEEDS=5000` that many.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { judge } from "./judge.ts";
import { Coverage } from "./coverage.ts";
import { simulate } from "./run.ts";

const SEEDS = 200;
/** A kind of commit or wait that came this often must have been struck. */
const OFTEN = 8_000;

Deno.test("in any weather a post takes effect once or its poster is told", async () => {
  const only = Deno.env.get("SEED");
  const count = Number(Deno.env.get("SEEDS") ?? SEEDS);
  const seeds = only === undefined ? Array.from({ length: count }, (_, at) => `${at}`) : [only];
  const coverage = new Coverage();
  let effects = 0;
  for (const seed of seeds) {
    const ledger = await simulate(seed, coverage);
    effects += ledger.fates.filter((fate) => fate.effects.length > 0).length;
    const faults = judge(ledger);
    const replay = `replay: SEED=${seed} deno test -A tests/sim/sim_test.ts`;
    deepStrictEqual(faults, [], `${replay}\n${faults.slice(0, 10).join("\n")}`);
  }
  if (only !== undefined) return;
  ok(effects > 20 * seeds.length, `only ${effects} messages arrived in ${seeds.length} seeds`);
  deepStrictEqual(coverage.missed("crash", OFTEN), [], "nobody crashed there");
  deepStrictEqual(coverage.missed("error", OFTEN), [], "no disk failed there");
});

Deno.test("a seed does the same again", async () => {
  const [first, again] = [await simulate("again"), await simulate("again")];
  deepStrictEqual(again, first);
});
