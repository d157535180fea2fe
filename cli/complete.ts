/**
 * Completion: the words that may stand at the cursor. The scripts of `peri completions` call it as
 * `peri __complete <words…>`; the last word is the one being typed, perhaps empty.
 *
 * @module
 */

import type { Context } from "./context.ts";
import { suggest } from "./lookup.ts";
import { findWord, WORDS } from "./words.ts";

/**
 * Prints the candidates, one a line. Resolves to 0: a shell has no use for an error here.
 *
 * @param argv `__complete` and the words after `peri`
 */
export async function complete(argv: readonly string[], context: Context): Promise<number> {
  const words = argv.length > 1 ? argv.slice(1) : [""];
  const found = await candidates(words, context).catch(() => []);
  const partial = words.at(-1)!;
  const fitting = found.filter((word) => word.startsWith(partial) && !/[\s\p{Cc}]/u.test(word));
  const text = [...new Set(fitting)].map((word) => `${word}\n`).join("");
  await context.streams.stdout.write(new TextEncoder().encode(text));
  return 0;
}

async function candidates(
  words: readonly string[],
  context: Context,
): Promise<readonly string[]> {
  const first = words[0]!;
  if (words.length === 1) {
    const pods = await suggest(context, "pod.list", {}, "name");
    return [...Object.keys(WORDS), ...pods, ...context.programs.words(), "--help", "--version"];
  }
  if (first === "pod" && words[1] === "exec" && words.length > 3) {
    return await podWords(words.slice(2), context);
  }
  if (findWord(first)) return await (await import("./app.ts")).completeWord(words, context);
  return await podWords(words, context);
}

function podWords(words: readonly string[], context: Context): Promise<readonly string[]> {
  const [pod, ...argv] = words;
  return suggest(context, "pod.complete", { pod: pod!, argv }, "word");
}
