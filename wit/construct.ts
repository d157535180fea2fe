/**
 * Types made of other types, as wasm-tools prints them. Pure.
 *
 * @module
 */

import { type Form, formOf, type Sexpr } from "./sexpr.ts";
import { type CanonicalType, type Case, WitError } from "./types.ts";

/** The type an expression stands for. */
type Inner = (expression: Sexpr) => CanonicalType;

/**
 * The type of `(word …)`; `inner` gives the types of its parts.
 *
 * @throws {WitError} when no value of such a type can travel.
 */
export function typeOf(
  word: string,
  rest: readonly Sexpr[],
  inner: Inner,
): CanonicalType {
  if (word === "list" && rest.length === 1) return { list: inner(rest[0]!) };
  if (word === "option") return { option: inner(rest[0]!) };
  if (word === "tuple") return { tuple: rest.map(inner) };
  if (word === "enum") return { enum: rest.map(String) };
  if (word === "flags") return { flags: rest.map(String) };
  if (word === "record") {
    return { record: rest.map(formOf).map(([, name, type]) => [String(name), inner(type!)]) };
  }
  if (word === "variant") return { variant: rest.map(formOf).map((form) => caseOf(form, inner)) };
  if (word === "result") return { result: sidesOf(rest, inner) };
  throw new WitError(`${UNFIT[word] ?? word} cannot travel in messages`);
}

/** What people call the forms that have no value. */
const UNFIT: Readonly<Record<string, string>> = {
  own: "a resource",
  borrow: "a resource",
  stream: "a stream",
  future: "a future",
  list: "a list of fixed length",
};

function caseOf([, name, type]: Form, inner: Inner): Case {
  return [String(name), type === undefined ? null : inner(type)];
}

/** `(result 4 (error 6))`: both sides may be missing, and `ok` may itself be a list. */
function sidesOf(
  rest: readonly Sexpr[],
  inner: Inner,
): [CanonicalType | null, CanonicalType | null] {
  const isError = (side: Sexpr) => Array.isArray(side) && side[0] === "error";
  const ok = rest.find((side) => !isError(side));
  const error = rest.find(isError);
  return [ok === undefined ? null : inner(ok), error === undefined ? null : inner(error[1]!)];
}
