/**
 * A pod's folder: `pod.json`, its TypeScript, and its WIT if it begins with that.
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
  /** Package of the interfaces that its classes declare; `pod:<name>` unless it says another. */
  readonly package: string;
  /** Capabilities in whose place an interface stands, by its name. */
  readonly supersedes: Readonly<Record<string, readonly string[]>>;
  /** Path of the author's WIT: `<name>.wit`. Its world `pod` exports offers and imports needs. */
  readonly wit: string;
  /** Path of the module whose default export is the pod's class: `pod.ts`. */
  readonly entry: string;
  /** Path of the classes that the build writes for {@link Project.wit}: `generated.ts`. */
  readonly generated: string;
  /** Path of the classes by which other pods call this one, written by the build: `client.ts`. */
  readonly client: string;
  /** Path of what was published: `published.json`. */
  readonly published: string;
}

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const PACKAGE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*:[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** What `pod.json` may say. */
const MEMBERS = ["name", "version", "about", "package", "supersedes", "$schema"];

/** Most capabilities that one interface supersedes. */
const MAX_SUPERSEDED = 16;

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
 * @throws {Error} when `pod.json` is missing, or its name, version, about or package is wrong.
 */
export async function readProject(folder: string): Promise<Project> {
  const path = join(folder, "pod.json");
  const head = await readHead(path);
  const { name, version, about, package: of = `pod:${name}`, supersedes = {} } = head;
  const unknown = Object.keys(head).find((member) => !MEMBERS.includes(member));
  if (unknown !== undefined) {
    const known = MEMBERS.slice(0, -1).join(", ");
    throw new Error(`${path}: it has no ${JSON.stringify(unknown)}; it may say ${known}`);
  }
  if (typeof name !== "string" || !NAME.test(name) || name.endsWith("-")) {
    throw new Error(`${path}: name must be 1 to 32 of a-z, 0-9 and -, starting with a letter`);
  }
  if (typeof version !== "string" || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`${path}: version must be three numbers, such as 0.1.0`);
  }
  if (typeof about !== "string" || about === "" || about.includes("\n") || about.length > 200) {
    throw new Error(`${path}: about must be one line of at most 200 characters`);
  }
  if (typeof of !== "string" || !PACKAGE.test(of) || of.length > 64) {
    throw new Error(`${path}: package must be two names in kebab case, such as pod:${name}`);
  }
  if (!isSuperseding(supersedes)) {
    throw new Error(
      `${path}: supersedes must be {"<interface>": ["<capability>", …]} with fingerprints as ` +
        `peri capability show prints them, at most ${MAX_SUPERSEDED} each`,
    );
  }
  const file = (name: string) => join(folder, name);
  return {
    folder,
    name,
    version,
    about,
    package: of,
    supersedes,
    wit: file(`${name}.wit`),
    entry: file("pod.ts"),
    generated: file("generated.ts"),
    client: file("client.ts"),
    published: file("published.json"),
  };
}

function isSuperseding(value: unknown): value is Project["supersedes"] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((ids) =>
    Array.isArray(ids) && ids.length > 0 && ids.length <= MAX_SUPERSEDED &&
    new Set(ids).size === ids.length &&
    ids.every((id) => typeof id === "string" && /^[0-9a-f]{64}$/.test(id))
  );
}

/** Whether there is a file. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

async function readHead(path: string): Promise<Record<string, unknown>> {
  const text = await readText(path);
  try {
    const said: unknown = JSON.parse(text);
    if (typeof said === "object" && said !== null) return said as Record<string, unknown>;
  } catch (cause) {
    throw new Error(`${path} is no JSON: ${(cause as Error).message}`, { cause });
  }
  throw new Error(`${path} is no JSON object`);
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new Error(`${path} cannot be read; a pod's folder has one with name, version, about`, {
      cause,
    });
  }
}
