/**
 * A pod that keeps books, while its server and the hosts of its pods are killed: its money is the
 * same at every moment, and each order is done once.
 *
 * `SEED=17` chooses the moments again, as far as a machine does the same twice; `ORDERS` and `KILLS`
 * make it longer.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Person } from "../../tools/demo/person.ts";
import { openChance } from "./chance.ts";
import { talk } from "./client.ts";
import { evenly, fell, haunt, installAll, SEED, setting } from "./haunt.ts";
import { freePlace, openStage, settle, type Settled } from "./town.ts";
import { commandOf, descendants } from "./tree.ts";
import { pause } from "./wait.ts";
import { logs, together } from "./writer.ts";

const ORDERS = setting("ORDERS", 40);
const KILLS = setting("KILLS", 3);
const NAMES = ["rent", "tea", "books", "travel"];
const START = 1_000;
/** Longest time from the last order until all are done. */
const SETTLE_MS = 60_000;

interface Books {
  readonly accounts: Readonly<Record<string, number>>;
  readonly ways: readonly number[];
  readonly done: readonly string[];
}

interface Order {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

/** Says something to the bank until it has lived to answer. */
async function bank(person: Person, ...argv: readonly string[]): Promise<string> {
  for (;;) {
    const said = await talk(person, ["bank", ...argv]).catch(() => undefined);
    if (said?.exitCode === 0) return said.stdout;
    await pause(20);
  }
}

/** The books, whose sum is what there was in the beginning. */
async function readBooks(person: Person): Promise<Books> {
  const books: Books = JSON.parse(await bank(person, "books"));
  const all = [...Object.values(books.accounts), ...books.ways];
  const total = all.reduce((sum, amount) => sum + amount, 0);
  assert.equal(total, START * NAMES.length, `${JSON.stringify(books)}\n${logs([person])}`);
  return books;
}

function drawOrder(chance: () => number): Order {
  const [from, to] = [0, 0].map(() => NAMES[Math.floor(chance() * NAMES.length)]!);
  return { from: from!, to: to!, amount: 1 + Math.floor(chance() * 100) };
}

/** Kills the server, or the processes in which its pods run. */
async function strike(settled: Settled, chance: () => number): Promise<void> {
  await pause(chance() * 50);
  const { person } = settled;
  const places = new Map([[person, settled]]);
  if (chance() < 0.5) return await fell({ places }, [person], chance() * 100);
  for (const { pid } of descendants(person.pid!)) {
    if (!commandOf(pid).includes("adapters/host/main.ts")) continue;
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has just ended.
    }
  }
}

Deno.test("books balance at every moment, however often what keeps them is killed", async () => {
  console.log(`replay: SEED=${SEED} ORDERS=${ORDERS} KILLS=${KILLS}`);
  const [chance, moments] = [openChance(SEED), openChance(SEED + 1)];
  const orders = Array.from({ length: ORDERS }, () => drawOrder(chance));
  using stage = openStage();
  const settled = await settle("alice", stage, freePlace(), []);
  const { person } = settled;
  try {
    await installAll("bank", [person]);
    await bank(person, "open", `${START}`, ...NAMES);
    let given = 0;
    await together((stopped) => [
      (async () => {
        for (; given < ORDERS && !stopped.aborted; given++) {
          const { from, to, amount } = orders[given]!;
          await bank(person, "order", `o${given}`, from, to, `${amount}`);
          if (given % 5 === 0) await readBooks(person);
        }
      })(),
      haunt(
        { progress: () => given, at: evenly(KILLS, ORDERS), stopped },
        () => strike(settled, moments),
      ),
    ]);
    const endMs = performance.now() + SETTLE_MS;
    let books = await readBooks(person);
    while (books.done.length < ORDERS) {
      assert.ok(performance.now() < endMs, `${books.done.length} are done\n${logs([person])}`);
      books = await readBooks(person);
    }
    const balances = Object.fromEntries(NAMES.map((name) => [name, START]));
    for (const { from, to, amount } of orders) {
      balances[from]! -= amount;
      balances[to]! += amount;
    }
    assert.deepEqual(books, { ...books, accounts: balances, ways: [] });
  } finally {
    await person.stop("SIGKILL");
  }
});
