/**
 * S-expressions of WebAssembly text, as wasm-tools prints them. Pure.
 *
 * @module
 */

import { WitError } from "./types.ts";

/** An atom (words, numbers, texts without their quotes) or a list. */
export type Sexpr = string | readonly Sexpr[];

/** A list of S-expressions with a word in front. */
export type Form = readonly [word: string, ...rest: Sexpr[]];

const TOKEN = /\(;.*?;\)|\(|\)|"(?:[^"\\]|\\.)*"|[^\s()"]+/gs;

/**
 * The first expression of a WebAssembly text.
 *
 * @throws {WitError} when it is not one list.
 */
export function parseLists(text: string): Sexpr {
  const open: Sexpr[][] = [[]];
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.startsWith("(;")) continue;
    if (token === "(") open.push([]);
    else if (token === ")") closeList(open);
    else open.at(-1)!.push(token.startsWith('"') ? token.slice(1, -1) : token);
  }
  const first = open[0]![0];
  if (open.length !== 1 || !Array.isArray(first)) throw new WitError("WebAssembly text is torn");
  return first;
}

function closeList(open: Sexpr[][]): void {
  const done = open.pop()!;
  if (open.length === 0) throw new WitError("WebAssembly text is torn");
  open.at(-1)!.push(done);
}

/** The lists inside a list, each with its word. */
export function formsOf(expression: Sexpr): Form[] {
  return typeof expression === "string"
    ? []
    : expression.slice(1).filter(Array.isArray).map(formOf);
}

/** @throws {WitError} when the expression is no list with a word in front. */
export function formOf(expression: Sexpr): Form {
  if (typeof expression === "string" || typeof expression[0] !== "string") throw torn(expression);
  return expression as Form;
}

/** The error for a text of another shape. */
export function torn(at: Sexpr): WitError {
  return new WitError(
    `WebAssembly text is of an unknown shape: ${JSON.stringify(at)?.slice(0, 120)}`,
  );
}
