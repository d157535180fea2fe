/**
 * Two real servers write to each other while both are killed again and again.
 *
 * `SEED=17` chooses the moments again, as far as a machine does the same twice; `MESSAGES` and
 * `KILLS`, an even number of both servers together, make it longer or shorter.
 *
 * @module
 */

import type { Person } from "../../tools/demo/person.ts";
import { openChance } from "./chance.ts";
import { openTown, serve, type Town } from "./town.ts";
import { pause } from "./wait.ts";
import { countWritten, judge, settled, together, Writer } from "./writer.ts";

const SEED = Number(Deno.env.get("SEED") ?? Date.now() % 1_000_000);
const MESSAGES = Number(Deno.env.get("MESSAGES") ?? 1_000);
const KILLS = Number(Deno.env.get("KILLS") ?? 20);

/** Kills a server while the writers write, spread over their messages. */
async function haunt(
  { town, victim, chance }: { town: Town; victim: Person; chance: () => number },
  writers: readonly Writer[],
  stopped: AbortSignal,
): Promise<void> {
  const kills = KILLS / 2;
  for (let kill = 1; kill <= kills; kill++) {
    const from = MESSAGES * (kill - chance()) / (kills + 1);
    while (countWritten(writers) < from && !stopped.aborted) await pause(5);
    if (stopped.aborted) return;
    // Anywhere within the way of a message, which takes some tens of milliseconds.
    await pause(chance() * 60);
    await victim.stop("SIGKILL");
    await pause(chance() * 300);
    await serve(town.places.get(victim)!);
  }
}

Deno.test("servers that are killed lose nothing, double nothing and keep the order", async () => {
  await using town = await openTown();
  const { alice, bob } = town;
  const pace = { isEnough: (written: number) => written >= Math.ceil(MESSAGES / 2) };
  const writers = [new Writer(alice, bob, pace), new Writer(bob, alice, pace)];
  console.log(`replay: SEED=${SEED} MESSAGES=${MESSAGES} KILLS=${KILLS}`);
  await together((stopped) => [
    ...writers.map((writer) => writer.run(stopped)),
    ...[alice, bob].map((victim, index) =>
      haunt({ town, victim, chance: openChance(SEED + index) }, writers, stopped)
    ),
  ]);
  await settled([alice, bob]);
  for (const writer of writers) await judge(writer);
  const maybes = writers.flatMap(({ written }) => written.filter((one) => one.state === "maybe"));
  console.log(`${KILLS} kills; unanswered: ${maybes.length} of ${MESSAGES}`);
});
