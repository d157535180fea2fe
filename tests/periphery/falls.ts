/**
 * Stories of a pod that does whatever its seed says, in a process that dies again and again: at any
 * moment at which anything comes that it waits for. What they leave behind is what they leave
 * without a death.
 *
 * @module
 */

import assert from "node:assert/strict";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { lines, raise, untilDeath } from "./mortal.ts";
import { type Deed, drawDeeds, NOBODY, Roamer } from "./roamer.ts";
import { leftovers } from "./ticker.ts";
import { type Home, Town } from "./town.ts";

/** Longer than anything that a story waits for. */
const STEP_MS = 2_000;
/** Seeds that tell the same story, each with other deaths. */
const PER_PLOT = 2;
/** Most deaths in one story, unless all are told. */
const MAX_FALLS = 3;

/** What a story leaves behind. */
export interface Ending {
  /** Rows of the pod's tables and of its outbox, as texts. */
  readonly rows: readonly string[];
  /** What came at each of its moments. */
  readonly moments: readonly string[];
}

/** What is to happen. */
interface Plot {
  readonly tasks: readonly (readonly Deed[])[];
  /** Standard input of one command. */
  readonly input: readonly string[];
}

/** Moments at which processes died, by what came then, and what was left behind otherwise. */
export interface Trial {
  readonly struck: readonly string[];
  readonly faults: readonly string[];
}

const endings = new Map<number, Ending>();

/** Tells the story of a seed with deaths at moments that it draws. */
export async function fall(seed: number): Promise<Trial> {
  const plot = Math.ceil(seed / PER_PLOT);
  const plain = endings.get(plot) ?? await tell(plot);
  endings.set(plot, plain);
  return await compare(plot, plain, drawFalls(seed, plain.moments), `seed ${seed}`);
}

/** Tells the story of a seed once for every moment of it. */
export async function fallEverywhere(seed: number): Promise<Trial> {
  const plot = Math.ceil(seed / PER_PLOT);
  const plain = await tell(plot);
  const trials: Trial[] = [];
  for (let at = 1; at <= plain.moments.length; at++) {
    trials.push(await compare(plot, plain, [at], `seed ${seed}`));
  }
  return {
    struck: trials.flatMap(({ struck }) => struck),
    faults: trials.flatMap(({ faults }) => faults),
  };
}

/** A moment of each kind in its turn, for some are rare, and then any moments after it. */
function drawFalls(seed: number, moments: readonly string[]): number[] {
  const chance = new SeededEntropy(`moments ${seed}`);
  const kinds = [...new Set(moments)].sort();
  const kind = kinds[seed % kinds.length];
  const places = moments.flatMap((what, index) => what === kind ? [index + 1] : []);
  const falls = [places[chance.below(places.length)]!];
  for (let more = chance.below(MAX_FALLS); more > 0; more--) {
    falls.push(falls.at(-1)! + 1 + chance.below(moments.length));
  }
  return falls;
}

async function compare(
  plot: number,
  plain: Ending,
  falls: readonly number[],
  label: string,
): Promise<Trial> {
  try {
    const { rows, moments } = await tell(plot, falls);
    const gone = plain.rows.filter((row) => !rows.includes(row));
    const extra = rows.filter((row) => !plain.rows.includes(row));
    const where = `${label}, deaths at ${
      falls.map((at) => `${at} (${moments[at - 1]})`).join(", ")
    }`;
    const faults = [
      ...gone.map((row) => `is gone: ${row}`),
      ...extra.map((row) => `is new: ${row}`),
    ];
    if (faults.length === 0 && rows.length !== plain.rows.length) faults.push("rows come twice");
    return {
      struck: falls.flatMap((at) => moments[at - 1] ?? []),
      faults: faults.map((fault) => `${where}: ${fault.slice(0, 300)}`),
    };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return { struck: [], faults: [`${label}, deaths at ${falls}: ${why}`] };
  }
}

function drawPlot(plot: number): Plot {
  const chance = new SeededEntropy(`plot ${plot}`);
  const tasks = Array.from(
    { length: 1 + chance.below(3) },
    () => drawDeeds(chance, 2 + chance.below(4)),
  );
  return { tasks, input: Array.from({ length: chance.below(3) }, (_, n) => `line ${n}`) };
}

/** Tells a story; its process dies at these moments, counted from 1 and rising. */
async function tell(number: number, falls: readonly number[] = []): Promise<Ending> {
  await using town = new Town();
  const alice = await settle(town);
  const plot = drawPlot(number);
  const moments: string[] = [];
  const left = [...falls];
  alice.came = (what) => {
    moments.push(what);
    if (moments.length !== left[0]) return;
    left.shift();
    alice.kill();
  };
  for (const [id, deeds] of plot.tasks.entries()) {
    while (await lines(alice, "relay", "once", `t${id}`, JSON.stringify(deeds)) === undefined);
  }
  while (!await feed(alice, plot.input));
  await town.until(
    async () => {
      await raise(alice);
      return isOver(alice, plot);
    },
    "everything comes to its end",
    STEP_MS,
  );
  alice.came = () => {};
  await raise(alice);
  await town.rest(5);
  assert.deepEqual(town.errors, []);
  return { rows: rowsOf(alice), moments };
}

async function settle(town: Town): Promise<Home> {
  const house = await town.build("alice", await town.person("alice"));
  await house.claim();
  house.classes.set("relay", Roamer);
  await house.install("relay");
  await town.rest(5);
  return house as Home;
}

/** Whether the lines were all taken. */
async function feed(alice: Home, input: readonly string[]): Promise<boolean> {
  await raise(alice);
  const wishes = { input: input.map((line) => `${line}\n`).join("") };
  const visit = alice.visit("pod.run", { pod: "relay", argv: ["feed", "f"] }, wishes);
  return await untilDeath(alice, visit.then(() => true)) ?? false;
}

function isOver(alice: Home, { tasks }: Plot): boolean {
  const told = alice.disk.rows().filter(({ key }) => key[4] === "told").map(({ key }) => key[5]);
  return tasks.every((_, id) => told.includes(`t${id}`)) &&
    leftovers(alice).every((row) => row.includes(NOBODY));
}

/** What calls of nobody and their ends leave in the outbox has places that a restart may skip. */
function rowsOf(alice: Home): string[] {
  const rows = alice.disk.rows().filter(({ key }) => key[2] === "relay");
  const state = rows.filter(({ key }) => String(key[3]).startsWith("state"))
    .map(({ key, value }) => `${key.slice(3).join(" ")}: ${textOf(value)}`);
  const outbox = rows.filter(({ key }) => key[3] === "outbox").map(() => "outbox");
  return [...state, ...outbox];
}

function textOf(value: unknown): string {
  // The name of a file is as random as any.
  return typeof value === "object" ? "a file" : JSON.stringify(value);
}
