/**
 * What is wrong with a pod's TypeScript, all of it at once, each with its place and what to write
 * instead.
 *
 * @module
 */

import { relative } from "node:path";
import type ts from "typescript";
import type { SourcePlace } from "../model.ts";

/** Most that are shown; the rest are counted. */
const MAX_SHOWN = 20;

/** Most that are kept; who has more will not read them. */
const MAX_KEPT = 1_000;

/** One thing that is wrong. */
export interface Refused extends SourcePlace {
  readonly what: string;
  /** What to write instead. */
  readonly instead: string;
}

/** The source of a pod cannot be built; the message shows places, reasons and ways out. */
export class SourceError extends Error {
  override readonly name = "SourceError";

  constructor(readonly refused: readonly Refused[], folder: string) {
    super(formatRefused(refused, folder));
  }
}

/** Collects what is wrong, so that an author hears of everything in one go. */
export class Refusals {
  readonly #refused: Map<string, Refused>;
  readonly #also: string;

  /** @param also a further way out of each; the rest is for {@link Refusals.also} */
  constructor(also = "", refused = new Map<string, Refused>()) {
    this.#also = also;
    this.#refused = refused;
  }

  /** The same list, where each that is added has a further way out. */
  also(instead: string): Refusals {
    return new Refusals(`, or ${instead}`, this.#refused);
  }

  /** Adds one; the same at the same place is added once. Gives undefined, for `return`. */
  at(node: ts.Node, what: string, instead: string): undefined {
    const source = node.getSourceFile();
    this.atOffset(source, node.getStart(source), what, instead);
  }

  /** Adds one at an offset of a file. */
  atOffset(source: ts.SourceFile, offset: number, what: string, instead: string): undefined {
    const refused = { ...placeOf(source, offset), what, instead: instead + this.#also };
    const key = `${refused.file}:${offset}:${what}`;
    if (this.#refused.size < MAX_KEPT || this.#refused.has(key)) this.#refused.set(key, refused);
  }

  /** @throws {SourceError} when there is one. */
  check(folder: string): void {
    if (this.#refused.size === 0) return;
    const sorted = [...this.#refused.values()].sort((a, b) =>
      a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column
    );
    throw new SourceError(sorted, folder);
  }
}

/** The place of an offset in a file. */
export function placeOf(source: ts.SourceFile, offset: number): SourcePlace {
  const { line, character } = source.getLineAndCharacterOfPosition(offset);
  return { file: source.fileName, line: line + 1, column: character + 1 };
}

function formatRefused(refused: readonly Refused[], folder: string): string {
  const shown = refused.slice(0, MAX_SHOWN).map(({ file, line, column, what, instead }) =>
    `${relative(folder, file) || file}:${line}:${column}: ${what}\n    ${instead}`
  );
  const more = refused.length - shown.length;
  return [...shown, ...more > 0 ? [`… and ${more} more`] : []].join("\n");
}
