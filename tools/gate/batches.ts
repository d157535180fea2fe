/**
 * Test files that are loaded together. `deno test` gives every file a world of its own, and making
 * one takes longer than most unit tests do.
 *
 * @module
 */

/** A module that loads several test files. */
export interface Batch {
  /** Without a folder; ends as test files do. */
  readonly name: string;
  /** The files, from the root of the house. */
  readonly paths: readonly string[];
}

/** Files in one batch; few enough that the cores end at about the same time. */
const MAX_FILES = 24;
/** Tests here start servers or take long, so each file has a world of its own. */
const ALONE = "tests/";

/** The test files to load one by one, and those that unit tests are loaded by together. */
export function planBatches(paths: readonly string[]): { alone: string[]; batches: Batch[] } {
  const together = paths.filter((path) => !path.startsWith(ALONE)).toSorted();
  const batches: Batch[] = [];
  for (let at = 0; at < together.length; at += MAX_FILES) {
    const number = String(batches.length + 1).padStart(2, "0");
    batches.push({ name: `units_${number}_test.ts`, paths: together.slice(at, at + MAX_FILES) });
  }
  return { alone: paths.filter((path) => path.startsWith(ALONE)), batches };
}

/** The text of a batch's module. @param root URL of the house, with a slash at its end */
export function formatBatch({ paths }: Batch, root: URL): string {
  return paths.map((path) => `import ${JSON.stringify(new URL(path, root).href)};\n`).join("");
}
