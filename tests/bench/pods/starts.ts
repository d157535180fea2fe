/**
 * How long it takes until a pod is there.
 *
 * @module
 */

import { openCompiler } from "../../../runtime/adapters/compiler.ts";
import type { Row } from "../../../tools/bench/row.ts";
import { type Bench, EXTISM, openBench, withExtism } from "./bench.ts";
import { openHosted } from "./hosted.ts";
import { openHouse } from "./house.ts";
import { openRaw } from "./process.ts";
import { podOf, seedHome } from "./seed.ts";
import { openWorker } from "./worker.ts";

/** How long it takes until a pod is there. */
export async function* starts(): AsyncGenerator<Row, void, void> {
  await using bench = await openBench();
  yield coldStart(bench);
  yield firstStart(bench);
  const home = `${bench.folder}/home`;
  const url = "http://127.0.0.1:7999";
  const owner = await seedHome({ home, url, components: [bench.component], pods: 2 });
  await using house = await openHouse(home, 1);
  const ask = async (at: number) => {
    const startMs = performance.now();
    await house.supervisor.faces.run(podOf(owner, at), ["noop"], { terminal: false });
    return performance.now() - startMs;
  };
  let last = 0;
  const row = { row: "call of a pod that sleeps", unit: "ms", runs: 30 } as const;
  const ours = () => ask(last = 1 - last);
  yield { ...row, floor: "a call while it is awake", ours, against: () => ask(last) };
  const worker = async () => {
    const startMs = performance.now();
    using opened = await openWorker(bench.raw, 1);
    await opened.call(0);
    return performance.now() - startMs;
  };
  yield { ...row, floor: "a fresh Deno worker with raw jco", runs: 9, ours, against: worker };
  const process = async () => {
    const startMs = performance.now();
    await using opened = await openRaw(bench.file, bench.raw, "1");
    await opened.ask("");
    return performance.now() - startMs;
  };
  yield { ...row, floor: "a fresh process with raw jco", runs: 9, ours, against: process };
  yield* withExtism(async function* (extism) {
    yield await Promise.resolve({ ...row, floor: EXTISM, ours, against: () => extism.ask("") });
  });
}

/** Of a pod whose program is on disk since its installation. */
function coldStart({ component, cacheDir, file, raw, neighbour }: Bench): Row {
  return {
    row: "cold start and first call, host runs",
    floor: "raw jco in a process that runs",
    unit: "ms",
    runs: 11,
    ours: async () => {
      await using hosted = openHosted();
      await hosted.start(neighbour);
      const startMs = performance.now();
      await hosted.start(await openCompiler({ cacheDir }).compile(component));
      await hosted.call(1);
      return performance.now() - startMs;
    },
    against: async () => {
      await using process = await openRaw(file, raw, "1");
      return await process.ask("");
    },
  };
}

/** Of a component that nobody has seen. */
function firstStart({ component, file, folder }: Bench): Row {
  let run = 0;
  return {
    row: "from component to first call",
    floor: "raw jco, transpiled in a process that runs",
    unit: "ms",
    runs: 3,
    ours: async () => {
      await using hosted = openHosted();
      const startMs = performance.now();
      const compiler = openCompiler({ cacheDir: `${folder}/fresh-${++run}` });
      await hosted.start(await compiler.compile(component));
      await hosted.call(0);
      return performance.now() - startMs;
    },
    against: async () => {
      await using process = await openRaw("fresh", file, `${folder}/fresh-${++run}`, "1");
      return await process.ask("");
    },
  };
}
