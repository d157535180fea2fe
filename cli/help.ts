/**
 * Help. `peri --help` is made from the table of words alone, so that it starts as fast as Deno does;
 * that of a word from what its commands say of themselves.
 *
 * @module
 */

import { type Argument, type Command, LETTERS } from "./command.ts";
import { type Loader, type Word, WORDS } from "./words.ts";

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
    "  peri --on <server> …       the same on a server of yours elsewhere: peri server",
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

/**
 * The text of `peri <word> --help` or `peri <noun> <verb> --help`.
 *
 * @param name the first word
 * @param verb the second word, when it is one of a noun's verbs
 */
export async function formatWordHelp(name: string, word: Word, verb?: string): Promise<string> {
  const load = word.load ?? (verb === undefined ? undefined : word.verbs?.[verb]);
  if (load === undefined) return await formatNounHelp(name, word.about, word.verbs ?? {});
  return formatCommandHelp(word.load ? `peri ${name}` : `peri ${name} ${verb}`, await load());
}

async function formatNounHelp(
  name: string,
  about: string,
  verbs: Readonly<Record<string, Loader>>,
): Promise<string> {
  const rows = await Promise.all(
    Object.entries(verbs).map(async ([verb, load]) => {
      const command = await load();
      return [[verb, ...command.arguments.map(usageOf)].join(" "), command.about] as const;
    }),
  );
  return joinLines([
    `${about}.`,
    "",
    "Usage",
    `  peri ${name} <verb> [flags]`,
    "",
    "Verbs",
    ...alignRows(rows),
    "",
    `peri ${name} <verb> --help shows more.`,
  ]);
}

function formatCommandHelp(path: string, command: Command): string {
  const { about, details, json } = command;
  const usage = [path, ...command.arguments.map(usageOf), "[flags]"].join(" ");
  const flags = Object.entries(command.flags).map(([name, flag]) => {
    const spelled = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const value = flag.kind === "text" ? ` <${flag.placeholder}>` : "";
    const letter = LETTERS[name] === undefined ? "" : `-${LETTERS[name]}, `;
    return [`${letter}${spelled}${value}`, flag.about] as const;
  });
  const all = json ? [...flags, ["--json", "One JSON record a line"] as const] : flags;
  const words = command.arguments.map(({ name, about }) => [`<${name}>`, about] as const);
  return joinLines([
    `${about}.`,
    ...details === undefined ? [] : ["", ...details.split("\n").flatMap(wrapLine)],
    "",
    "Usage",
    `  ${usage}`,
    ...words.length === 0 ? [] : ["", "Words", ...alignRows(words)],
    "",
    "Flags",
    ...alignRows([...all, ["-h, --help", "Show this help"]]),
  ]);
}

function usageOf({ name, count = "one" }: Argument): string {
  return { one: `<${name}>`, optional: `[<${name}>]`, many: `<${name}> …` }[count];
}

function alignRows(rows: readonly (readonly [left: string, right: string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

/** A line cut between words, at most 80 columns a piece. */
function wrapLine(line: string): string[] {
  return line.match(/\S.{0,78}\S(?= |$)|\S/g) ?? [];
}

function joinLines(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

/** Words for a sentence: `a`, `a or b`, `a, b or c`. */
export function formatWords(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
