/**
 * Processes that run pods, for the tests of those.
 *
 * @module
 */

import { buildTrial } from "../pods/build.ts";
import type { PodEvent, PodProgram } from "../../runtime/model/pod.ts";
import type { Sandbox } from "../../runtime/ports/sandbox.ts";
import { openCompiler } from "../../runtime/adapters/compiler.ts";
import { type HostsOptions, openHosts } from "../../runtime/adapters/hosts.ts";

/** What a pod may use there. */
export const BUDGET = { memoryBytes: 64 * 1024 * 1024, sliceMs: 200 };

/** A call of a function of the pod. */
export const call = (name: string): PodEvent => ({
  kind: "call",
  invocation: 1,
  pod: "trial",
  caller: { person: "A".repeat(40) },
  interface: "",
  function: name,
  arguments: "[]",
  nowMs: 0,
  seed: 1,
});

let trial: Promise<PodProgram> | undefined;

function compileTrial(): Promise<PodProgram> {
  trial ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "peri-hosts-" });
    try {
      return await openCompiler({ cacheDir: folder }).compile(await buildTrial());
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  })();
  return trial;
}

/** A sandbox of real processes. `run` is given how to find this sandbox's processes: other tests have theirs at the same time. */
export async function withHosts(
  options: Partial<HostsOptions>,
  run: (sandbox: Sandbox, program: PodProgram, hosts: () => Promise<number[]>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "peri-deno-" });
  const denoPath = `${folder}/deno`;
  await Deno.symlink(Deno.execPath(), denoPath);
  const sandbox = openHosts({ count: 1, denoPath, ...options });
  try {
    await run(sandbox, await compileTrial(), () => childrenRunning(denoPath));
  } finally {
    await sandbox.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Processes of this one that a program was started as. */
async function childrenRunning(program: string): Promise<number[]> {
  const pids: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const read = (file: string) => Deno.readTextFile(`/proc/${name}/${file}`).catch(() => "");
    const isChild = (await read("stat")).split(") ")[1]?.split(" ")[1] === String(Deno.pid);
    if (isChild && (await read("cmdline")).startsWith(program)) pids.push(Number(name));
  }
  return pids;
}

/** A script that plays a host; it lives in a file because children run files. */
export async function withScript(text: string, run: (script: URL) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "peri-host-", suffix: ".js" });
  try {
    await Deno.writeTextFile(path, text);
    await run(new URL(`file://${path}`));
  } finally {
    await Deno.remove(path);
  }
}
