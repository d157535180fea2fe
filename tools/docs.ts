/**
 * Refuses exported symbols without a doc comment and files that do not say what they are:
 * `deno task docs`. (`deno doc --lint` also asks for every field, where a name must be enough.)
 *
 * @module
 */

import { type Finding, formatFinding, isTest, type Source } from "./facts/fact.ts";
import { readSources } from "./facts/read.ts";

/** What is undocumented in a file; tests document themselves by their names. */
export function checkDocs({ path, text, seen }: Source): Finding[] {
  if (isTest(path)) return [];
  // The methods of a port are a contract; elsewhere a good name may be enough.
  const isContract = path.startsWith("runtime/ports/");
  const findings: Finding[] = seen.flatMap((fact) =>
    fact.fact !== "undocumented" || (fact.member === "interface" && !isContract) ? [] : [{
      level: "error",
      path,
      line: fact.line,
      text: `exported ${fact.name} has no doc comment`,
      advice: "Say in one sentence what it means; then units, bounds, errors, who closes.",
    }]
  );
  if (/^(#!.*\n)?\/\*\*/.test(text)) return findings;
  const advice = "Begin it with a doc comment that says what the file is for, and @module.";
  return [{ level: "error", path, line: 1, text: "does not say what it is", advice }, ...findings];
}

if (import.meta.main) {
  const sources = await readSources(".");
  const findings = sources.flatMap(checkDocs);
  for (const finding of findings) console.error(formatFinding(finding));
  console.log(`docs: ${sources.length} files, ${findings.length} without`);
  Deno.exitCode = findings.length > 0 ? 1 : 0;
}
