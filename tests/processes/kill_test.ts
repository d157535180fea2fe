/**
 * Two real servers write to each other while both are killed again and again.
 *
 * `SEED=17` chooses the moments again, as far as a machine does the same twice; `MESSAGES=1000
 * KILLS=20` makes it longer.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PeriError } from "../../runtime/model/errors.ts";
import type { Person } from "../../tools/demo/person.ts";
import { openChance } from "./chance.ts";
import { type Letter, letters, talk } from "./client.ts";
import { openTown, type Town } from "./town.ts";
import { pause } from "./wait.ts";

const SEED = Number(Deno.env.get("SEED") ?? Date.now() % 1_000_000);
const MESSAGES = Number(Deno.env.get("MESSAGES") ?? 300);
const KILLS = Number(Deno.env.get("KILLS") ?? 10);

/** Longest time from the last message until all have arrived and their senders know. */
const SETTLE_MS = 60_000;
const STEP_MS = 50;

/** A message as its writer remembers it; `maybe`: the server died before it answered. */
interface Written {
  readonly text: string;
  readonly state: "taken" | "maybe";
}

/** Somebody who writes one message after the other, whatever happens to the server. */
class Writer {
  readonly written: Written[] = [];

  constructor(readonly person: Person, readonly to: Person, readonly count: number) {}

  async run(stopped: AbortSignal): Promise<void> {
    while (this.written.length < this.count && !stopped.aborted) {
      const text = `${this.person.name} ${this.written.length}`;
      const state = await this.#write(text);
      if (state === undefined) await pause(STEP_MS);
      else this.written.push({ text, state });
    }
  }

  /** Undefined when no server runs, so that it cannot have been taken. */
  async #write(text: string): Promise<Written["state"] | undefined> {
    try {
      const { exitCode, stderr } = await talk(this.person, [
        "hey",
        "leave-message",
        this.to.name,
        text,
      ]);
      assert.equal(exitCode, 0, stderr);
      return "taken";
    } catch (error) {
      if (!(error instanceof PeriError) || error.kind !== "unreachable") throw error;
      return /does not run/.test(error.subject) ? undefined : "maybe";
    }
  }
}

/** Kills servers while the writers write, spread over their messages. */
async function haunt(
  town: Town,
  writers: readonly Writer[],
  chance: () => number,
  stopped: AbortSignal,
): Promise<void> {
  const progress = () => writers.reduce((sum, { written }) => sum + written.length, 0);
  for (let kill = 1; kill <= KILLS; kill++) {
    const from = MESSAGES * (kill - chance()) / (KILLS + 1);
    while (progress() < from && !stopped.aborted) await pause(5);
    if (stopped.aborted) return;
    // Anywhere within the way of a message, which takes some tens of milliseconds.
    await pause(chance() * 60);
    const victim = chance() < 0.5 ? town.alice : town.bob;
    const { port, url } = town.places.get(victim)!;
    await victim.stop("SIGKILL");
    await pause(chance() * 300);
    await victim.serve(port, url);
  }
}

/** Resolves when all have ended; one that fails stops the others. */
async function together(start: (stopped: AbortSignal) => Promise<void>[]): Promise<void> {
  const stop = new AbortController();
  const tasks = start(stop.signal);
  tasks.forEach((task) => task.catch(() => stop.abort()));
  await Promise.allSettled(tasks);
  await Promise.all(tasks);
}

async function settled(people: readonly Person[]): Promise<void> {
  const end = performance.now() + SETTLE_MS;
  for (const person of people) {
    for (;;) {
      const waiting = (await letters(person, "--sent")).filter(({ fate }) => fate === "waiting");
      if (waiting.length === 0) break;
      const example = `${person.name} still waits for ${waiting.length}: ${waiting[0]!.start}`;
      assert(performance.now() < end, `${example}\n${logs(people)}`);
      await pause(200);
    }
  }
}

function logs(people: readonly Person[]): string {
  return people.map(({ log }) => Deno.readTextFileSync(log).split("\n").slice(-30).join("\n"))
    .join("\n\n");
}

async function judge({ person, to, written }: Writer): Promise<void> {
  const textsOf = (list: readonly Letter[]) => list.map(({ start }) => start);
  const sent = await letters(person, "--sent");
  const texts = textsOf(sent);
  const taken = written.filter(({ state }) => state === "taken").map(({ text }) => text);
  const lost = taken.filter((text) => !texts.includes(text));
  assert.deepEqual(lost, [], `${person.name}'s server forgot what it had taken`);
  const order = written.map(({ text }) => text).filter((text) => texts.includes(text));
  assert.deepEqual(texts, order, `${person.name}'s server has other messages than were written`);
  const failed = sent.filter(({ fate }) => fate !== "delivered");
  assert.deepEqual(failed, [], "not delivered");
  assert.deepEqual(textsOf(await letters(to)), texts, `${to.name} has other messages`);
}

Deno.test("servers that are killed lose nothing, double nothing and keep the order", async () => {
  const chance = openChance(SEED);
  await using town = await openTown();
  const { alice, bob } = town;
  const half = Math.ceil(MESSAGES / 2);
  const writers = [new Writer(alice, bob, half), new Writer(bob, alice, half)];
  console.log(`replay: SEED=${SEED} MESSAGES=${MESSAGES} KILLS=${KILLS}`);
  await together((stopped) => [
    ...writers.map((writer) => writer.run(stopped)),
    haunt(town, writers, chance, stopped),
  ]);
  await settled([alice, bob]);
  for (const writer of writers) await judge(writer);
  const maybes = writers.flatMap(({ written }) => written.filter((one) => one.state === "maybe"));
  console.log(`${KILLS} kills; unanswered: ${maybes.length} of ${MESSAGES}`);
});
