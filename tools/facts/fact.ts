/**
 * What the checks know of a source file. `deno lint` parses, `plugin.ts` says what it saw, the
 * checks decide.
 *
 * @module
 */

/** One observation at one line of one file. */
export type Fact =
  /** Names another module; `specifier` is empty when it is computed. `names` are those imported. */
  | { readonly fact: "import"; readonly specifier: string; readonly names: readonly string[] }
  /** Uses a global that reaches outside the program: `Date.now`, `Deno.open`, `setTimeout`. */
  | { readonly fact: "global"; readonly name: string }
  /** Starts the program of a name that is looked up on PATH. */
  | { readonly fact: "program"; readonly name: string }
  /** An exported symbol, or a method of an exported class or interface, without a doc comment. */
  | {
    readonly fact: "undocumented";
    readonly name: string;
    readonly member?: "interface" | "class";
  }
  /** A function and how many lines it has. */
  | { readonly fact: "function"; readonly name: string; readonly lines: number };

/** A fact and where it was seen; lines count from 1. */
export type Seen = Fact & { readonly file: string; readonly line: number };

/** A source file: its path from the root with `/`, its text, what was seen in it. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly seen: readonly Seen[];
}

/** Something a check refuses (`error`) or dislikes (`warning`). */
export interface Finding {
  readonly level: "error" | "warning";
  readonly path: string;
  readonly line: number;
  /** What is wrong, by which rule. */
  readonly text: string;
  /** What to do instead. */
  readonly advice: string;
}

/** A finding as a person reads it, one line and an indented one. */
export function formatFinding(finding: Finding): string {
  const { level, path, line, text, advice } = finding;
  return `${path}:${line}: ${level}: ${text}\n    ${advice}`;
}

/** Whether a path is a test or part of the tests. */
export function isTest(path: string): boolean {
  return path.endsWith("_test.ts") || path.startsWith("tests/");
}
