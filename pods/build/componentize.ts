/**
 * Entry of the process that makes a component: a module on standard input, the component on standard
 * output, or why there is none on standard error; the one owner of componentize-qjs. What the module
 * does as it is evaluated cannot be stopped but with its process, which ends when the time is over or
 * standard input is.
 *
 *     componentize.ts <bytes of the module> <most milliseconds that it takes> [<path> <folder>]
 *
 * With the path of the module and a folder around it, it may import modules of that folder.
 *
 * @module
 */

import { componentize } from "componentize-qjs";
import { join } from "node:path";
import { LATE } from "./component.ts";

// Not from world.ts: what that imports takes longer to load than all of this.
const WORLD = join(import.meta.dirname!, "../../wit/actor.wit");

/**
 * The component of a module in the world of pods, made in this process. With its path it may
 * import what is in the folder.
 *
 * @throws {Error} as componentize-qjs says it.
 */
export async function makeComponent(
  jsSource: string,
  jsPath?: string,
  moduleRoot?: string,
): Promise<Uint8Array> {
  const { component } = await componentize({
    witPath: WORLD,
    jsSource,
    ...(jsPath === undefined || moduleRoot === undefined ? {} : { jsPath, moduleRoot }),
    world: "pod",
    optSize: false,
  });
  return component;
}

/** Reads that many bytes; who closes the input before or after is gone, and waits no more. */
async function readModule(sizeBytes: number): Promise<string> {
  const bytes = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes;) {
    at += await Deno.stdin.read(bytes.subarray(at)) ?? Deno.exit(1);
  }
  void Deno.stdin.read(new Uint8Array(1)).then(() => Deno.exit(1));
  return new TextDecoder().decode(bytes);
}

function writeAll(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

if (import.meta.main) {
  const [sizeBytes, limitMs] = Deno.args.map(Number);
  const [, , path, folder] = Deno.args;
  // The module runs on a thread of its own: the clock goes on meanwhile.
  setTimeout(() => Deno.exit(LATE), limitMs);
  try {
    writeAll(await makeComponent(await readModule(sizeBytes!), path, folder));
    Deno.exit(0);
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : String(thrown));
    Deno.exit(1);
  }
}
