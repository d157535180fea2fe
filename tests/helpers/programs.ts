/**
 * Pods and their programs, made once for all homes of a run of tests: each takes a core some
 * seconds, and every test and every new server would do so again. That servers make programs by
 * themselves is tested where programs are (`runtime/adapters/compiler_test.ts`), with signals, in
 * the guides and by the demo.
 *
 * @module
 */

import { readProject } from "../../pods/build/project.ts";
import { hashInputs } from "../../pods/build/stamp.ts";
import { openCompiler } from "../../runtime/adapters/compiler.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const HEY = `${ROOT}dist/hey.wasm`;

/** A component, and what puts its program into a home that has no server yet or one that runs. */
export interface LentPod {
  /** Path of the component. */
  readonly component: string;
  readonly lend: (home: string) => void;
}

/** Makes the program of hey, unless another test has, and gives what puts it into a home. */
export async function lendPrograms(): Promise<(home: string) => void> {
  return await lendProgram(HEY);
}

/** Builds the pod of a folder and makes its program, unless another test has. */
export async function lendPod(folder: string): Promise<LentPod> {
  const component = await buildOnce(folder);
  return { component, lend: await lendProgram(component) };
}

/** Builds the pod of a folder, unless another test has. Resolves to the path of its component. */
export async function buildOnce(folder: string): Promise<string> {
  const project = await readProject(folder);
  // In a folder that outlives a run of tests nothing is taken for what it was before.
  const dist = `${shelf()}/${await hashInputs(ROOT, project)}`;
  const component = `${dist}/${project.name}.wasm`;
  await inTurn(project.name, async () => {
    if (await exists(component)) return;
    // Late: the compiler of TypeScript takes long to load.
    const { buildPod } = await import("../../pods/build/build.ts");
    await buildPod(project, dist);
  });
  return component;
}

async function lendProgram(component: string): Promise<(home: string) => void> {
  const cacheDir = `${shelf()}/programs`;
  const compiler = openCompiler({ cacheDir });
  const bytes = await Deno.readFile(component);
  const { component: id } = await inTurn("programs", () => compiler.compile(bytes));
  return (home) => {
    const folder = `${home}/cache/programs`;
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Copies: some tests damage what is in a home.
    for (const { name } of Deno.readDirSync(cacheDir)) {
      const isWhole = name.startsWith(id) && !name.endsWith(".tmp");
      if (isWhole) Deno.copyFileSync(`${cacheDir}/${name}`, `${folder}/${name}`);
    }
  };
}

/** Test files run beside each other: who comes second waits, and finds what the first has made. */
async function inTurn<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
  Deno.mkdirSync(shelf(), { recursive: true });
  using file = await Deno.open(`${shelf()}/${name}.lock`, { create: true, write: true });
  await file.lock(true);
  return await work();
}

function shelf(): string {
  return `${Deno.env.get("TMPDIR") ?? "/tmp"}/peri-lent`;
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
