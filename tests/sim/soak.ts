/**
 * Thousands of networks in bad weather: `deno task soak [seeds] [first]`. A seed that breaks a
 * promise is shown with how to replay it, and the exit code is 1.
 *
 * @module
 */

import { fall } from "../periphery/falls.ts";
import { Coverage } from "./coverage.ts";
import { live, LONG } from "./folk/run.ts";
import { judge } from "./judge.ts";
import { simulate } from "./run.ts";
import { HOWS, strikeAll, VICTIMS } from "./strike.ts";

const DEFAULT_SEEDS = 2_000;
const PEOPLE_SEEDS = 1_000;
const SHOWN = 5;

const HELP = `deno task soak [seeds] [first]
  Simulates so many networks in bad weather, 2000 unless told otherwise, from this seed on.
  A seed that breaks a promise is shown with how to replay it. Before that it tells one story with
  a crash or a disk error at every moment of it, and says how many moments there were.

deno task soak people [seeds] [first]
  Fifty peripheries with changing friends, outages, wrong clocks and liars, for 1000 seeds unless told
  otherwise: whom people find, and what it costs. A seed that breaks a promise is shown with how to
  replay it.

deno task soak falls [seeds] [first]
  A pod does everything that pods can do while its process dies at any moment, for 2000 seeds unless
  told otherwise. The same as SEEDS=2000 deno test -A tests/periphery/falls_test.ts; a variable SEED
  there tells one story with a death at every moment of it.

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
  console.log(`${count} seeds, ${posts} posts, ${broken} seeds broke a promise, ${seconds} s`);
  console.log(coverage.summary());
  for (const strike of ["crash", "error"] as const) {
    const missed = coverage.missed(strike, 1);
    const rest = missed.length > SHOWN ? `, and ${missed.length - SHOWN} more` : "";
    const shown = missed.slice(0, SHOWN).join("; ");
    if (missed.length > 0) console.log(`  never ${NAMES[strike]} at ${shown}${rest}`);
  }
  return broken === 0;
}

const NAMES = { crash: "a crash", error: "a disk error" } as const;

/** Tells one story with a strike at every moment of it; whether all promises are kept. */
async function strike(): Promise<boolean> {
  let isWell = true;
  const counts: string[] = [];
  for (const who of VICTIMS) {
    for (const how of HOWS) {
      const { moments, faults } = await strikeAll(who, how);
      counts.push(`${who} ${how} ${moments}`);
      for (const fault of faults.slice(0, SHOWN)) console.log(`  ${fault}`);
      isWell &&= faults.length === 0;
    }
  }
  console.log(`moments of one story, each struck once: ${counts.join(", ")}`);
  return isWell;
}

/** Has a pod's process die at any moment, for so many seeds; whether nothing is lost or doubled. */
async function falls(count: number, first: number): Promise<boolean> {
  const startMs = performance.now();
  let deaths = 0;
  let broken = 0;
  for (let seed = first; seed < first + count; seed++) {
    const { struck, faults } = await fall(seed);
    deaths += struck.length;
    if (faults.length === 0) continue;
    broken++;
    console.log(`SEED=${seed} deno test -A tests/periphery/falls_test.ts`);
    for (const fault of faults.slice(0, SHOWN)) console.log(`  ${fault}`);
  }
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  console.log(
    `${count} seeds, ${deaths} deaths, ${broken} seeds left something else, ${seconds} s`,
  );
  return broken === 0;
}

/** Has people find each other in so many worlds; whether all promises are kept. */
async function people(count: number, first: number): Promise<boolean> {
  const startMs = performance.now();
  let [broken, finds, messages] = [0, 0, 0];
  for (let seed = first; seed < first + count; seed++) {
    const tale = await live(String(seed), LONG);
    finds += tale.finds;
    messages += tale.messages;
    if (tale.faults.length === 0) continue;
    broken++;
    console.log(`DAYS=${LONG.stormDays} SEED=${seed} deno test -A tests/sim/people_test.ts`);
    for (const fault of tale.faults.slice(0, SHOWN)) console.log(`  ${fault}`);
  }
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  const done = `${count} seeds, ${finds} lookups, ${messages} messages`;
  console.log(`${done}, ${broken} seeds broke a promise, ${seconds} s`);
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

const [what] = Deno.args;
const isNamed = what === "kill" || what === "falls" || what === "people";
const numbers = numbersOf(isNamed ? Deno.args.slice(1) : Deno.args);
if (!numbers || numbers.length > 2) {
  console.log(HELP);
  Deno.exitCode = Deno.args.includes("--help") ? 0 : 2;
} else {
  const [one, two] = numbers;
  const holds = what === "kill"
    ? await kill(one ?? 1000, two ?? 20)
    : what === "falls"
    ? await falls(one ?? DEFAULT_SEEDS, two ?? 1)
    : what === "people"
    ? await people(one ?? PEOPLE_SEEDS, two ?? 0)
    : [await strike(), await soak(one ?? DEFAULT_SEEDS, two ?? 0)].every((kept) => kept);
  Deno.exitCode = holds ? 0 : 1;
}
