/**
 * From a pod's modules to one module; the one place that calls `deno bundle`.
 *
 * @module
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PodShape } from "../sdk/shape.ts";
import type { Manifest } from "./manifest.ts";
import type { ErrorClass } from "./model.ts";
import type { Project } from "./project.ts";
import { shareText } from "./share.ts";

const SDK = join(import.meta.dirname!, "../sdk");
const SDK_ENTRY = join(SDK, "entry.ts");

/** What the entry module joins with the class. */
export interface Joint {
  readonly manifest: Manifest;
  /** What the class says. */
  readonly shape: PodShape;
  readonly errors: readonly ErrorClass[];
}

/**
 * The JavaScript of a pod: its class, the SDK and the joint between them. Only the imports of the
 * world are left.
 *
 * @param folder a folder of its own to work in; gone afterwards. Its path is in the bundle's
 * comments, so a fixed one gives the same text every time.
 * @throws {Error} with what `deno bundle` said.
 */
export async function bundlePod(project: Project, joint: Joint, folder: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  try {
    const entry = join(folder, "entry.js");
    const output = join(folder, "bundle.js");
    await Deno.writeTextFile(entry, entryText(project, joint));
    await runBundle(project.folder, entry, output);
    return await Deno.readTextFile(output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A pod as modules that import each other: those of the SDK stay apart. */
export interface Parts {
  /** Path of the module that imports the others. */
  readonly entry: string;
  /** The folder in which all of them are. */
  readonly root: string;
}

/**
 * The JavaScript of a pod in many modules, for a component that starts small: QuickJS takes a module
 * into its memory as a whole, and what one of a thousand functions needs for that stays in every
 * instance of the pod, a megabyte of it.
 *
 * @param folder as for {@link bundlePod}
 * @param use the parts are gone when it has ended
 * @throws as {@link bundlePod}, and what `use` throws.
 */
export async function bundleParts<Result>(
  project: Project,
  joint: Joint,
  folder: string,
  use: (parts: Parts) => Promise<Result>,
): Promise<Result> {
  await Deno.mkdir(folder, { recursive: true });
  try {
    // No module of the SDK is called so.
    const entry = join(folder, JOINT);
    const root = join(folder, "parts");
    await Deno.writeTextFile(entry, entryText(project, joint));
    const modules = [entry, ...await filesOf(SDK, isModule)];
    await bundle(project.folder, ["--code-splitting", "--outdir", root, ...modules]);
    const [place] = await filesOf(root, (name) => name === JOINT);
    return await use({ entry: place!, root });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const JOINT = "joint.js";

function isModule(name: string): boolean {
  return name.endsWith(".ts") && !name.endsWith("_test.ts");
}

/** Files of a folder and of those below it, but for what is there for tests. */
async function filesOf(folder: string, isMeant: (name: string) => boolean): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory && name !== "testing") paths.push(...await filesOf(path, isMeant));
    else if (isMeant(name)) paths.push(path);
  }
  return paths.sort();
}

async function runBundle(cwd: string, entry: string, output: string): Promise<void> {
  // Without -o, `deno bundle -q` prints nothing at all.
  await bundle(cwd, ["-o", output, entry]);
}

async function bundle(cwd: string, more: readonly string[]): Promise<void> {
  const args = ["bundle", "-q", "--external", "peri:*", ...more];
  const result = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  if (result.success) return;
  const said = new TextDecoder().decode(result.stderr);
  throw new Error(said.replace(/\n*(?:error: bundling failed)?\n*(?:Stack backtrace:.*)?$/s, ""));
}

/** The module that joins host, class and SDK; the only one that imports the host. */
export function entryText(project: Project, { manifest, shape, errors }: Joint): string {
  const { name, version, about } = manifest;
  const { constants, expression } = shareText(shape, "part");
  const url = (path: string) => JSON.stringify(pathToFileURL(path).href);
  const names = errors.map(({ className }, at) => `${JSON.stringify(className)}: error${at}`);
  return [
    `import * as host from "peri:pod/host@0.1.0";`,
    `import { openGuest } from ${url(SDK_ENTRY)};`,
    `import Pod from ${url(project.entry)};`,
    ...errors.map(({ exported, file }, at) =>
      `import { ${exported} as error${at} } from ${url(file)};`
    ),
    `const about = ${JSON.stringify({ name, version, about })};`,
    ...constants,
    `const shape = ${expression};`,
    `export const guest = openGuest(Pod, host, about, shape, { ${names.join(", ")} });`,
    "",
  ].join("\n");
}
