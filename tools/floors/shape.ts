/**
 * The rules for what a file may use and how large it may be.
 *
 * @module
 */

import { basename } from "node:path/posix";
import { type Finding, isTest, type Source } from "../facts/fact.ts";
import { parseNeeds } from "../gate/programs.ts";
import {
  EMPTY_NAMES,
  MAX_LINES,
  MAX_TEST_LINES,
  placeOf,
  WARN_FUNCTION_LINES,
  WARN_LINES,
} from "./table.ts";

/** Programs that every machine has on which anything of this runs. */
const PRESENT = ["bash", "sh"];

/** What a file breaks by its name, its size, the globals it uses and the lints it silences. */
export function checkShape(source: Source): Finding[] {
  return [
    ...checkName(source),
    ...checkSize(source),
    ...checkGlobals(source),
    ...checkPrograms(source),
    ...checkSilence(source),
  ];
}

function checkName({ path }: Source): Finding[] {
  const name = basename(path).replace(/(_test)?\.(d\.)?ts$/, "");
  if (EMPTY_NAMES.includes(name)) {
    const advice = "Name it after the thing or the step it holds; the folder gives the context.";
    return [{ level: "error", path, line: 1, text: `the name "${name}" says nothing`, advice }];
  }
  if (/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) return [];
  return [{
    level: "error",
    path,
    line: 1,
    text: `the name "${name}" is not snake_case`,
    advice: "Use lower-case words with underscores.",
  }];
}

function checkSize({ path, text, seen }: Source): Finding[] {
  const lines = text.split("\n").length - 1;
  const max = isTest(path) ? MAX_TEST_LINES : MAX_LINES;
  const findings: Finding[] = [];
  const advice = "Split it by what its parts know of each other.";
  if (lines > max) {
    findings.push({
      level: "error",
      path,
      line: 1,
      text: `${lines} lines, ${max} allowed`,
      advice,
    });
  } else if (lines > WARN_LINES && !isTest(path)) {
    findings.push({ level: "warning", path, line: 1, text: `${lines} lines`, advice });
  }
  for (const fact of seen) {
    if (fact.fact !== "function" || fact.lines <= WARN_FUNCTION_LINES || isTest(path)) continue;
    const text = `${fact.name} has ${fact.lines} lines`;
    findings.push({ level: "warning", path, line: fact.line, text, advice });
  }
  return findings;
}

function checkGlobals({ path, seen }: Source): Finding[] {
  const findings: Finding[] = [];
  for (const fact of seen) {
    if (fact.fact !== "global" || isTest(path) || placeOf(path)?.reaches) continue;
    findings.push({
      level: "error",
      path,
      line: fact.line,
      text: `uses ${fact.name}, which reaches outside`,
      advice: "Take a port as an argument (Clock, Entropy, Store, Log, ...); an adapter does it.",
    });
  }
  return findings;
}

/** Programs by name: never Deno itself; in a test only what the gate can say is missing. */
function checkPrograms({ path, text, seen }: Source): Finding[] {
  return seen.flatMap((fact): Finding[] => {
    if (fact.fact !== "program") return [];
    const { line, name } = fact;
    if (name === "deno") {
      const text = 'starts "deno" by its name, which may be missing or another version';
      return [{ level: "error", path, line, text, advice: "Use Deno.execPath()." }];
    }
    const isNamed = PRESENT.includes(name) || parseNeeds(text).includes(name);
    if (!path.endsWith("_test.ts") || isNamed) return [];
    const advice = `Write a line: // needs: ${name}`;
    return [{ level: "error", path, line, text: `starts "${name}", which may be missing`, advice }];
  });
}

/** A lint that is silenced says which one and why; what is silenced wholly hides from this check. */
function checkSilence({ path, text }: Source): Finding[] {
  return text.split("\n").flatMap((line, index) => {
    const silenced = line.match(/^\s*\/[/*] deno-lint-ignore(-file)?(?<rest>.*)$/);
    const isIgnored = /^\s*\/\/ @ts-(ignore|nocheck)/.test(line);
    const isReasoned = /^ [a-z][a-z/-]*(,? [a-z/-]+)* -- \S/.test(silenced?.groups?.rest ?? "");
    if (!isIgnored && (silenced === null || isReasoned)) return [];
    return [{
      level: "error" as const,
      path,
      line: index + 1,
      text: "silences a check without naming it and the reason",
      advice: "Write `// deno-lint-ignore <rule> -- <why>`, or better, mend the code.",
    }];
  });
}
