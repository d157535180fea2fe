/**
 * Compares the table in docs/ARCHITECTURE.md with the one in the code.
 *
 * @module
 */

import type { Finding } from "../facts/fact.ts";
import { PLACES } from "./table.ts";

/** Rows that the document lacks, has too many, or on another floor. */
export function checkDocument(path: string, text: string): Finding[] {
  const written = new Map<string, { floor: number; line: number }>();
  text.split("\n").forEach((row, index) => {
    const cells = row.match(/^\|\s*(?<floor>\d+)\s*\|(?<places>[^|]*)\|/)?.groups;
    for (const [, place] of cells?.places?.matchAll(/`([^`]+)`/g) ?? []) {
      written.set(place!, { floor: Number(cells!.floor), line: index + 1 });
    }
  });
  const findings: Finding[] = [];
  const add = (line: number, text: string, advice: string) =>
    findings.push({ level: "error", path, line, text, advice });
  for (const place of PLACES) {
    const row = written.get(place.path);
    if (row?.floor === place.floor) continue;
    add(
      row?.line ?? 1,
      `the table of floors ${
        row ? `has ${place.path} on floor ${row.floor}` : `lacks ${place.path}`
      }`,
      `tools/floors/table.ts says floor ${place.floor}; make them agree.`,
    );
  }
  for (const [place, { line }] of written) {
    if (PLACES.some(({ path }) => path === place)) continue;
    add(line, `no floor is checked for ${place}`, "Add it to tools/floors/table.ts.");
  }
  return findings;
}
