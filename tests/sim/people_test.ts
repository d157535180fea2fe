/**
 * Fifty peripheries with changing friends, outages, wrong clocks and liars: everybody finds whom they
 * may find, nobody is found through what has expired, was replaced or never signed, and a change
 * costs what the friends cost. What that means in full says `folk/judge.ts`.
 *
 * `SEED=17 deno test -A tests/sim/people_test.ts` runs one seed, `SEEDS=1000` that many, `DAYS=6`
 * with so many days of troubles.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { countCost } from "./folk/cost.ts";
import { live, SHORT } from "./folk/run.ts";

const SEEDS = 1;

Deno.test("among fifty peripheries everybody finds whom they may find, whatever others say", async () => {
  const only = Deno.env.get("SEED");
  const count = Number(Deno.env.get("SEEDS") ?? SEEDS);
  const seeds = only === undefined ? Array.from({ length: count }, (_, at) => `${at}`) : [only];
  const stormDays = Number(Deno.env.get("DAYS") ?? SHORT.stormDays);
  for (const seed of seeds) {
    const { faults, successes, mayFind } = await live(seed, { ...SHORT, stormDays });
    const replay = `replay: DAYS=${stormDays} SEED=${seed} deno test -A tests/sim/people_test.ts`;
    deepStrictEqual(faults, [], `${replay}\n${faults.slice(0, 10).join("\n")}`);
    ok(successes > 500 && mayFind > 300, `${successes} finds, ${mayFind} pairs: ${replay}`);
  }
});

Deno.test("a change costs a message for each friend, however large the network is", async () => {
  const costs = [];
  for (const homes of [16, 48]) costs.push(await countCost(homes, 4));
  deepStrictEqual(costs.map(({ change }) => change.messages), [4, 4]);
  deepStrictEqual(costs.map(({ lookup }) => lookup.messages), [4, 4]);
  // A server reads the news of each friend once a day, and knows its friends and theirs.
  deepStrictEqual(costs.map(({ quietDay }) => quietDay.messages), [16 * 4, 48 * 4]);
  deepStrictEqual(costs.map(({ rows }) => rows), [costs[0]!.rows, costs[0]!.rows]);
});
