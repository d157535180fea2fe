/**
 * Columns of texts.
 *
 * @module
 */

import { countCharacters } from "../text/clean.ts";

/** Lines with their columns below each other; the last column is as wide as it is. */
export function formatColumns(rows: readonly (readonly string[])[], gap = "  "): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) {
      widths[at] = Math.max(widths[at] ?? 0, countCharacters(cell));
    }
  }
  return rows.map((row) =>
    row.map((cell, at) => cell + " ".repeat(widths[at]! - countCharacters(cell))).join(gap)
      .trimEnd()
  );
}
