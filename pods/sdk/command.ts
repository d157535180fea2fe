/**
 * The command face of a pod (`peri:face/command` in wit/face.wit), made from its verbs.
 *
 * @module
 */

import { nearestWord } from "./text/nearest.ts";
import { Refusal } from "./refusal.ts";
import type { Run } from "./run.ts";

/** Runs a verb; its number is the exit code, 0 without one. `terminal`: output goes to a screen. */
export type VerbHandler = (
  words: string[],
  terminal: boolean,
) => number | void | Promise<number | void>;

/** Words that may stand where the last of `words` stands. */
export type Completer = (words: string[]) => readonly string[] | Promise<readonly string[]>;

/** One verb of a pod. */
export interface Verb {
  readonly name: string;
  /** What follows the verb: `<who> <text…>`. */
  readonly usage: string;
  /** One line. */
  readonly about: string;
  /** It runs when no verb is said. */
  readonly isAlone?: boolean;
  readonly run: VerbHandler;
  readonly complete?: Completer;
  /** All that help says of it; without it, its line. */
  help?(): string;
}

/** The interface's name without version. */
export const COMMAND = "peri:face/command";

const HELP = new Set(["help", "--help", "-h"]);
const MAX_EXIT_CODE = 125;

/** Handlers of the command face by function name. */
export class CommandFace {
  readonly #verbs: Verb[] = [];

  constructor(private readonly run: Run) {}

  /** Adds a verb after the others. */
  add(verb: Verb): void {
    this.#verbs.push(verb);
  }

  /** The handler of a function of the interface, as the engine calls it. */
  handlerOf(name: string): ((...args: never[]) => unknown) | undefined {
    if (this.#verbs.length === 0) return undefined;
    if (name === "verbs") return () => this.#list();
    if (name === "run") return (argv: string[], terminal: boolean) => this.#run(argv, terminal);
    if (name === "complete") return (argv: string[]) => this.#complete(argv);
    return undefined;
  }

  #list() {
    return this.#verbs.map(({ name, usage, about }) => ({ name, usage, about }));
  }

  async #run(argv: string[], terminal: boolean): Promise<number> {
    const alone = argv.length === 0 ? this.#verbs.find(({ isAlone }) => isAlone)?.name : undefined;
    const [word = alone, ...words] = argv;
    if (word === undefined || HELP.has(word)) return this.#help(words[0]);
    if (words.length === 1 && (words[0] === "--help" || words[0] === "-h")) return this.#help(word);
    const code = await this.#find(word).run(words, terminal) ?? this.run.exitCode;
    return Math.min(Math.max(Math.trunc(code) || 0, 0), MAX_EXIT_CODE);
  }

  #help(word: string | undefined): number {
    const verbs = word === undefined ? this.#verbs : [this.#find(word)];
    const text = word === undefined ? undefined : verbs[0]!.help?.();
    this.run.write(text ?? formatHelp(this.run, verbs, word === undefined));
    return 0;
  }

  #find(word: string): Verb {
    const verb = this.#verbs.find(({ name }) => name === word);
    if (verb !== undefined) return verb;
    const name = this.run.pod;
    const near = nearestWord(word, this.#verbs.map(({ name }) => name));
    throw new Refusal("invalid", {
      op: `run ${name}`,
      subject: `${JSON.stringify(word)} is no verb of ${name}`,
      hint: near === undefined ? `peri ${name} help` : `did you mean peri ${name} ${near}?`,
    });
  }

  async #complete(argv: string[]): Promise<string[]> {
    const last = argv.at(-1) ?? "";
    const candidates = argv.length <= 1
      ? [...this.#verbs.map(({ name }) => name), "help"]
      : await this.#completeVerb(argv);
    return candidates.filter((word) => word.startsWith(last));
  }

  async #completeVerb([word, ...words]: string[]): Promise<readonly string[]> {
    if (word === "help") return words.length === 1 ? this.#verbs.map(({ name }) => name) : [];
    const verb = this.#verbs.find(({ name }) => name === word);
    return await verb?.complete?.(words) ?? [];
  }
}

/** The help text of a pod's verbs, in two columns. */
function formatHelp(
  { pod, about: { about } }: Run,
  verbs: readonly Verb[],
  whole: boolean,
): string {
  const lines = verbs.map(({ name, usage, about }) => ({
    left: `peri ${pod} ${name} ${usage}`.trimEnd(),
    about,
  }));
  const width = Math.max(...lines.map(({ left }) => left.length));
  const body = lines.map(({ left, about }) => `  ${left.padEnd(width)}   ${about}\n`).join("");
  return whole ? `${about}\n\n${body}` : body;
}
