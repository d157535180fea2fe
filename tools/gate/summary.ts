/**
 * The counts of a test run.
 *
 * @module
 */

/** What a run of tests came to. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts of nothing. */
export const NO_COUNTS: Counts = { passed: 0, failed: 0, skipped: 0 };

/** Both together. */
export function addCounts(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/**
 * The last line of the gate: `N passed, N failed`, and `, N skipped` when there are any.
 */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  const counts = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? counts : `${counts}, ${skipped} skipped`;
}

/**
 * Counts from what `deno test --parallel` printed without colours and how it ended. A run that
 * ended badly without naming a failure (types, a crash) counts as one failure, and so does one
 * that says nothing. Of a run that was ended, what it printed so far is counted.
 */
export function countTests(output: string, exitCode: number): Counts {
  const lines = output.split("\n");
  const summary = lines.findLast((line) => /^(ok|FAILED) \| \d+ passed/.test(line.trim()));
  const counts = summary === undefined ? countLines(lines) : countSummary(summary);
  const isSilent = summary === undefined || exitCode !== 0;
  return isSilent && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** The files among `paths` of which `deno test --parallel` printed nothing. */
export function findSilent(paths: readonly string[], output: string): string[] {
  const heard = new Set<string>();
  for (const [, path] of output.matchAll(/^(?:Uncaught error from )?\.\/(\S+_test\.ts) /gm)) {
    heard.add(path!);
  }
  return paths.filter((path) => !heard.has(path));
}

function countSummary(summary: string): Counts {
  const count = (word: string) => Number(summary.match(new RegExp(`\\| (\\d+) ${word}`))?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), skipped: count("ignored") };
}

function countLines(lines: readonly string[]): Counts {
  const count = (end: RegExp) =>
    lines.filter((line) => line.startsWith("./") && line.includes("_test.ts =>") && end.test(line))
      .length;
  return {
    passed: count(/ \.\.\. ok \([^)]*\)$/),
    failed: count(/ \.\.\. FAILED /),
    skipped: count(/ \.\.\. ignored /),
  };
}

/**
 * Whether the gate holds. Where nobody looks (`CI=true`) what was skipped counts as failed, and a
 * run of nothing never holds.
 */
export function holds({ passed, failed, skipped }: Counts, isCi: boolean): boolean {
  return passed > 0 && failed === 0 && !(isCi && skipped > 0);
}
