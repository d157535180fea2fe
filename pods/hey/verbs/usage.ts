/**
 * Refusals of words that do not fit a verb.
 *
 * @module
 */

import { cleanLine, Refusal } from "../../sdk/mod.ts";

/** The refusal for words that are missing; `usage` says how it is written. */
export function refuseUsage(op: string, subject: string, usage: string): Refusal {
  return new Refusal("invalid", { op, subject, hint: usage });
}

/** @throws {Refusal} `invalid` when there are more words than a verb takes. */
export function checkNoMore(op: string, words: readonly string[], usage: string): void {
  const [first] = words;
  if (first === undefined) return;
  throw refuseUsage(op, `${JSON.stringify(cleanLine(first, 40))} is one word too many`, usage);
}
