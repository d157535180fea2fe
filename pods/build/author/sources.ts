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

/** How long a file that has just become empty is taken for one that is being saved. */
const SAVE_MS = 1_000;
/** How often it is looked at meanwhile. */
const LOOK_MS = 25;

/** What an author has written in a folder, while they write. */
export class Sources {
  readonly #folder: string;
  /** Empty files that nobody is about to fill. */
  #empty: ReadonlySet<string> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * A hash over all of it; another one when a build may come to something else. Whoever saves a
   * file empties it and then writes it, and may be interrupted: that is waited for, a second at
   * most. What is empty at the first look is meant to be.
   */
  async hash(): Promise<string> {
    const startMs = performance.now();
    for (;;) {
      const { hash, empty } = await readSources(this.#folder);
      const known = this.#empty ??= new Set(empty);
      const isSaved = empty.every((path) => known.has(path));
      if (isSaved || performance.now() - startMs > SAVE_MS) {
        this.#empty = new Set(empty);
        return hash;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

/** A hash over what the author has written, as it is now. */
export async function hashSources(folder: string): Promise<string> {
  return (await readSources(folder)).hash;
}

/** The hash of a folder's sources, and the paths of those that are empty. */
async function readSources(folder: string): Promise<{ hash: string; empty: readonly string[] }> {
  const hash = createHash("sha256");
  const empty: string[] = [];
  for (const path of (await listSources(folder, folder)).sort()) {
    const text = await readText(path);
    if (text === undefined || WRITTEN.test(text.slice(0, 500))) continue;
    if (text === "") empty.push(path);
    hash.update(`${relative(folder, path)} ${text.length}\n`).update(text);
  }
  return { hash: hash.digest("hex"), empty };
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
