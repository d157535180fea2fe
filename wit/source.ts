/**
 * WIT files put into one text, which is what wasm-tools reads here. Pure.
 *
 * @module
 */

import { WitError } from "./types.ts";

/** Blanks and comments in front of the line that names the package. */
const HEAD =
  /^(?:\s|\/\/[^\n]*(?:\n|$)|\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\/)*package\s+(?<name>[^\s;{]+)\s*;/;

/**
 * One text of several files: the package of the first is the main one. A file without a package, or
 * of the same one, belongs to it; those of other packages are nested (`package name { … }`), one
 * after the other and once each.
 *
 * @throws {WitError} when the first file names no package, or two files hold one further package.
 */
export function joinSources(main: string, others: readonly string[]): string {
  const name = packageOf(main);
  if (name === undefined) throw new WitError("a WIT file must begin with its package");
  const own = [main];
  const nested = new Map<string, string>();
  for (const text of others) {
    const other: string = packageOf(text) ?? name;
    if (other === name) own.push(text.replace(HEAD, ""));
    else if (nested.has(other)) throw new WitError(`package ${other} stands in two files`);
    else nested.set(other, text.replace(HEAD, `package ${other} {`) + "\n}");
  }
  return [...own, ...nested.values()].join("\n");
}

/** The package that a WIT text begins with, with its version; undefined when it names none. */
export function packageOf(text: string): string | undefined {
  return HEAD.exec(text)?.groups?.name;
}
