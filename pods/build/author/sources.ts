/**
 * Which files of a pod's folder a build reads.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join, relative } from "node:path";

/** Whether a path is one that a build may read. Tests and what is hidden do not count. */
export function isSource(folder: string, path: string): boolean {
  const below = relative(folder, path);
  const isHidden = below.split("/").some((part) => part.startsWith(".") || part === "node_modules");
  return !isHidden && /\.(?:ts|js|wit|json)$/.test(below) && !below.endsWith("_test.ts");
}

/** What the build writes into a folder says so at its beginning. */
const WRITTEN = /written by [^,]{1,40}, not by hand/i;

/** A hash over what the author has written; another one when a build may come to something else. */
export async function hashSources(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const path of (await listSources(folder, folder)).sort()) {
    const text = await readText(path);
    if (text === undefined || WRITTEN.test(text.slice(0, 500))) continue;
    hash.update(`${relative(folder, path)} ${text.length}\n`).update(text);
  }
  return hash.digest("hex");
}

/** The text of a file; undefined when there is none: they come and go while editors save. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function listSources(root: string, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (name.startsWith(".") || name === "node_modules") continue;
    if (isDirectory) paths.push(...await listSources(root, path));
    else if (isSource(root, path)) paths.push(path);
  }
  return paths;
}
