/**
 * Results of verbs as text, without a word from their author.
 *
 * @module
 */

import { cleanText, countCharacters } from "../text/clean.ts";
import type { Json } from "../text/json.ts";
import type { Run } from "../run.ts";
import type { Type } from "../shape.ts";
import { formatCell, titleOf } from "./cells.ts";
import { TextTable } from "./table.ts";

/** What is printed for a list without anything in it. */
const EMPTY = "none";
/** Longest text of a line of a record. */
const MAX_LINE = 1_000;
const INDENT = "  ";

/** Values that are printed together, so that their columns fit. */
const BATCH = 50;

/** Lines of one value. */
export function formatValue(type: Type, wire: Json): string[] {
  if (typeof type !== "string") {
    if ("option" in type) return wire === null ? [EMPTY] : formatSome(type.option, wire);
    if ("list" in type && type.list !== "u8") return formatList(type.list, wire as Json[]);
    if ("record" in type) return formatRecord(type.record, wire as Record<string, Json>);
  }
  if (type === "string") return cleanText(wire as string).trimEnd().split("\n");
  return [formatCell(type, wire, "", MAX_LINE)];
}

/**
 * Prints values that come one by one: several together, so that their columns fit, and all there are
 * before the run waits for more.
 */
export async function printStream(
  run: Run,
  type: Type,
  values: AsyncIterable<Json>,
): Promise<void> {
  const table = new TextTable(type);
  let [batch, isEmpty]: [Json[], boolean] = [[], true];
  const print = () => {
    for (const line of table.lines(batch)) run.print(line);
    batch = [];
  };
  run.onWait = print;
  for await (const value of values) {
    isEmpty = false;
    if (batch.push(value) === BATCH) print();
  }
  run.onWait = undefined;
  print();
  if (isEmpty) run.print(EMPTY);
}

function formatSome(of: Type, wire: Json): string[] {
  const isNested = typeof of !== "string" && "option" in of;
  return formatValue(of, isNested ? (wire as { some: Json }).some : wire);
}

function formatList(of: Type, wire: readonly Json[]): string[] {
  return wire.length === 0 ? [EMPTY] : new TextTable(of).lines(wire);
}

/** `key  value` lines; what is absent is left out, what has lines of its own stands below. */
function formatRecord(
  fields: readonly (readonly [string, Type])[],
  wire: Readonly<Record<string, Json>>,
): string[] {
  const present = fields.filter(([name]) => wire[name] !== null);
  const width = Math.max(0, ...present.map(([name]) => countCharacters(titleOf(name))));
  return present.flatMap(([name, type]) => {
    const value = wire[name]!;
    if (isTall(type, value)) {
      return [titleOf(name), ...formatValue(bare(type), value).map((line) => INDENT + line)];
    }
    return [`${titleOf(name).padEnd(width)}  ${formatCell(type, value, name, MAX_LINE)}`];
  });
}

/** Whether a value takes more than one line. */
function isTall(type: Type, wire: Json): boolean {
  if (type === "string") return (wire as string).trimEnd().includes("\n");
  if (typeof type === "string") return false;
  if ("option" in type) return isTall(type.option, wire);
  if ("list" in type) return (wire as Json[]).length > 0 && isWide(type.list);
  return "record" in type;
}

/** Whether a value of the type needs columns of its own. */
function isWide(type: Type): boolean {
  return typeof type !== "string" && ("record" in type || "tuple" in type);
}

function bare(type: Type): Type {
  return typeof type !== "string" && "option" in type ? type.option : type;
}
