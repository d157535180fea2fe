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
 * Counts from what `deno test` printed without colours and how it ended. A run that ended badly
 * without naming a failure (types, a crash, a time limit) counts as one failure, and so does one
 * that says nothing.
 */
export function countTests(output: string, exitCode: number): Counts {
  const summary = output.split("\n").findLast((line) =>
    /^(ok|FAILED) \| \d+ passed/.test(line.trim())
  );
  const count = (word: string) =>
    Number(summary?.match(new RegExp(`\\| (\\d+) ${word}`))?.[1] ?? 0);
  const counts = { passed: count("passed"), failed: count("failed"), skipped: count("ignored") };
  const isSilent = summary === undefined || exitCode !== 0;
  return isSilent && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * Whether the gate holds. Where nobody looks (`CI=true`) what was skipped counts as failed, and a
 * run of nothing never holds.
 */
export function holds({ passed, failed, skipped }: Counts, isCi: boolean): boolean {
  return passed > 0 && failed === 0 && !(isCi && skipped > 0);
}
