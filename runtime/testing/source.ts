/**
 * From a class or a folder to a pod that can be installed: what the build says of a folder is kept
 * beside its code until that changes.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { PodClass } from "../../pods/sdk/engine.ts";
import type { BuiltPod } from "./guests.ts";

const ROOT = join(import.meta.dirname!, "../..");
const DESCRIBE = join(ROOT, "pods/build/describe.ts");
/** What the build says of a folder, below it. */
const KEPT = ".peri/described.json";

/** Where a pod is from: its class, its folder, or what a build has given. */
export type PodSource = PodClass | BuiltPod | URL | string;

/** What the build says of a pod. */
type Described = Omit<BuiltPod, "make">;

const found = new Map<PodClass | string, Promise<BuiltPod>>();

/**
 * A pod by its class or folder; read once per process.
 *
 * @param stack of the caller: where the folder of a class is looked for first
 * @throws {Error} what the build refuses, or when no folder has this class.
 */
export function findPod(pod: PodSource, stack: string): Promise<BuiltPod> {
  if (typeof pod === "object" && !(pod instanceof URL)) return Promise.resolve(pod);
  const key = pod instanceof URL ? fileURLToPath(pod) : pod;
  const finding = found.get(key) ?? (typeof key === "string" ? read(key) : search(key, stack));
  found.set(key, finding);
  return finding;
}

async function search(make: PodClass, stack: string): Promise<BuiltPod> {
  for (const folder of foldersOf(stack)) {
    if (await classIn(folder) === make) return { ...await describe(folder), make };
  }
  throw new Error(
    `${make.name} is the default export of no pod.ts beside a pod.json near the test: ` +
      'install its folder instead, as install(new URL("../capybara", import.meta.url))',
  );
}

async function read(folder: string): Promise<BuiltPod> {
  const make = await classIn(folder);
  if (make === undefined) throw new Error(`${folder} has no pod.json with a pod.ts beside it`);
  return { ...await describe(folder), make };
}

/** The folders of the modules on a stack, and those they stand in, that are pods. */
function foldersOf(stack: string): Set<string> {
  const folders = new Set<string>();
  const files = [...stack.matchAll(/file:\/\/[^\s)]*?(?=:\d+:\d+)/g)].map(([url]) =>
    fileURLToPath(url)
  );
  for (const start of [...files.map((file) => dirname(file)), Deno.cwd()]) {
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

async function describe(folder: string): Promise<Described> {
  const path = join(folder, KEPT);
  const inputs = hashFolders(folder, join(ROOT, "pods/build"), join(ROOT, "wit"));
  const kept = readKept(path, inputs);
  if (kept !== undefined) return kept;
  const described = await runDescribe(folder);
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, JSON.stringify({ inputs, described }));
  return described;
}

function readKept(path: string, inputs: string): Described | undefined {
  try {
    const kept = JSON.parse(Deno.readTextFileSync(path)) as {
      inputs: string;
      described: Described;
    };
    return kept.inputs === inputs ? kept.described : undefined;
  } catch {
    return undefined;
  }
}

/** The build reads TypeScript with a compiler that no test has to load. */
async function runDescribe(folder: string): Promise<Described> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "--no-check", `--config=${join(ROOT, "deno.json")}`, DESCRIBE, folder],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  throw new Error(new TextDecoder().decode(stderr).trim());
}

function hashFolders(...folders: readonly string[]): string {
  const hash = createHash("sha256").update(`${Deno.version.deno}\n`);
  for (const path of folders.flatMap(filesBelow)) {
    const bytes = Deno.readFileSync(path);
    hash.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest("hex");
}

/** What a build may read: tests and what is hidden do not count. */
function filesBelow(folder: string): string[] {
  const paths: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (name.startsWith(".") || name === "node_modules") continue;
    const path = join(folder, name);
    if (isDirectory) paths.push(...filesBelow(path));
    else if (/\.(ts|wit|json)$/.test(name) && !name.endsWith("_test.ts")) paths.push(path);
  }
  return paths.sort();
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
