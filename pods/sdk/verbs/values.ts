/**
 * Words of a command line as values of a type.
 *
 * @module
 */

import { readJson } from "../../../wit/payload.ts";
import { checkValue } from "../../../wit/values.ts";
import { nearestWord } from "../text/nearest.ts";
import type { Json } from "../text/json.ts";
import type { Type } from "../shape.ts";
import { type Refuse } from "./words.ts";

const YES: ReadonlySet<string> = new Set(["true", "yes", "on"]);
const NO: ReadonlySet<string> = new Set(["false", "no", "off"]);
const WHOLE = /^-?\d{1,30}$/;

/**
 * The JSON value (PROTOCOL.md, "Values") of a parameter's words.
 *
 * @param label what the parameter is called: `<count>` or `--near`
 * @throws {Refusal} `invalid` saying what the type takes.
 */
export function readValue(
  type: Type,
  words: readonly string[],
  label: string,
  refuse: Refuse,
): Json {
  const value = fillOptions(type, parseWords(type, words, label, refuse));
  const wrong = checkValue(type, value, label);
  if (wrong === undefined) return value;
  throw refuse(wrong, hintOf(type, words));
}

/** What a value of a type is called in a usage: `<text>`, `<number>`, `<json>`. */
export function placeholderOf(type: Type): string {
  if (typeof type !== "string") {
    if ("enum" in type) return type.enum.length > 4 ? "<word>" : type.enum.join("|");
    if ("list" in type) return type.list === "u8" ? "<base64url>" : placeholderOf(type.list);
    return "flags" in type ? "<words>" : "<json>";
  }
  if (type === "string" || type === "char") return "<text>";
  return type === "bool" ? "yes|no" : "<number>";
}

function parseWords(type: Type, words: readonly string[], label: string, refuse: Refuse): Json {
  const [first = ""] = words;
  if (typeof type === "object" && "list" in type && type.list !== "u8") {
    if (words.length === 1 && first.startsWith("[")) return parseJson(first, label, refuse);
    return words.map((word) => parseWord(type.list, word, label, refuse));
  }
  return parseWord(type, type === "string" ? words.join(" ") : first, label, refuse);
}

function parseWord(type: Type, word: string, label: string, refuse: Refuse): Json {
  if (typeof type === "string") return parseScalar(type, word);
  if ("enum" in type || ("list" in type && type.list === "u8")) return word;
  if ("flags" in type && !word.startsWith("[")) {
    const names = word.split(",").map((name) => name.trim()).filter((name) => name !== "");
    const places = names.map((name) => type.flags.indexOf(name));
    // What is no name stays, so that it is found out.
    return places.includes(-1) ? names : type.flags.filter((_, at) => places.includes(at));
  }
  return parseJson(word, label, refuse);
}

/** What is none of the type stays a text, which is then refused with its bounds. */
function parseScalar(type: string, word: string): Json {
  if (type === "string" || type === "char") return word;
  if (type === "bool") return YES.has(word) ? true : NO.has(word) ? false : word;
  if (type === "u64" || type === "s64") return WHOLE.test(word) ? `${BigInt(word)}` : word;
  if (type === "f32" || type === "f64") {
    return word.trim() !== "" && Number.isFinite(Number(word)) ? Number(word) : word;
  }
  return WHOLE.test(word) ? Number(word) : word;
}

function parseJson(text: string, label: string, refuse: Refuse): Json {
  const parsed = readJson(text);
  if ("error" in parsed) throw refuse(`${label} must be JSON, and ${text.slice(0, 40)} is none`);
  return parsed.value as Json;
}

/** Fields that may be absent need not be written. */
function fillOptions(type: Type, value: Json): Json {
  if (typeof type === "string" || typeof value !== "object" || value === null) return value;
  if ("option" in type) return fillOptions(type.option, value);
  if (Array.isArray(value)) {
    return "list" in type ? value.map((part) => fillOptions(type.list, part)) : value;
  }
  if (!("record" in type)) return value;
  const filled: Record<string, Json> = { ...value as Record<string, Json> };
  for (const [name, of] of type.record) {
    if (Object.hasOwn(filled, name)) filled[name] = fillOptions(of, filled[name]!);
    else if (typeof of !== "string" && "option" in of) filled[name] = null;
  }
  return filled;
}

function hintOf(type: Type, words: readonly string[]): string | undefined {
  if (typeof type === "string" || !("enum" in type)) return undefined;
  const near = nearestWord(words[0] ?? "", type.enum);
  return near === undefined ? undefined : `did you mean ${near}?`;
}
