/**
 * Pods that are put to sleep as soon as they rest, on real servers with real hosts: what they wait
 * for wakes them, and they go on where they were.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Person } from "../../tools/demo/person.ts";
import { talk } from "./client.ts";
import { installBoth } from "./haunt.ts";
import { openTown, serve } from "./town.ts";
import { pause } from "./wait.ts";

const SETTLE_MS = 20_000;
const STEP_MS = 50;

/** Says something to a pod; what it prints. */
async function say(person: Person, ...argv: readonly string[]): Promise<string[]> {
  const { exitCode, stdout, stderr, error } = await talk(person, argv);
  assert.equal(exitCode, 0, stderr + (error?.message ?? ""));
  return stdout.split("\n").slice(0, -1);
}

async function stateOf(person: Person, pod: string): Promise<unknown> {
  const [info] = await person.records<{ state: string }>("pod", "info", pod);
  return info!.state;
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const startMs = performance.now();
  while (!await isSo()) {
    assert(performance.now() - startMs < SETTLE_MS, `never: ${what}`);
    await pause(STEP_MS);
  }
}

Deno.test("a pod that sleeps comes back for what it waited for, and goes on where it was", async () => {
  await using town = await openTown();
  const { alice, bob } = town;
  await installBoth(town, "relay");
  for (const person of [alice, bob]) {
    await person.stop("SIGTERM");
    await serve({
      ...town.places.get(person)!,
      before: "PERI_PODS_RESTING=0; export PERI_PODS_RESTING",
    });
  }
  // It waits for its own person's pod by way of the other's, so all runs but the last are journaled.
  await say(alice, "relay", "once", "chain-0", "bob", "t", "alice", "bob");
  await say(alice, "relay", "once", "sum-1", "bob", "6", "alice");
  assert.equal(await stateOf(alice, "relay"), "resting");
  const heard = () => say(alice, "relay", "heard");
  await until(async () => (await heard()).length === 2, "answered");
  const told = (await heard()).map((line) => JSON.parse(line));
  const answers = new Map(told.map(({ about, ok }) => [about, ok]));
  assert.equal(answers.get("chain-0"), "heard t!!");
  assert.equal(answers.get("sum-1"), 21);
  const deeds = [...await say(alice, "relay", "done"), ...await say(bob, "relay", "done")]
    .map((line) => line.slice(line.indexOf(" ") + 1));
  for (const deed of ["ask 1 t", "told 1 heard t!", "ask 0 t", "told 0 heard t", "sum 21"]) {
    assert.equal(deeds.filter((one) => one === deed).length, 1, deed);
  }
  for (const person of [alice, bob]) assert.equal(await stateOf(person, "relay"), "resting");
});
