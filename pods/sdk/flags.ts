/**
 * Flags among the words of a command line.
 *
 * @module
 */

import { nearestWord } from "./nearest.ts";
import { Refusal } from "./refusal.ts";

/** What was said: flags that were given, and the other words in order. */
export interface Flags<Name extends string> {
  readonly given: ReadonlySet<Name>;
  readonly words: readonly string[];
}

/**
 * Separates flags such as `--all` from words; after `--` everything is a word.
 *
 * @param op what was attempted, for the refusal
 * @throws {Refusal} `invalid` for a flag not in `names`, with the nearest one as hint.
 */
export function readFlags<Name extends string>(
  op: string,
  words: readonly string[],
  names: readonly Name[],
): Flags<Name> {
  const given = new Set<Name>();
  const rest: string[] = [];
  const end = words.indexOf("--");
  for (const [at, word] of words.entries()) {
    if (at === end) continue;
    if (!word.startsWith("--") || end >= 0 && at > end) rest.push(word);
    else given.add(flagOf(op, word, names));
  }
  return { given, words: rest };
}

function flagOf<Name extends string>(op: string, word: string, names: readonly Name[]): Name {
  const name = names.find((one) => `--${one}` === word);
  if (name !== undefined) return name;
  const near = nearestWord(word.slice(2), names);
  const hint = near === undefined ? namesText(names) : `did you mean --${near}?`;
  throw new Refusal("invalid", { op, subject: `${JSON.stringify(word)} is no flag of it`, hint });
}

function namesText(names: readonly string[]): string {
  if (names.length === 0) return "it takes no flags";
  return `it takes ${names.map((name) => `--${name}`).join(", ")}`;
}
