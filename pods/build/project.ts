/**
 * A pod's folder: `pod.json`, its WIT, its TypeScript.
 *
 * @module
 */

import { join } from "node:path";

/** What `pod.json` says, with what follows from it. */
export interface Project {
  readonly folder: string;
  /** 1 to 32 of `a-z 0-9 -`, starting with a letter. */
  readonly name: string;
  readonly version: string;
  /** One line. */
  readonly about: string;
  /** Path of the author's WIT: `<name>.wit`. Its world `pod` exports offers and imports needs. */
  readonly wit: string;
  /** Path of the module whose default export is the pod's class: `pod.ts`. */
  readonly entry: string;
  /** Path of the types the build writes: `generated.ts`. */
  readonly generated: string;
}

/** Folders below `root` that hold a `pod.json`, by name. */
export async function findProjects(root: string): Promise<string[]> {
  const folders: string[] = [];
  for await (const entry of Deno.readDir(root)) {
    const folder = join(root, entry.name);
    if (entry.isDirectory && await isFile(join(folder, "pod.json"))) folders.push(folder);
  }
  return folders.sort();
}

/**
 * Reads a pod's folder.
 *
 * @throws {Error} when `pod.json` is missing or says something else than name, version and about.
 */
export async function readProject(folder: string): Promise<Project> {
  const path = join(folder, "pod.json");
  const said: unknown = JSON.parse(await Deno.readTextFile(path));
  if (typeof said !== "object" || said === null) throw new Error(`${path} is no JSON object`);
  const { name, version, about } = said as Record<string, unknown>;
  if (typeof name !== "string" || !/^[a-z][a-z0-9-]{0,31}$/.test(name) || name.endsWith("-")) {
    throw new Error(`${path}: name must be 1 to 32 of a-z, 0-9 and -, starting with a letter`);
  }
  if (typeof version !== "string" || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`${path}: version must be three numbers, such as 0.1.0`);
  }
  if (typeof about !== "string" || about === "" || about.includes("\n") || about.length > 200) {
    throw new Error(`${path}: about must be one line of at most 200 characters`);
  }
  return {
    folder,
    name,
    version,
    about,
    wit: join(folder, `${name}.wit`),
    entry: join(folder, "pod.ts"),
    generated: join(folder, "generated.ts"),
  };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
