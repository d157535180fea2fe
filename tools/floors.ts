/**
 * Refuses imports, globals and file shapes that the house does not allow: `deno task floors`.
 *
 * @module
 */

import { type Finding, formatFinding, type Source } from "./facts/fact.ts";
import { readSources } from "./facts/read.ts";
import { checkDocument } from "./floors/document.ts";
import { checkCircles, checkImports } from "./floors/imports.ts";
import { checkShape } from "./floors/shape.ts";

const DOCUMENT = "docs/ARCHITECTURE.md";

/** Everything the rules say about these sources, in order of path and line. */
export function checkFloors(sources: readonly Source[]): Finding[] {
  return [
    ...sources.flatMap((source) => [...checkImports(source), ...checkShape(source)]),
    ...checkCircles(sources),
  ].sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line);
}

if (import.meta.main) {
  const sources = await readSources(".");
  const findings = [
    ...checkDocument(DOCUMENT, Deno.readTextFileSync(DOCUMENT)),
    ...checkFloors(sources),
  ];
  for (const finding of findings) console.error(formatFinding(finding));
  const errors = findings.filter(({ level }) => level === "error").length;
  console.log(
    `floors: ${sources.length} files, ${errors} refused, ${findings.length - errors} warnings`,
  );
  Deno.exitCode = errors > 0 ? 1 : 0;
}
