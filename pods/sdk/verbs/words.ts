/**
 * The words of a command line, sorted by the parameters of a verb.
 *
 * Flags stand anywhere before a `--`; those of a verb that takes its words as they are (`@verbatim`)
 * before the first word, so that a text may have dashes.
 *
 * @module
 */

import { cleanLine } from "../text/clean.ts";
import { nearestWord } from "../text/nearest.ts";
import { Refusal } from "../refusal.ts";
import type { VerbParam, VerbShape } from "../shape.ts";

/** What stands for whom to ask instead of the person's own pod. */
export const OF = "of";
/** What asks for records instead of text. */
export const JSON_FLAG = "json";
/** What asks how a verb is written. */
export const HELP = "help";

/** Longest word that a refusal repeats. */
const MAX_SHOWN = 40;

/** What was said. */
export interface Spoken {
  /** Words by parameter; a switch that was given has none. */
  readonly given: ReadonlyMap<VerbParam, readonly string[]>;
  readonly isJson: boolean;
  readonly isHelp: boolean;
  readonly of?: string;
}

/** Names of all flags that a verb takes. */
export function flagsOf(verb: VerbShape): string[] {
  const own = verb.params.filter(({ kind }) => kind === "flag" || kind === "switch");
  const common = [...verb.remote ? [OF] : [], ...verb.result === null ? [] : [JSON_FLAG], HELP];
  return [...new Set([...own.map(({ name }) => name), ...common])];
}

/**
 * Sorts words.
 *
 * @param refuse makes the refusal of a word that does not fit
 * @throws {Refusal} `invalid` for flags that the verb does not take, words too many or missing.
 */
export function readWords(verb: VerbShape, words: readonly string[], refuse: Refuse): Spoken {
  const { flags, plain } = separate(verb, words, refuse);
  const given = new Map<VerbParam, readonly string[]>();
  const common: { json?: true; help?: true; of?: string } = {};
  for (const { name, value } of flags) {
    const param = verb.params.find((one) => isFlag(one) && one.name === name);
    if (param === undefined) Object.assign(common, { [name]: value ?? true });
    else given.set(param, [...given.get(param) ?? [], ...value === undefined ? [] : [value]]);
  }
  checkOnce(given, refuse);
  const spoken = { given, isJson: common.json === true, isHelp: common.help === true };
  if (!spoken.isHelp) sortPlain(verb, plain, given, refuse);
  return common.of === undefined ? spoken : { ...spoken, of: common.of };
}

/** Makes the refusal of words; without a hint the usage is one. */
export type Refuse = (subject: string, hint?: string) => Refusal;

interface Flag {
  readonly name: string;
  readonly value?: string;
}

function separate(verb: VerbShape, words: readonly string[], refuse: Refuse) {
  const flags: Flag[] = [];
  const plain: string[] = [];
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const isOver = verb.verbatim === true && plain.length > 0;
    if (word === "--" && !isOver) {
      plain.push(...left.splice(0));
    } else if (isOver || !word.startsWith("--")) plain.push(word);
    else flags.push(readFlag(verb, word, left, refuse));
  }
  return { flags, plain };
}

function readFlag(verb: VerbShape, word: string, left: string[], refuse: Refuse): Flag {
  const [, name = "", , value] = /^--([^=]*)(=(.*))?$/s.exec(word) ?? [];
  const names = flagsOf(verb);
  if (!names.includes(name)) {
    const near = nearestWord(name, names);
    const isText = verb.params.some(({ kind }) => kind === "rest");
    const hint = near !== undefined
      ? `did you mean --${near}?`
      : isText
      ? "words that begin with dashes stand behind --"
      : undefined;
    throw refuse(`${quote(word)} is no flag of ${verb.name}`, hint);
  }
  const param = verb.params.find((one) => isFlag(one) && one.name === name);
  const isSwitch = param === undefined ? name !== OF : param.kind === "switch";
  if (isSwitch && value !== undefined) throw refuse(`--${name} takes no value`);
  if (isSwitch) return { name };
  const next = value ?? (left[0]?.startsWith("--") ? undefined : left.shift());
  if (next === undefined) throw refuse(`--${name} needs a value`);
  return { name, value: next };
}

function isFlag({ kind }: VerbParam): boolean {
  return kind === "flag" || kind === "switch";
}

function checkOnce(given: ReadonlyMap<VerbParam, readonly string[]>, refuse: Refuse): void {
  for (const [{ name, type }, values] of given) {
    const isList = typeof type !== "string" && "list" in type;
    if (values.length > 1 && !isList) throw refuse(`--${name} stands there twice`);
  }
}

function sortPlain(
  { params }: VerbShape,
  plain: readonly string[],
  given: Map<VerbParam, readonly string[]>,
  refuse: Refuse,
): void {
  const left = [...plain];
  for (const param of params) {
    if (isFlag(param)) {
      if (!param.optional && !given.has(param)) throw refuse(`--${param.name} is missing`);
      continue;
    }
    const words = left.splice(0, param.kind === "rest" ? left.length : 1);
    if (words.length > 0) given.set(param, words);
    else if (!param.optional) throw refuse(`<${param.name}> is missing`);
  }
  const [first] = left;
  if (first !== undefined) throw refuse(`${quote(first)} is one word too many`);
}

/** A word as a refusal repeats it. */
export function quote(word: string): string {
  return JSON.stringify(cleanLine(word, MAX_SHOWN));
}
