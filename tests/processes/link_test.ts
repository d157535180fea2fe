/**
 * Two real servers write to each other while the link between them is cut again and again: over
 * network namespaces where the machine allows them, and over a relay in this process everywhere.
 *
 * `SEED=17` chooses the moments again, as far as a machine does the same twice; `MESSAGES` and
 * `CUTS` make it longer or shorter.
 *
 * @module
 */
// needs: ip nsenter ss unshare

import assert from "node:assert/strict";
import type { Person } from "../../tools/demo/person.ts";
import { openChance } from "./chance.ts";
import { SEED, setting } from "./haunt.ts";
import type { Link } from "./link.ts";
import { openNamespaces } from "./namespaces.ts";
import { openRelays } from "./relay.ts";
import { openTown, type Town } from "./town.ts";
import { pause, until } from "./wait.ts";
import { judge, logs, settled, together, Writer } from "./writer.ts";

const MESSAGES = setting("MESSAGES", 300);
const CUTS = setting("CUTS", 3);

/** Longest time that a link is in trouble. */
const TROUBLE_MS = 1_500;
/** Longest time from its end until messages arrive again on both sides. */
const AGAIN_MS = 60_000;
/** Between two messages of one writer, so that they go on through many cuts. */
const REST_MS = 20;

/** Tells whether a server has taken a bundle since now; its log says so. */
function watch({ log }: Person): () => boolean {
  const { size } = Deno.statSync(log);
  return () => {
    using file = Deno.openSync(log);
    file.seekSync(size, Deno.SeekMode.Start);
    const bytes = new Uint8Array(file.statSync().size - size);
    file.readSync(bytes);
    return new TextDecoder().decode(bytes).includes(`"event":"received"`);
  };
}

/** Cuts and mends; for each trouble the longest time it took to go on after its end, in ms. */
async function haunt(
  town: Town,
  link: Link,
  cuts: number,
  chance: () => number,
): Promise<Map<string, number>> {
  const { alice, bob } = town;
  const longest = new Map<string, number>();
  for (let cut = 0; cut < cuts; cut++) {
    await pause(chance() * 500);
    const trouble = link.troubles[cut % link.troubles.length]!;
    await trouble.begin();
    await pause(chance() * TROUBLE_MS);
    await trouble.end();
    const startMs = performance.now();
    const since = [watch(alice), watch(bob)];
    const goesOn = () => since.every((hasReceived) => hasReceived());
    await until(goesOn, `both hear again after: ${trouble.name}`, AGAIN_MS).catch((error) => {
      throw new Error(`${error.message}\n${logs([alice, bob])}`);
    });
    const tookMs = Math.round(performance.now() - startMs);
    longest.set(trouble.name, Math.max(longest.get(trouble.name) ?? 0, tookMs));
  }
  return longest;
}

async function play(
  link: Link,
  { messages, cuts }: { readonly messages: number; readonly cuts: number },
  chance: () => number,
): Promise<void> {
  await using town = await openTown(link.places);
  const { alice, bob } = town;
  let isOver = false;
  const pace = {
    isEnough: (written: number) => isOver && written >= Math.ceil(messages / 2),
    restMs: REST_MS,
  };
  const writers = [new Writer(alice, bob, pace), new Writer(bob, alice, pace)];
  console.log(`replay: SEED=${SEED} MESSAGES=${MESSAGES} CUTS=${CUTS}`);
  let longest: ReadonlyMap<string, number> = new Map();
  await together((stopped) => [
    ...writers.map((writer) => writer.run(stopped)),
    haunt(town, link, cuts, chance).then((pauses) => longest = pauses).finally(() => isOver = true)
      .then(),
  ]);
  await settled([alice, bob]);
  for (const writer of writers) {
    await judge(writer);
    // No server ended, so there is nothing that anybody could not know.
    assert(writer.written.every(({ state }) => state === "taken"));
  }
  const counts = writers.map(({ written }) => written.length).join(" and ");
  console.log(`${link.name}: ${cuts} cuts, ${counts} messages; they went on at most`);
  for (const [name, tookMs] of longest) console.log(`${tookMs} ms after ${name}`);
}

Deno.test("servers whose link is cut lose nothing, double nothing and keep the order", async (t) => {
  await t.step("through a relay that stands still, refuses and tears", async () => {
    const chance = openChance(SEED);
    await using link = openRelays(chance);
    await play(link, { messages: MESSAGES / 5, cuts: Math.ceil(CUTS / 2) }, chance);
  });

  await t.step("between network namespaces", async () => {
    const link = await openNamespaces().catch((error: Error) => error);
    // Nothing is skipped: the same was tried above, as far as it can be without namespaces.
    if (link instanceof Error) return console.log(`no network namespaces here: ${link.message}`);
    await using _link = link;
    await play(link, { messages: MESSAGES, cuts: CUTS }, openChance(SEED));
  });
});
