/**
 * Two real servers write to each other while both are killed again and again.
 *
 * `SEED=17` chooses the moments again, as far as a machine does the same twice; `MESSAGES` and
 * `KILLS` make it longer or shorter.
 *
 * @module
 */

import { openChance } from "./chance.ts";
import { openTown, serve, type Town } from "./town.ts";
import { pause } from "./wait.ts";
import { countWritten, judge, settled, together, Writer } from "./writer.ts";

const SEED = Number(Deno.env.get("SEED") ?? Date.now() % 1_000_000);
const MESSAGES = Number(Deno.env.get("MESSAGES") ?? 1_000);
const KILLS = Number(Deno.env.get("KILLS") ?? 20);

/** Kills servers while the writers write, spread over their messages. */
async function haunt(
  town: Town,
  writers: readonly Writer[],
  chance: () => number,
  stopped: AbortSignal,
): Promise<void> {
  for (let kill = 1; kill <= KILLS; kill++) {
    const from = MESSAGES * (kill - chance()) / (KILLS + 1);
    while (countWritten(writers) < from && !stopped.aborted) await pause(5);
    if (stopped.aborted) return;
    // Anywhere within the way of a message, which takes some tens of milliseconds.
    await pause(chance() * 60);
    const victim = chance() < 0.5 ? town.alice : town.bob;
    await victim.stop("SIGKILL");
    await pause(chance() * 300);
    await serve(town.places.get(victim)!);
  }
}

Deno.test("servers that are killed lose nothing, double nothing and keep the order", async () => {
  const chance = openChance(SEED);
  await using town = await openTown();
  const { alice, bob } = town;
  const pace = { isEnough: (written: number) => written >= Math.ceil(MESSAGES / 2) };
  const writers = [new Writer(alice, bob, pace), new Writer(bob, alice, pace)];
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
