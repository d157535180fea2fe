/**
 * `describe.ts <folder>`: reads a pod's code and keeps what the build says of it, without building
 * it. Classes for its WIT are written on the way.
 *
 * @module
 */

import { generatePod } from "../generate.ts";
import { readProject } from "../project.ts";
import { type Description, readKept, writeKept } from "./kept.ts";
import { run } from "./run.ts";

/** Brings what is kept of a folder up to date. @throws {Error} for the author. */
export async function describeFolder(folder: string): Promise<void> {
  if (await readKept(folder) !== undefined) return;
  const { manifest, shape, errors } = await generatePod(await readProject(folder));
  const description: Description = {
    manifest,
    ...shape !== undefined && { shape },
    ...errors !== undefined && { errors },
  };
  await writeKept(folder, description);
}

if (import.meta.main) {
  await run("read a pod", async () => {
    await describeFolder(Deno.args[0]!);
    return 0;
  });
}
