/**
 * The steps of a replay as people read them.
 *
 * @module
 */

import type { Json, JsonRecord } from "../runtime/model/control.ts";
import type { Context, Out } from "./context.ts";
import { formatTime, formatValue, hasColour, paint, printable } from "./output.ts";

/** Longest text of a value before it is cut; `--json` shows more. */
const MAX_SHOWN = 300;
/** Column in which what a step is about begins. */
const INDENT = 16;

/** A step, or the result, as one line or several. */
export function formatStep(record: JsonRecord, out: Out, context: Pick<Context, "env">): string {
  if (record.kind === "result") return formatResult(record);
  const { step, kind, differs } = record;
  const [first = "", ...rest] = bodyOf(record);
  const head = `${String(step).padStart(4)}  ${formatValue(kind).padEnd(INDENT - 8)}  ${first}`;
  const lines = [head.trimEnd(), ...rest.map((line) => " ".repeat(INDENT) + line)];
  if (differs === undefined) return lines.join("\n");
  // Of what is gone the step itself says what it was.
  const was = kind === "missing" ? [] : [`${" ".repeat(INDENT)}was: ${value(differs)}`];
  const marked = [`${"!"}${lines[0]!.slice(1)}`, ...lines.slice(1), ...was];
  return hasColour(out, context)
    ? marked.map((line) => paint(line, "yellow")).join("\n")
    : marked.join("\n");
}

/** Whether a step is about the tables in which the SDK keeps its own, and as it was. */
export function isOfSdk({ table, argument, differs }: JsonRecord): boolean {
  if (differs !== undefined) return false;
  return String(table ?? fieldsOf(argument).table).startsWith("sdk:");
}

function formatResult({ steps, differences, version, ranIn }: JsonRecord): string {
  const count = `${formatValue(steps)} ${steps === 1 ? "step" : "steps"}`;
  const build = version === ranIn ? "" : ` (ran in ${value(ranIn)}, now ${value(version)})`;
  if (differences === 0) return `${count}, all as they were${build}`;
  return `${count}, ${formatValue(differences)} not as they were${build}`;
}

/** What a step is about, in lines. */
function bodyOf(record: JsonRecord): string[] {
  switch (record.kind) {
    case "called": {
      const at = formatTime(record.atMs);
      return [
        `${value(record.function)} ${value(record.arguments)}`,
        `by ${value(record.from)}, ${at}`,
      ];
    }
    case "told":
      return record.cancel ? ["nobody waits any more"] : linesOf(record.input);
    case "asks":
      return [`${requestOf(record)} → ${outcomeOf(record)}`];
    case "logs": {
      const [first = "", ...rest] = linesOf(record.line);
      return [`${value(record.level)}: ${first}`, ...rest];
    }
    case "writes":
      return [`${value(record.table)}/${value(record.key)} ${changeOf(record)}`];
    case "posts":
      return postOf(record);
    case "answers":
      return [`${value(record.to)} ${record.end ? "the end" : outcomeOf(record)}`];
    case "prints":
      return linesOf(record.text);
    case "ends":
    case "refused":
      return [outcomeOf(record)];
    case "stopped":
      return [`the instance: ${value(record.reason)}`];
    case "missing":
      return [value(record.was)];
    default:
      return [value(record.key)];
  }
}

function requestOf({ operation, argument }: JsonRecord): string {
  const { table, key, prefix, ...rest } = fieldsOf(argument);
  const place = [table, key ?? prefix].filter((part) => typeof part === "string").join("/");
  const more = Object.keys(rest).length === 0 ? "" : ` ${value(JSON.stringify(rest))}`;
  return `${value(operation)}${place === "" ? "" : ` ${value(place)}`}${more}`;
}

function fieldsOf(argument: Json | undefined): Record<string, unknown> {
  try {
    const fields = JSON.parse(String(argument));
    if (typeof fields === "object" && fields !== null) return fields;
  } catch {
    // It is shown as it is.
  }
  return { argument };
}

function outcomeOf({ ok, item, error }: JsonRecord): string {
  if (typeof error === "object" && error !== null) {
    const { kind, op, subject } = error as JsonRecord;
    return `${value(kind)}: cannot ${value(op)}: ${value(subject)}`;
  }
  const told = ok ?? item;
  return told === undefined ? "no answer on record" : value(told);
}

/** What is not known to have been there is left out. */
function changeOf({ before, after }: JsonRecord): string {
  const now = after === null ? "gone" : value(after);
  if (before === undefined) return `→ ${now}`;
  return `${before === null ? "nothing" : value(before)} → ${now}`;
}

function postOf({ to, function: called, arguments: args, then, note, key }: JsonRecord): string[] {
  const what = to === undefined ? "an errand" : `${value(called)}`;
  const whom = to === undefined ? [] : [`to ${value(to)}`];
  const next = then === undefined ? [] : [`then ${value(then)} ${value(note)}`];
  const name = key === undefined ? [] : [`key ${value(key)}`];
  return [`${what} ${value(args)}`, ...whom, ...next, ...name];
}

function linesOf(text: Json | undefined): string[] {
  const lines = String(text ?? "").replace(/\n$/, "").split("\n");
  return lines.map((line) => cut(printable(line)));
}

function value(text: Json | undefined): string {
  return cut(formatValue(text));
}

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
}
