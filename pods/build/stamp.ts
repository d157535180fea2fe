/**
 * Whether a pod must be built again: a hash over everything that goes into it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join, relative } from "node:path";
import type { Project } from "./project.ts";

/**
 * Hash of a pod's inputs: its folder, SDK, build, contracts, pinned packages and Deno itself.
 * Tests do not count.
 */
export async function hashInputs(root: string, project: Project): Promise<string> {
  const folders = [
    project.folder,
    join(root, "pods/sdk"),
    join(root, "pods/build"),
    join(root, "wit"),
  ];
  const paths = [join(root, "deno.lock")];
  for (const folder of folders) paths.push(...await findFiles(folder));
  const hash = createHash("sha256").update(`${Deno.version.deno}\n`);
  for (const path of paths.sort()) {
    const bytes = await Deno.readFile(path);
    hash.update(`${relative(root, path)} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest("hex");
}

/** The stamp beside a component; undefined when either is missing. */
export async function readStamp(stamp: string, component: string): Promise<string | undefined> {
  try {
    await Deno.stat(component);
    return (await Deno.readTextFile(stamp)).trim();
  } catch {
    return undefined;
  }
}

/** Remembers of which inputs the component was built. */
export async function writeStamp(stamp: string, inputs: string): Promise<void> {
  await Deno.writeTextFile(stamp, `${inputs}\n`);
}

async function findFiles(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) paths.push(...await findFiles(path));
    else if (!entry.name.endsWith("_test.ts")) paths.push(path);
  }
  return paths;
}
