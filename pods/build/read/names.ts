/**
 * Names as TypeScript and as WIT write them. A name that does not come back is refused, so that
 * nobody has to guess what the other side called it.
 *
 * @module
 */

import type ts from "typescript";
import type { Refusals } from "./refusals.ts";

/** Longest name. */
const MAX_NAME = 64;

const CAMEL = /^[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)*$/;
const PASCAL = /^[A-Z][a-z0-9]*(?:[A-Z][a-z0-9]*)*$/;
const KEBAB = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** Words that cannot be the names of parameters. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  ("arguments await break case catch class const continue debugger default delete do else enum " +
    "eval export extends false finally for function if implements import in instanceof interface " +
    "let new null package private protected public return static super switch this throw true " +
    "try typeof var void while with yield").split(" "),
);

/** What every object has: a method of that name could not be told from it. */
export const OF_EVERY_OBJECT: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  "then",
]);

/** Members of the SDK's `Capability`. */
export const CAPABILITY_MEMBERS: ReadonlySet<string> = new Set(
  ("caller every later peer pod posts run sleep subscribers table until withDeadline").split(" "),
);

/** A name without the `_` that sets it apart from one that is kept. */
export function withoutMark(name: string, kept: ReadonlySet<string>): string {
  return name.endsWith("_") && kept.has(name.slice(0, -1)) ? name.slice(0, -1) : name;
}

/** `findAll` and `FindAll` as WIT writes them: `find-all`. */
export function kebabOf(name: string): string {
  return name.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

/** A word as a part of a kebab name: what cannot stand in one is left out. */
export function wordOf(text: string): string {
  const word = text.replace(/[^A-Za-z0-9]+/g, "").replace(/^[^A-Za-z]+/, "");
  return kebabOf(word.slice(0, MAX_NAME)) || "x";
}

/**
 * The WIT name of a member, parameter or method, which begin with a small letter.
 *
 * @returns undefined when it has none; then it is refused.
 */
export function memberName(name: string, at: ts.Node, refusals: Refusals): string | undefined {
  return checked(name, CAMEL, "findAll", at, refusals);
}

/** The WIT name of a type or class; these may begin with either. */
export function typeName(name: string, at: ts.Node, refusals: Refusals): string | undefined {
  return checked(name, CAMEL.test(name) ? CAMEL : PASCAL, "NoSuchPlace", at, refusals);
}

/** A text that is a name on both sides: of an enum's, flags' or variant's case. */
export function literalName(text: string, at: ts.Node, refusals: Refusals): string | undefined {
  if (KEBAB.test(text) && text.length <= MAX_NAME) return text;
  const near = text.split(/[^A-Za-z0-9]+/).filter((part) => /^[A-Za-z]/.test(part)).map(kebabOf)
    .join("-");
  return refusals.at(
    at,
    `${quoted(text)} is no name in kebab case`,
    KEBAB.test(near) && near.length <= MAX_NAME
      ? `write ${quoted(near)}`
      : 'write a word such as "in-reply-to"',
  );
}

function checked(
  name: string,
  form: RegExp,
  example: string,
  at: ts.Node,
  refusals: Refusals,
): string | undefined {
  const kebab = kebabOf(name);
  if (form.test(name) && kebab.length <= MAX_NAME) return kebab;
  if (form.test(name)) {
    const what = `the name ${name.slice(0, MAX_NAME)}… is longer than ${MAX_NAME} in kebab case`;
    return refusals.at(at, what, "write a shorter name");
  }
  const what = `the name ${quoted(name)} has no form in WIT that comes back the same`;
  return refusals.at(at, what, `write letters a-z and digits, as in ${example}`);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > MAX_NAME ? `${text.slice(0, MAX_NAME)}…` : text);
}
