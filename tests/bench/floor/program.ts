/**
 * A program's own WebAssembly joined by its own script, without hosts, frames and watchdog.
 *
 * @module
 */

import { Guest, type ProgramScript } from "../../../runtime/adapters/host/guest.ts";
import { POD_MEMORY_BYTES } from "../../../runtime/model/limits.ts";
import type { PodProgram } from "../../../runtime/model/pod.ts";

/** Writes script and modules as files, for {@link joinProgram} in any process. */
export function saveProgram(program: PodProgram, folder: string): void {
  Deno.writeTextFileSync(`${folder}/script.mjs`, program.script);
  Deno.mkdirSync(`${folder}/modules`);
  for (const [name, bytes] of program.modules) {
    Deno.writeFileSync(`${folder}/modules/${name}`, bytes);
  }
}

/** Compiles what was saved; every call of the result is a fresh instance that has started. */
export async function joinProgram(folder: string): Promise<() => Promise<void>> {
  const script = await import(`file://${folder}/script.mjs`) as ProgramScript;
  const modules = new Map<string, WebAssembly.Module>();
  for (const { name } of Deno.readDirSync(`${folder}/modules`)) {
    const bytes = Deno.readFileSync(`${folder}/modules/${name}`);
    modules.set(name, await WebAssembly.compile(bytes));
  }
  const options = { script, modules, memoryBytes: POD_MEMORY_BYTES };
  return () => new Guest({ ...options, queue() {}, finished() {}, enter: (run) => run() }).start();
}
