/**
 * Test files that are loaded together. `deno test` gives every file a world of its own: to make one
 * and to get its code to run fast takes longer than most tests do.
 *
 * @module
 */

import { basename } from "node:path";

/** A module that loads several test files. */
export interface Batch {
  /** Without a folder; ends as test files do. */
  readonly name: string;
  /** The files, from the root of the house. */
  readonly paths: readonly string[];
}

/** Files in one batch; few enough that the cores end at about the same time. */
const MAX_FILES = 24;
/** What spans parts takes longer. */
const MAX_WIDE_FILES = 12;
const WIDE = "tests/";
/** One long test file each, mostly waiting, so they begin before all others. */
const STORIES = "tests/walkthroughs/";
/** Tests here wait for servers or take long, and others go on meanwhile. */
const ALONE = ["tests/processes/", "tests/sim/"];

/**
 * The test files to load one by one, and those that are loaded together. `deno test` begins with
 * what stands in another folder, so batches are first, and stories are batches of one.
 */
export function planBatches(paths: readonly string[]): { alone: string[]; batches: Batch[] } {
  const isAlone = (path: string) => ALONE.some((folder) => path.startsWith(folder));
  const isStory = (path: string) => path.startsWith(STORIES);
  const sorted = paths.toSorted();
  const together = sorted.filter((path) => !isAlone(path) && !isStory(path));
  return {
    alone: sorted.filter(isAlone),
    batches: [
      ...sorted.filter(isStory).map((path) => ({ name: basename(path), paths: [path] })),
      ...cut("wide", together.filter((path) => path.startsWith(WIDE)), MAX_WIDE_FILES),
      ...cut("units", together.filter((path) => !path.startsWith(WIDE)), MAX_FILES),
    ],
  };
}

function cut(name: string, paths: readonly string[], most: number): Batch[] {
  return Array.from({ length: Math.ceil(paths.length / most) }, (_, at) => ({
    name: `${name}_${String(at + 1).padStart(2, "0")}_test.ts`,
    paths: paths.slice(at * most, (at + 1) * most),
  }));
}

/** The text of a batch's module. @param root URL of the house, with a slash at its end */
export function formatBatch({ paths }: Batch, root: URL): string {
  return paths.map((path) => `import ${JSON.stringify(new URL(path, root).href)};\n`).join("");
}
