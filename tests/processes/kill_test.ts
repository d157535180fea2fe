/**
 * Two real servers write to each other while both are killed again and again.
 *
 * `SEED=17` chooses the moments again, as far as a machine does the same twice; `MESSAGES` and
 * `KILLS`, an even number of both servers together, make it longer or shorter.
 *
 * @module
 */

import { openChance } from "./chance.ts";
import { fell, haunt, SEED, setting } from "./haunt.ts";
import { openTown } from "./town.ts";
import { pause } from "./wait.ts";
import { countWritten, judge, settled, together, Writer } from "./writer.ts";

const MESSAGES = setting("MESSAGES", 1_000);
const KILLS = setting("KILLS", 20);

/** Moments to kill a server, spread over the messages of both. */
function spread(chance: () => number): number[] {
  const kills = KILLS / 2;
  return Array.from({ length: kills }, (_, kill) => MESSAGES * (kill + 1 - chance()) / (kills + 1));
}

Deno.test("servers that are killed lose nothing, double nothing and keep the order", async () => {
  await using town = await openTown();
  const { alice, bob } = town;
  const pace = { isEnough: (written: number) => written >= Math.ceil(MESSAGES / 2) };
  const writers = [new Writer(alice, bob, pace), new Writer(bob, alice, pace)];
  console.log(`replay: SEED=${SEED} MESSAGES=${MESSAGES} KILLS=${KILLS}`);
  await together((stopped) => [
    ...writers.map((writer) => writer.run(stopped)),
    ...[alice, bob].map((victim, index) => {
      const chance = openChance(SEED + index);
      const progress = () => countWritten(writers);
      return haunt({ progress, at: spread(chance), stopped }, async () => {
        // Anywhere within the way of a message, which takes some tens of milliseconds.
        await pause(chance() * 60);
        await fell(town, [victim], chance() * 300);
      });
    }),
  ]);
  await settled([alice, bob]);
  for (const writer of writers) await judge(writer);
  const maybes = writers.flatMap(({ written }) => written.filter((one) => one.state === "maybe"));
  console.log(`${KILLS} kills; unanswered: ${maybes.length} of ${MESSAGES}`);
});
