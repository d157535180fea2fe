/**
 * `build.ts <folder> [--out file] [--publish]`: makes a component of the pod in a folder, wherever
 * that stands.
 *
 * @module
 */

import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildPod } from "../build.ts";
import { openFolder } from "./folder.ts";
import { run } from "./run.ts";
import { checkTypes } from "./types.ts";

/** What a build is to do besides. */
export interface FolderOptions {
  /** Path of the component; without it `<name>.wasm` in the folder. */
  readonly out?: string;
  /** Whether what the pod offers is published with this, and cannot change any more. */
  readonly publish?: boolean;
}

/** Builds the pod of a folder. Resolves to a line about what was built. @throws {Error} for the author. */
export async function buildFolder(
  folder: string,
  { out, publish = false }: FolderOptions = {},
): Promise<string> {
  const startMs = performance.now();
  const project = await openFolder(folder);
  const dist = join(project.folder, ".peri");
  const { manifest, component, sizeBytes } = await buildPod(project, dist, {
    publish,
    check: checkTypes,
  });
  const path = out ?? join(project.folder, `${project.name}.wasm`);
  const unfinished = `${path}.${Deno.pid}.tmp`;
  await Deno.copyFile(component, unfinished);
  await Deno.rename(unfinished, path);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const offers = manifest.offers.map((offer) => offer.interface).join(", ");
  const shown = relative(Deno.cwd(), path);
  return `${shown} built in ${seconds} s: ${Math.round(sizeBytes / 1024)} KiB, ${offers}`;
}

if (import.meta.main) {
  await run("build a pod", async () => {
    const { values, positionals } = parseArgs({
      args: Deno.args,
      allowPositionals: true,
      options: { out: { type: "string" }, publish: { type: "boolean", default: false } },
    });
    const out = values.out === undefined ? {} : { out: resolve(values.out) };
    const { publish } = values;
    console.log(await buildFolder(positionals[0] ?? ".", { ...out, publish }));
    return 0;
  });
}
