/**
 * What pods take of the memory, awake and asleep, and of the start of their server.
 *
 * @module
 */

import { appendSection } from "../../../pods/build/component.ts";
import type { Row } from "../../../tools/bench/row.ts";
import { openBench } from "./bench.ts";
import { Crowds } from "./crowd.ts";
import { openHosted } from "./hosted.ts";
import { familyOf, memoryOf } from "./memory.ts";
import { openRaw } from "./process.ts";

/** Kinds of pods in a crowd. */
const KINDS = 10;
const CROWD = 1_000;
const ACTIVE = 20;
/** Pods of which the memory of one is taken. */
const MANY = 50;

/** What a pod that is awake takes. */
export async function* memory(): AsyncGenerator<Row, void, void> {
  await using bench = await openBench();
  const ours = async () => {
    await using hosted = openHosted();
    const measure = async (count: number, first: number) => {
      for (let at = first; at < count; at++) {
        await hosted.start(bench.program);
        await hosted.call(at);
      }
      await settle();
      return memoryOf(familyOf(Deno.pid).slice(1));
    };
    const before = await measure(3, 0);
    return (await measure(MANY + 3, 3) - before) / MANY;
  };
  const rawOf = async (count: number) => {
    await using process = await openRaw(bench.file, bench.raw, String(count));
    await process.ask("");
    await settle();
    return memoryOf([process.pid]);
  };
  yield {
    row: "memory of a pod that is awake, beyond its host",
    floor: "raw jco, beyond its process",
    unit: "KiB",
    runs: 3,
    ours,
    against: async () => (await rawOf(MANY + 3) - await rawOf(3)) / MANY,
  };
}

/** A server with many pods. */
export async function* crowd(): AsyncGenerator<Row, void, void> {
  await using bench = await openBench();
  const components = Array.from(
    { length: KINDS },
    (_, at) => appendSection(bench.component, "bench:kind", Uint8Array.of(at)),
  );
  using crowds = new Crowds();
  const empty = await crowds.make("empty", components, 0);
  const full = await crowds.make("full", components, CROWD);
  const floor = "an empty server";
  const row = `server with ${CROWD} pods`;
  const [ours, against] = [() => full.start(), () => empty.start()];
  yield { row: `${row}: start`, floor, unit: "ms", runs: 5, ours, against };
  for (const [what, used] of [["all asleep", 0], [`${ACTIVE} in use`, ACTIVE]] as const) {
    yield {
      row: `${row}, ${what}: memory`,
      floor,
      unit: "MiB",
      runs: 3,
      ours: () => full.memory(used),
      against: () => empty.memory(0),
    };
  }
}

/** Waits until what can be freed is. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 300));
}
