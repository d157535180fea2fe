/**
 * Words that may come next, for the completion of shells.
 *
 * @module
 */

import { methodOf } from "../face.ts";
import type { VerbParam, VerbShape } from "../shape.ts";
import { flagsOf } from "./words.ts";

/** Words that may stand where the last of `words` stands, all of them. */
export async function completeVerb(
  pod: object,
  verb: VerbShape,
  words: readonly string[],
): Promise<readonly string[]> {
  const last = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const plain = plainOf(verb, before);
  const hasFlags = !before.includes("--") && !(verb.verbatim && plain.length > 0);
  const flag = hasFlags ? flagOf(verb, before.at(-1)) : undefined;
  if (flag !== undefined) return await wordsOf(pod, verb, flag, words);
  if (hasFlags && last.startsWith("-")) return flagsOf(verb).map((name) => `--${name}`);
  const places = verb.params.filter(({ kind }) => kind === "positional" || kind === "rest");
  const param = places[plain.length] ??
    (places.at(-1)?.kind === "rest" ? places.at(-1) : undefined);
  if (param === undefined) return hasFlags ? flagsOf(verb).map((name) => `--${name}`) : [];
  return await wordsOf(pod, verb, param, words);
}

/** Words that are no flags and no values of flags. */
function plainOf(verb: VerbShape, words: readonly string[]): string[] {
  const plain: string[] = [];
  const end = words.indexOf("--");
  for (const [at, word] of words.entries()) {
    const isOpen = end < 0 || at < end;
    const isOver = verb.verbatim && plain.length > 0;
    const isValue = flagOf(verb, words[at - 1]) !== undefined;
    if (at === end || isOpen && !isOver && (word.startsWith("--") || isValue)) continue;
    plain.push(word);
  }
  return plain;
}

/** The flag that a word is, if its value comes next. */
function flagOf({ params }: VerbShape, word: string | undefined): VerbParam | undefined {
  return params.find(({ kind, name }) => kind === "flag" && `--${name}` === word);
}

async function wordsOf(
  pod: object,
  { field }: VerbShape,
  { type, complete }: VerbParam,
  words: readonly string[],
): Promise<readonly string[]> {
  const method = complete === undefined ? undefined : methodOf(pod, field, complete);
  if (method !== undefined) return await method([...words]) as readonly string[];
  return typeof type !== "string" && "enum" in type ? type.enum : [];
}
