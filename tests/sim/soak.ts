/**
 * Thousands of networks in bad weather: `deno task soak [seeds] [first]`. A seed that breaks a
 * promise is shown with how to replay it, and the exit code is 1.
 *
 * @module
 */

import { judge } from "./ledger.ts";
import { simulate } from "./run.ts";

const DEFAULT_SEEDS = 2_000;
const SHOWN = 5;

const [count = DEFAULT_SEEDS, first = 0] = Deno.args.map(Number);
const startMs = performance.now();
let broken = 0;
let posts = 0;
for (let seed = first; seed < first + count; seed++) {
  const ledger = await simulate(String(seed));
  posts += ledger.fates.length;
  const faults = judge(ledger);
  if (faults.length === 0) continue;
  broken++;
  console.log(`SEED=${seed} deno test -A tests/sim/sim_test.ts`);
  for (const fault of faults.slice(0, SHOWN)) console.log(`  ${fault}`);
}
const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
console.log(`${count} seeds, ${posts} posts, ${broken} seeds broke a promise, ${seconds} s`);
Deno.exitCode = broken > 0 ? 1 : 0;
