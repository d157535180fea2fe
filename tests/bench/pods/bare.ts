/**
 * How long a pod takes to start, against its own WebAssembly without a sandbox around it.
 *
 * @module
 */

import { openCompiler } from "../../../runtime/adapters/compiler.ts";
import { openHosts } from "../../../runtime/adapters/hosts.ts";
import { POD_MEMORY_BYTES, POD_SLICE_MS } from "../../../runtime/model/limits.ts";
import type { PodProgram } from "../../../runtime/model/pod.ts";
import type { Row } from "../../../tools/bench/row.ts";
import { joinProgram, saveProgram } from "../floor/program.ts";
import { runUntilSaid, tempFolder } from "../floor/process.ts";

const BUDGET = { memoryBytes: POD_MEMORY_BYTES, sliceMs: POD_SLICE_MS };
const COMPONENT = new URL("../../../dist/hey.wasm", import.meta.url);

/** Cold: no process yet. Warm: in a host that runs already, beside another pod. */
export async function* bare(): AsyncGenerator<Row, void, void> {
  using folder = tempFolder();
  const compiler = openCompiler({ cacheDir: `${folder.path}/programs` });
  const program = await compiler.compile(await Deno.readFile(COMPONENT));
  saveProgram(program, folder.path);
  yield coldStart(program, folder.path);
  yield* warmStart(program, folder.path);
}

function coldStart(program: PodProgram, folder: string): Row {
  const script = new URL("../floor/start_program.ts", import.meta.url).pathname;
  return {
    row: "cold start",
    floor: "its modules, in a new Deno process",
    unit: "ms",
    runs: 15,
    ours: async () => {
      const startMs = performance.now();
      const hosts = openHosts({ count: 1 });
      await hosts.start(program, BUDGET, () => {});
      const tookMs = performance.now() - startMs;
      await hosts.close();
      return tookMs;
    },
    against: () => runUntilSaid(Deno.execPath(), ["run", "-A", script, folder]),
  };
}

async function* warmStart(program: PodProgram, folder: string): AsyncGenerator<Row, void, void> {
  const hosts = openHosts({ count: 1 });
  try {
    await hosts.start(program, BUDGET, () => {});
    const join = await joinProgram(folder);
    yield {
      row: "warm start",
      floor: "its compiled modules, in this process",
      unit: "ms",
      runs: 40,
      ours: async () => {
        const startMs = performance.now();
        const instance = await hosts.start(program, BUDGET, () => {});
        const tookMs = performance.now() - startMs;
        instance.stop();
        await instance.ended;
        return tookMs;
      },
      against: async () => {
        const startMs = performance.now();
        await join();
        return performance.now() - startMs;
      },
    };
  } finally {
    await hosts.close();
  }
}
