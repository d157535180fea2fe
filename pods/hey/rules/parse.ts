/**
 * The text of the rules to rules, or everything that is wrong in it, by line. The text is the part
 * of TOML that the rules need: tables, and keys with numbers, booleans, texts and lists of texts.
 *
 * @module
 */

import { cleanLine, nearestWord } from "../../sdk/mod.ts";
import {
  type Distance,
  DISTANCES,
  MAX_PENDING_LETTERS,
  MAX_RULE_LETTERS,
  MAX_RULE_SIZE,
  PROFILE_FIELDS,
  type Rule,
  type Rules,
} from "./rule.ts";

/** Longest text of rules, in UTF-16 units. */
export const MAX_RULES_TEXT = 16 * 1024;
/** Faults that are told; whoever has more begins with these. */
const MAX_FAULTS = 10;

/** What is wrong on a line, which counts from 1. */
export interface Fault {
  readonly line: number;
  readonly why: string;
}

type Value = number | boolean | string | readonly string[];
type Key = keyof Rule;

/** What a value of each key must be; the reason why one is not. */
const TAKES: { readonly [Name in Key]: (value: Value) => Rule[Name] | Wrong } = {
  letters: (value) => {
    if (value === "any") return null;
    return wholeTo(value, MAX_RULE_LETTERS) ?? wrong(`0 to ${MAX_RULE_LETTERS}, or "any"`);
  },
  size: (value) => wholeTo(value, MAX_RULE_SIZE) ?? wrong(`0 to ${MAX_RULE_SIZE}`),
  pending: yesOrNo,
  introductions: yesOrNo,
  signatures: yesOrNo,
  space: (value) => {
    if (value === "none" || value === "read" || value === "write") return value;
    return wrong('"none", "read" or "write"');
  },
  profile: (value) => {
    const fields = PROFILE_FIELDS.filter((one) => Array.isArray(value) && value.includes(one));
    const isAll = Array.isArray(value) && value.every((one) => fields.includes(one));
    return isAll ? fields : wrong('a list of "name", "about" and "links"');
  },
};

/** Names of the keys in the order of the rules. */
const KEYS = Object.keys(TAKES) as Key[];

interface Wrong {
  /** What would be right. */
  readonly wants: string;
}

/**
 * Reads rules. What the text does not say stays as `defaults` say.
 *
 * @returns the rules, or what is wrong, from the first line on
 */
export function parseRules(text: string, defaults: Rules): Rules | readonly Fault[] {
  if (text.length > MAX_RULES_TEXT) {
    return [{ line: 1, why: `more than ${MAX_RULES_TEXT} characters in all` }];
  }
  const reader = new Reader(defaults);
  text.split("\n").forEach((line, at) => reader.read(line, at + 1));
  return reader.end();
}

class Reader {
  readonly #rules: Record<Distance, Rule>;
  readonly #faults: Fault[] = [];
  /** Where each table and each key in it stands. */
  readonly #places = new Map<string, number>();
  #table: Distance | "" | undefined;

  constructor(defaults: Rules) {
    this.#rules = { ...defaults };
  }

  read(line: string, at: number): void {
    const found = readLine(line);
    const why = found === undefined
      ? undefined
      : "why" in found
      ? found.why
      : "table" in found
      ? this.#open(found.table, at)
      : this.#set(found.key, found.value, at);
    if (why !== undefined) this.#faults.push({ line: at, why });
  }

  end(): Rules | readonly Fault[] {
    for (const distance of DISTANCES) {
      const { letters, pending } = this.#rules[distance];
      if (!pending || (letters ?? Infinity) <= MAX_PENDING_LETTERS) continue;
      const line = this.#places.get(`${distance}.pending`) ?? this.#places.get(distance) ?? 1;
      const why = `with pending at most ${MAX_PENDING_LETTERS} letters may wait in [${distance}]`;
      this.#faults.push({ line, why });
    }
    if (this.#faults.length === 0) return this.#rules;
    return this.#faults.sort((a, b) => a.line - b.line).slice(0, MAX_FAULTS);
  }

  #open(name: string, at: number): string | undefined {
    const distance = DISTANCES.find((one) => one === name);
    // What stands below a table that is none is not held against anything.
    this.#table = distance ?? "";
    if (distance === undefined) {
      return `[${shown(name)}] is no distance${meant(name, DISTANCES)}`;
    }
    return this.#place(distance, at, `[${distance}]`);
  }

  #set(name: string, value: Value, at: number): string | undefined {
    const table = this.#table;
    if (table === "") return undefined;
    if (table === undefined) return `${shown(name)} stands before any [distance]`;
    const key = KEYS.find((one) => one === name);
    if (key === undefined) return `${shown(name)} is no key of a rule${meant(name, KEYS)}`;
    const taken = TAKES[key](value);
    if (isWrong(taken)) return `${key} is ${taken.wants}`;
    this.#rules[table] = { ...this.#rules[table], [key]: taken };
    return this.#place(`${table}.${key}`, at, key);
  }

  #place(name: string, at: number, what: string): string | undefined {
    const before = this.#places.get(name);
    if (before !== undefined) return `${what} stands on line ${before} already`;
    this.#places.set(name, at);
    return undefined;
  }
}

type Read =
  | { readonly table: string }
  | { readonly key: string; readonly value: Value }
  | {
    readonly why: string;
  };

/** What a line says; nothing when it is empty or a comment. */
function readLine(line: string): Read | undefined {
  const text = line.trim();
  if (text === "" || text.startsWith("#")) return undefined;
  const table = /^\[\s*"?([^\]"#]*?)"?\s*\]\s*(#.*)?$/.exec(text);
  if (table) return { table: table[1]! };
  const [, key, rest] = /^([A-Za-z0-9_-]+)\s*=\s*(.*)$/.exec(text) ?? [];
  if (key === undefined || rest === undefined) {
    return { why: `${shown(text)} is neither [distance] nor key = value` };
  }
  const value = readValue(rest);
  return value === undefined ? { why: `${key} has no value that can be read` } : { key, value };
}

const TEXT = String.raw`"[^"\\]*"`;
const VALUE = new RegExp(
  String.raw`^(?:(\d{1,9})|(true|false)|(${TEXT})|\[\s*((?:${TEXT}\s*,?\s*)*)\])\s*(?:#.*)?$`,
);

function readValue(text: string): Value | undefined {
  const [all, digits, truth, quoted, list] = VALUE.exec(text) ?? [];
  if (all === undefined) return undefined;
  if (digits !== undefined) return Number(digits);
  if (truth !== undefined) return truth === "true";
  if (quoted !== undefined) return quoted.slice(1, -1);
  return (list?.match(new RegExp(TEXT, "g")) ?? []).map((one) => one.slice(1, -1));
}

function wholeTo(value: Value, most: number): number | undefined {
  return typeof value === "number" && value <= most ? value : undefined;
}

function yesOrNo(value: Value): boolean | Wrong {
  return typeof value === "boolean" ? value : wrong("true or false");
}

function wrong(wants: string): Wrong {
  return { wants };
}

function isWrong(value: unknown): value is Wrong {
  return typeof value === "object" && value !== null && "wants" in value;
}

function meant(word: string, words: readonly string[]): string {
  const near = nearestWord(word, words);
  return near === undefined ? `: ${words.join(", ")}` : `; did you mean ${near}?`;
}

function shown(text: string): string {
  return cleanLine(text, 40);
}
