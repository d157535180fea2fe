/**
 * `peri --help`: made from the table of words alone, so that it starts as fast as Deno does.
 *
 * @module
 */

import { WORDS } from "./words.ts";

/**
 * The text of `peri --help`.
 *
 * @param programs words of programs `peri-<word>` on PATH
 */
export function formatHelp(programs: readonly string[]): string {
  const rows = Object.entries(WORDS).map(([word, { about, verbs }]) => {
    const list = verbs === undefined ? "" : ` (${Object.keys(verbs).join(", ")})`;
    return `  ${word.padEnd(12)} ${about}${list}`;
  });
  const others = programs.length === 0 ? [] : ["", "On your PATH", `  ${programs.join(" ")}`];
  return [
    "Your personal network: people, their pods, and the peripheries that run them.",
    "",
    "Usage",
    "  peri <word> [flags]        a built-in word, below",
    "  peri <pod> <verb> …        what a pod of yours can do: peri hey --help",
    "  peri <word> …              a program peri-<word> on your PATH",
    "",
    "Words",
    ...rows,
    ...others,
    "",
    "peri <word> --help shows more. With --json, results are one JSON record a line.",
    "To begin: peri key init, then peri serve, then peri claim and peri pod install hey.",
    "",
  ].join("\n");
}

/** Words for a sentence: `a`, `a or b`, `a, b or c`. */
export function formatWords(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
