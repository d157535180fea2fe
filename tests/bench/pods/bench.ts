/**
 * The pod of the bench, in all forms in which it is run.
 *
 * @module
 */

import { buildPod } from "../../../pods/build/build.ts";
import { readProject } from "../../../pods/build/project.ts";
import { openCompiler } from "../../../runtime/adapters/compiler.ts";
import type { PodProgram } from "../../../runtime/model/pod.ts";
import type { Row } from "../../../tools/bench/row.ts";
import { tempFolder } from "../floor/process.ts";
import { type Asked, openExtism } from "./process.ts";
import { transpileRaw } from "./raw.ts";

/** What the peer is. */
export const EXTISM = "Extism 1.0.3, a plugin that does nothing";

/** The tally in all forms; closing it removes them. */
export interface Bench extends AsyncDisposable {
  readonly folder: string;
  readonly component: Uint8Array;
  /** Where {@link Bench.component} stands. */
  readonly file: string;
  /** What jco made of it. */
  readonly raw: string;
  readonly cacheDir: string;
  readonly program: PodProgram;
  /** Another pod, which shares with it what pods share. */
  readonly neighbour: PodProgram;
}

/** Builds and compiles it. Takes some seconds. */
export async function openBench(): Promise<Bench> {
  const stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(tempFolder());
  const project = await readProject(new URL("tally", import.meta.url).pathname);
  const { component: file } = await buildPod(project, `${folder}/dist`);
  const component = Deno.readFileSync(file);
  const raw = `${folder}/raw`;
  await transpileRaw(component, raw);
  const cacheDir = `${folder}/programs`;
  const compiler = openCompiler({ cacheDir });
  const program = await compiler.compile(component);
  const other = Deno.readFileSync(new URL("../../../dist/hey.wasm", import.meta.url));
  const neighbour = await compiler.compile(other);
  return {
    ...{ folder, component, file, raw, cacheDir, program, neighbour },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Rows beside Extism, where that can be loaded. */
export async function* withExtism(
  rows: (extism: Asked) => AsyncGenerator<Row, void, void>,
): AsyncGenerator<Row, void, void> {
  try {
    await using extism = await openExtism();
    yield* rows(extism);
  } catch (error) {
    console.error(`without ${EXTISM}: ${error instanceof Error ? error.message : error}`);
  }
}
