/**
 * From a class or a folder to a pod that can be installed.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Description, readKept } from "../../pods/build/author/kept.ts";
import type { PodClass } from "../../pods/sdk/engine.ts";
import { bindFace } from "../../pods/sdk/face.ts";
import type { ErrorClasses } from "../../pods/sdk/typed.ts";
import type { BuiltPod } from "./guests.ts";

const ROOT = join(import.meta.dirname!, "../..");
const DESCRIBE = join(ROOT, "pods/build/author/describe.ts");

/**
 * Where a pod is from: its class, its folder, the name of one that comes with peri (`hey`), or what
 * a build has given.
 */
export type PodSource = PodClass | BuiltPod | URL | string;

/** Classes whose pods have been read. */
const known = new Map<object, BuiltPod>();
const found = new Map<PodClass | string, Promise<BuiltPod>>();

/**
 * A pod by its class or folder; read once per process.
 *
 * @param stack of the caller: where the folder of a class is looked for first
 * @throws {Error} what the build refuses, or when no folder has this class.
 */
export function findPod(pod: PodSource, stack: string): Promise<BuiltPod> {
  if (typeof pod === "object" && !(pod instanceof URL)) return Promise.resolve(pod);
  const key = pod instanceof URL ? fileURLToPath(pod) : typeof pod === "string" ? own(pod) : pod;
  const finding = found.get(key) ?? (typeof key === "string" ? read(key) : search(key, stack));
  found.set(key, finding);
  return finding;
}

/** The pod of a class that was found before. */
export function knownPod(make: object): BuiltPod | undefined {
  return known.get(make);
}

/** The folder of a pod that comes with peri, by its name; else the text as it is. */
function own(text: string): string {
  const folder = join(ROOT, "pods", text);
  return /^[a-z][a-z0-9-]*$/.test(text) && isThere(join(folder, "pod.json")) ? folder : text;
}

async function search(make: PodClass, stack: string): Promise<BuiltPod> {
  for (const folder of foldersOf(stack)) {
    if (await classIn(folder) === make) return await load(folder, make);
  }
  throw new Error(
    `${make.name} is the default export of no pod.ts beside a pod.json near the test: ` +
      `install its folder instead, as install(new URL("../capybara", import.meta.url))`,
  );
}

async function read(folder: string): Promise<BuiltPod> {
  const make = await classIn(folder);
  if (make === undefined) throw new Error(`${folder} has no pod.json with a pod.ts beside it`);
  return await load(folder, make);
}

/** The folders of the modules on a stack, and those they stand in. */
function foldersOf(stack: string): Set<string> {
  const files = [...stack.matchAll(/file:\/\/[^\s)]*?(?=:\d+:\d+)/g)].map(([url]) =>
    dirname(fileURLToPath(url))
  );
  const folders = new Set<string>();
  for (const start of [...files, Deno.cwd()]) {
    for (let folder = start; dirname(folder) !== folder; folder = dirname(folder)) {
      folders.add(folder);
    }
  }
  return folders;
}

async function classIn(folder: string): Promise<PodClass | undefined> {
  if (!isThere(join(folder, "pod.json")) || !isThere(join(folder, "pod.ts"))) return undefined;
  const module = await import(pathToFileURL(join(folder, "pod.ts")).href);
  return module.default as PodClass;
}

/** What the entry module of a component does, in this process. */
async function load(folder: string, make: PodClass): Promise<BuiltPod> {
  const pod = await bind(folder, make);
  known.set(make, pod);
  return pod;
}

async function bind(folder: string, make: PodClass): Promise<BuiltPod> {
  const { manifest, shape, errors } = await describe(folder);
  if (shape === undefined) return { manifest, make };
  const classes: Record<string, ErrorClasses[string]> = {};
  for (const { className, exported, file } of errors ?? []) {
    classes[className] = (await import(pathToFileURL(file).href))[exported];
  }
  bindFace(make, shape, classes);
  return { manifest, make, shape, errors: classes };
}

async function describe(folder: string): Promise<Description> {
  const kept = await readKept(folder);
  if (kept !== undefined) return kept;
  await runDescribe(folder);
  const description = await readKept(folder);
  if (description !== undefined) return description;
  throw new Error(`${folder} has changed while it was read`);
}

/** The build reads TypeScript with a compiler that no test has to load. */
async function runDescribe(folder: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "--no-check", `--config=${join(ROOT, "deno.json")}`, DESCRIBE, folder],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
