/**
 * Help for one verb, made of its doc comment.
 *
 * @module
 */

import { countCharacters } from "../text/clean.ts";
import type { VerbParam, VerbShape } from "../shape.ts";
import { placeholderOf } from "./values.ts";
import { JSON_FLAG, OF } from "./words.ts";

/** The text of `peri <pod> <verb> --help`. */
export function formatVerbHelp(pod: string, verb: VerbShape): string {
  const rows = [...verb.params.map(rowOf), ...commonRows(verb)];
  const width = Math.max(0, ...rows.map(([left]) => countCharacters(left)));
  const lines = rows.map(([left, about]) =>
    `  ${left}${" ".repeat(width - countCharacters(left))}   ${about}`.trimEnd()
  );
  const head = `peri ${pod} ${verb.name} ${verb.usage}`.trimEnd();
  const parts = [[head], verb.about === "" ? [] : [verb.about], lines];
  return `${
    parts.filter(({ length }) => length > 0).map((part) => part.join("\n")).join("\n\n")
  }\n`;
}

/** What a parameter is called in refusals and help: `<place>`, `--near`. */
export function labelOf({ name, kind }: VerbParam): string {
  return kind === "flag" || kind === "switch" ? `--${name}` : `<${name}>`;
}

function rowOf(param: VerbParam): [left: string, about: string] {
  const { name, kind, type, about } = param;
  if (kind === "switch") return [labelOf(param), about];
  if (kind === "flag") return [`--${name} ${placeholderOf(type)}`, withInput(param)];
  const values = typeof type !== "string" && "enum" in type ? `one of ${type.enum.join(", ")}` : "";
  const more = [withInput(param), values].filter((part) => part !== "");
  return [kind === "rest" ? `<${name}…>` : labelOf(param), more.join("; ")];
}

/** What a word is for, and whether `-` in its place reads standard input. */
function withInput({ kind, type, about }: VerbParam): string {
  const isBytes = typeof type !== "string" && "list" in type && type.list === "u8";
  const isText = kind === "rest" && type === "string";
  const input = isBytes || isText ? "- reads standard input" : "";
  return [about, input].filter((part) => part !== "").join("; ");
}

function commonRows({ remote, result }: VerbShape): [left: string, about: string][] {
  const rows: [string, string][] = [];
  if (remote) rows.push([`--${OF} <who>`, "asks that person's pod instead of your own"]);
  if (result !== null) rows.push([`--${JSON_FLAG}`, "prints one JSON record a line"]);
  return rows;
}
