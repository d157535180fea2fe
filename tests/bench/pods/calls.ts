/**
 * How fast pods answer.
 *
 * @module
 */

import type { Row } from "../../../tools/bench/row.ts";
import { EXTISM, openBench, withExtism } from "./bench.ts";
import { openHosted, timeCalls } from "./hosted.ts";
import { openRaw } from "./process.ts";
import { openWorker } from "./worker.ts";

/** Calls at once: as many runs as the supervisor gives a pod. */
const AHEAD = 64;

/** How fast pods answer. */
export async function* calls(): AsyncGenerator<Row, void, void> {
  await using bench = await openBench();
  await using hosted = openHosted();
  for (let at = 0; at < 100; at++) await hosted.start(bench.program);
  using worker = await openWorker(bench.raw, 100);
  const floor = "raw jco in a Deno worker";
  const ways = [
    { row: "call of one pod, one at a time", count: 500, pods: 1, width: 1 },
    { row: "call of one pod, 64 at once, each", count: 2_000, pods: 1, width: AHEAD },
    { row: "call of 100 pods, 64 at once, each", count: 2_000, pods: 100, width: AHEAD },
  ];
  for (const { row, ...way } of ways) {
    const against = () => timeCalls(worker, way);
    yield { row, floor, unit: "us", runs: 9, ours: () => timeCalls(hosted, way), against };
  }
  const [{ row, ...one }] = ways as [typeof ways[0]];
  const alone = { row, unit: "us", runs: 9, ours: () => timeCalls(hosted, one) } as const;
  await using process = await openRaw(bench.file, bench.raw, "1");
  await process.ask("");
  const inProcess = async () => {
    let tookMs = 0;
    for (let at = 0; at < one.count; at++) tookMs += await process.ask("call");
    return tookMs * 1000 / one.count;
  };
  yield { ...alone, floor: "raw jco in a process, asked by lines", against: inProcess };
  yield* withExtism(async function* (extism) {
    await extism.ask("");
    const against = async () => await extism.ask(String(one.count)) * 1000 / one.count;
    yield await Promise.resolve({ ...alone, floor: EXTISM, against });
  });
}
