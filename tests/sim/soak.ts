/**
 * Thousands of networks in bad weather: `deno task soak [seeds] [first]`. A seed that breaks a
 * promise is shown with how to replay it, and the exit code is 1.
 *
 * @module
 */

import { Coverage } from "./coverage.ts";
import { judge } from "./judge.ts";
import { simulate } from "./run.ts";

const DEFAULT_SEEDS = 2_000;
const SHOWN = 5;

const HELP = `deno task soak [seeds] [first]
  Simulates so many networks in bad weather, 2000 unless told otherwise, from this seed on.
  A seed that breaks a promise is shown with how to replay it.

deno task soak kill [messages] [kills]
  Kills real servers while they write to each other: 1000 messages and 20 kills unless told
  otherwise. The same as MESSAGES=1000 KILLS=20 deno test -A tests/processes/kill_test.ts; a
  variable SEED there chooses the moments again.
`;

/** Simulates seeds; whether all keep their promises. */
async function soak(count: number, first: number): Promise<boolean> {
  const startMs = performance.now();
  const coverage = new Coverage();
  let broken = 0;
  let posts = 0;
  for (let seed = first; seed < first + count; seed++) {
    const ledger = await simulate(String(seed), coverage);
    posts += ledger.fates.length;
    const faults = judge(ledger);
    if (faults.length === 0) continue;
    broken++;
    console.log(`SEED=${seed} deno test -A tests/sim/sim_test.ts`);
    for (const fault of faults.slice(0, SHOWN)) console.log(`  ${fault}`);
  }
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  console.log(coverage.summary());
  for (const strike of ["crash", "error"] as const) {
    for (const label of coverage.missed(strike, 1)) console.log(`  never a ${strike} at ${label}`);
  }
  console.log(`${count} seeds, ${posts} posts, ${broken} seeds broke a promise, ${seconds} s`);
  return broken === 0;
}

/** Runs the test with real processes for longer; whether it passes. */
async function kill(messages: number, kills: number): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "tests/processes/kill_test.ts"],
    env: { MESSAGES: String(messages), KILLS: String(kills) },
  }).spawn().status;
  return success;
}

/** Whole numbers from 0 up; undefined when one of the words is something else. */
function numbersOf(words: readonly string[]): number[] | undefined {
  return words.every((word) => /^\d{1,9}$/.test(word)) ? words.map(Number) : undefined;
}

const isKill = Deno.args[0] === "kill";
const numbers = numbersOf(isKill ? Deno.args.slice(1) : Deno.args);
if (!numbers || numbers.length > 2) {
  console.log(HELP);
  Deno.exitCode = Deno.args.includes("--help") ? 0 : 2;
} else {
  const [one, two] = numbers;
  const holds = isKill ? kill(one ?? 1000, two ?? 20) : soak(one ?? DEFAULT_SEEDS, two ?? 0);
  Deno.exitCode = await holds ? 0 : 1;
}
