/**
 * A real component with streams in a real pod host: what the SDK says passes the border as it is.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { openCompiler } from "../../runtime/adapters/compiler.ts";
import { openHosts } from "../../runtime/adapters/hosts.ts";
import type { PodEvent, PodProgram } from "../../runtime/model/pod.ts";
import { buildOnce } from "../helpers/programs.ts";
import { startPod } from "./answers.ts";

const HANDLE = `${"A".repeat(40)}/ticker/${"t".repeat(22)}`;

async function compile(): Promise<PodProgram> {
  const folder = await Deno.makeTempDir({ prefix: "peri-stream-" });
  try {
    const bytes = await Deno.readFile(
      await buildOnce(join(import.meta.dirname!, "../pods/ticker")),
    );
    return await openCompiler({ cacheDir: folder }).compile(bytes);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function call(name: string, called: string, args: unknown, more: object = {}): PodEvent {
  return {
    kind: "call",
    invocation: 1,
    pod: "ticker",
    caller: { person: "A".repeat(40), pod: "ticker" },
    interface: name,
    function: called,
    arguments: JSON.stringify(args),
    nowMs: 1_800_000_000_000,
    seed: 1,
    ...more,
  };
}

Deno.test("a component of the SDK gives a list to a handle and posts with a key", async () => {
  const program = await compile();
  const sandbox = openHosts({ count: 1 });
  try {
    const finish = await startPod(sandbox, program);
    const lines = await finish(
      call("test:ticker/watch", "lines", [2], { handle: HANDLE, many: true }),
    );
    assert.deepEqual(lines.outcome, { ok: "null" });
    assert.deepEqual(lines.effects.answers, [
      { handle: HANDLE, part: { item: '"line 1"' } },
      { handle: HANDLE, part: { item: '"line 2"' } },
      { handle: HANDLE, part: { end: true } },
    ]);
    const argv = ["follow", "B".repeat(40), "tides"];
    const { effects } = await finish(call("peri:face/command", "run", [argv, false]));
    assert.equal(effects.posts[0]?.key, "tides");
    const stop = await finish(call("peri:face/command", "run", [["stop", "tides"], false]));
    assert.deepEqual(stop.effects.cancels, ["tides"]);
  } finally {
    await sandbox.close();
  }
});
