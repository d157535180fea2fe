/**
 * Runs that await pods on another server, and those await the first again, while both servers and
 * their pod hosts are killed: each does everything once, and whoever asked is answered once.
 *
 * `SEED=17` chooses the moments again, as far as a machine does the same twice; `TASKS` and `KILLS`
 * make it longer or shorter.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Person } from "../../tools/demo/person.ts";
import { openChance } from "./chance.ts";
import { talk } from "./client.ts";
import { evenly, fell, haunt, installBoth, SEED, setting } from "./haunt.ts";
import { openTown, type Town } from "./town.ts";
import { commandOf, descendants } from "./tree.ts";
import { pause } from "./wait.ts";
import { logs, together } from "./writer.ts";

const TASKS = setting("TASKS", 40);
const KILLS = setting("KILLS", 3);

/** Longest time from the last kill until everything is answered. */
const SETTLE_MS = 90_000;
const STEP_MS = 50;
/** Tasks that are not answered yet when more are asked for. */
const MAX_OPEN = 80;

/** Says something to the relay pod until it has lived to answer. */
async function relay(person: Person, ...argv: readonly string[]): Promise<string[]> {
  for (;;) {
    const said = await talk(person, ["relay", ...argv]).catch(() => undefined);
    if (said?.exitCode === 0) return said.stdout.split("\n").slice(0, -1);
    await pause(STEP_MS);
  }
}

/** What is asked for, and the answer to it. */
function planTask(n: number): { readonly argv: readonly string[]; readonly answer: unknown } {
  if (n % 3 === 0) {
    const answer = `heard t${n}!!`;
    return { argv: [`chain-${n}`, "bob", `t${n}`, "alice", "bob"], answer };
  }
  if (n % 3 === 1) {
    const answer = [`heard t${n}`, `heard t${n}`];
    return { argv: [`gather-${n}`, "bob", `t${n}`, "alice", "alice"], answer };
  }
  return { argv: [`sum-${n}`, "bob", "6", "alice"], answer: 21 };
}

/** Kills a server or its pod hosts. */
async function strike(town: Town, chance: () => number): Promise<void> {
  await pause(chance() * 150);
  const victim = chance() < 0.5 ? town.alice : town.bob;
  if (chance() < 0.5) return killHosts(victim);
  await fell(town, [victim], chance() * 200);
}

function killHosts(person: Person): void {
  const isHost = ({ pid }: { pid: number }) => commandOf(pid).includes("adapters/host/main.ts");
  for (const { pid } of descendants(person.pid!).filter(isHost)) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has just ended.
    }
  }
}

Deno.test("runs that await each other's pods outlive their servers and hosts, and do all once", async () => {
  const chance = openChance(SEED);
  await using town = await openTown();
  const { alice, bob } = town;
  await installBoth(town, "relay");
  console.log(`replay: SEED=${SEED} TASKS=${TASKS} KILLS=${KILLS}`);
  let asked = 0;
  const ask = async (stopped: AbortSignal) => {
    for (; asked < TASKS && !stopped.aborted; asked++) {
      await relay(alice, "once", ...planTask(asked).argv);
      // Of one person a pod has at most a hundred wait.
      while (asked > MAX_OPEN && asked - (await relay(alice, "heard")).length > MAX_OPEN) {
        await pause(STEP_MS);
      }
    }
  };
  await together((stopped) => [
    ask(stopped),
    haunt(
      { progress: () => asked, at: evenly(KILLS, TASKS), stopped },
      () => strike(town, chance),
    ),
  ]);
  const startMs = performance.now();
  let heard: { about: string; ok?: unknown; error?: unknown }[] = [];
  while (heard.length < TASKS) {
    heard = (await relay(alice, "heard")).map((line) => JSON.parse(line));
    const why = `${heard.length} of ${TASKS} are answered\n${logs([alice, bob])}`;
    assert(performance.now() - startMs < SETTLE_MS, why);
    await pause(STEP_MS);
  }
  const answers = new Map(heard.map(({ about, ok, error }) => [about, ok ?? error]));
  const deeds = [...await relay(alice, "done"), ...await relay(bob, "done")]
    .map((line) => line.slice(line.indexOf(" ") + 1));
  const count = (deed: string) => deeds.filter((one) => one === deed).length;
  for (let n = 0; n < TASKS; n++) {
    const { argv: [name], answer } = planTask(n);
    assert.deepEqual(answers.get(name!), answer, name);
    if (n % 3 === 2) continue;
    assert.equal(count(`echo t${n}`), n % 3 === 0 ? 1 : 2, name);
    if (n % 3 !== 0) continue;
    const told = [`ask 1 t${n}`, `told 1 heard t${n}!`, `ask 0 t${n}`, `told 0 heard t${n}`];
    assert.deepEqual(told.map(count), [1, 1, 1, 1], name);
  }
  assert.equal(count("sum 21"), Math.floor(TASKS / 3));
  assert.equal(heard.length, TASKS);
});
