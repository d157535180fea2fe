/**
 * Streams and pages between two real servers that are killed again and again: every item is heard
 * once and in order, and so is the end.
 *
 * `SEED=17` chooses the moments again, as far as a machine does the same twice; `ITEMS` and `KILLS`
 * make it longer or shorter.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PeriError } from "../../runtime/model/errors.ts";
import type { Person } from "../../tools/demo/person.ts";
import type { Heard } from "../periphery/ticker.ts";
import { openChance } from "./chance.ts";
import { askPod } from "./client.ts";
import { evenly, fell, haunt, installBoth, SEED, setting } from "./haunt.ts";
import { openTown, type Town } from "./town.ts";
import { pause, until } from "./wait.ts";
import { logs, together } from "./writer.ts";

/** Of each stream, in each direction. */
const ITEMS = setting("ITEMS", 200);
const KILLS = setting("KILLS", 4);

/** Longest time from the last kill until everything is heard. */
const SETTLE_MS = 60_000;
const STEP_MS = 50;

/** Says something to the ticker pod until a server has lived to answer. */
async function tick(person: Person, ...argv: readonly string[]): Promise<string[]> {
  for (;;) {
    try {
      return (await askPod(person, ["ticker", ...argv])).split("\n").slice(0, -1);
    } catch (error) {
      if (!(error instanceof PeriError) || error.kind !== "unreachable") throw error;
      await pause(STEP_MS);
    }
  }
}

async function heardOf(person: Person, about: string): Promise<Heard[]> {
  const all = (await tick(person, "heard")).map((line) => JSON.parse(line) as Heard);
  return all.filter((one) => one.about === about);
}

/** Kills a server, sometimes both. */
async function strike(town: Town, chance: () => number): Promise<void> {
  await pause(chance() * 300);
  const dice = chance();
  const victims = [...dice < 0.6 ? [town.alice] : [], ...dice > 0.4 ? [town.bob] : []];
  await fell(town, victims, chance() * 300);
}

/** Items of a stream as they were heard, and that its end came last. */
function itemsOf(heard: readonly Heard[]): unknown[] {
  assert.deepEqual(heard.map(({ end }) => end === true).indexOf(true), heard.length - 1);
  const items = heard.slice(0, -1);
  assert.deepEqual(items.map(({ index }) => index), items.map((_, index) => index));
  return items.map(({ item }) => item);
}

Deno.test("streams between servers that are killed give each item once, in order, and their end", async () => {
  const chance = openChance(SEED);
  await using town = await openTown();
  const { alice, bob } = town;
  const people = [alice, bob] as const;
  const other = (person: Person) => person === alice ? bob : alice;
  await installBoth(town, "ticker");
  console.log(`replay: SEED=${SEED} ITEMS=${ITEMS} KILLS=${KILLS}`);
  let told = 0;
  const tell = async (person: Person, stopped: AbortSignal) => {
    await tick(other(person), "follow-once", person.name, "tides");
    const isFollowed = async () => (await tick(person, "readers"))[0]!.startsWith("1 ");
    await until(isFollowed, `${person.name} is followed`, SETTLE_MS);
    for (let n = 1; n <= ITEMS && !stopped.aborted; n++, told++) {
      await tick(person, "tell-once", "tides", `${n}`);
    }
    await tick(person, "close", "tides");
  };
  // Asked for once: a second one of the same key would take its place.
  for (const person of people) await tick(person, "lines", other(person).name, `${ITEMS}`);
  await together((stopped) => [
    ...people.map((person) => tell(person, stopped)),
    haunt(
      { progress: () => told, at: evenly(KILLS, 2 * ITEMS), stopped },
      () => strike(town, chance),
    ),
  ]);
  const numbers = Array.from({ length: ITEMS }, (_, index) => index + 1);
  for (const person of people) {
    for (const about of ["tides", "lines"]) {
      const isOver = async () => (await heardOf(person, about)).some(({ end }) => end);
      await until(isOver, `${person.name} hears the end of ${about}`, SETTLE_MS).catch((error) => {
        throw new Error(`${error.message}\n${logs(people)}`);
      });
    }
    assert.deepEqual(itemsOf(await heardOf(person, "tides")), numbers);
    const lines = numbers.map((line) => `line ${line}`);
    assert.deepEqual(itemsOf(await heardOf(person, "lines")), lines);
    assert.deepEqual(await tick(person, "readers"), ["0 0"]);
  }
});
