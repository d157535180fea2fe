/**
 * What people and scripts read: aligned text on a terminal, one JSON record a line for `--json`.
 *
 * @module
 */

import type { Json, JsonRecord } from "../runtime/model/control.ts";
import type { Context, Out } from "./context.ts";

const encoder = new TextEncoder();

/** Writes a line. */
export function printLine(out: Out, line: string): Promise<void> {
  return out.write(encoder.encode(`${line}\n`));
}

/**
 * A text that cannot steer a terminal: control characters and what turns the direction of writing
 * become `·`. For everything that was named by others.
 */
export function printable(text: string): string {
  return text.replace(
    // deno-lint-ignore no-control-regex -- control characters are what this is about
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    "·",
  );
}

/** A value as one line of JSON that {@link printable} would leave as it is. */
export function formatJsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (unsafe) => `\\u${unsafe.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Whether colour is wanted on a stream: a terminal, and `NO_COLOR` not set (no-color.org). */
export function hasColour(out: Out, context: Pick<Context, "env">): boolean {
  return out.isTerminal && !context.env("NO_COLOR") && context.env("TERM") !== "dumb";
}

/** ANSI styles that quiet output gets along with. */
export type Style = "bold" | "dim" | "red" | "yellow";

const SGR: Readonly<Record<Style, string>> = { bold: "1", dim: "2", red: "31", yellow: "33" };

/** A text in a style, for a terminal. */
export function paint(text: string, style: Style): string {
  return `\x1b[${SGR[style]}m${text}\x1b[0m`;
}

/** A column of a table. */
export interface Column {
  /** Name of the field. */
  readonly field: string;
  /** Head of the column; the field's name when absent. */
  readonly title?: string;
  /** What a value reads for people; {@link formatValue} when absent. */
  format?(value: Json | undefined, record: JsonRecord, field: string): string;
}

/** Results of a command: shown as they come with `--json`, at the end as a table. */
export class Report {
  readonly #records: JsonRecord[] = [];

  constructor(private readonly context: Context, private readonly json: boolean) {}

  /** Takes a record; with `--json` it is printed at once. */
  async add(record: JsonRecord): Promise<void> {
    if (this.json) await printLine(this.context.streams.stdout, formatJsonLine(record));
    else this.#records.push(record);
  }

  /**
   * Prints what was taken as a table, for people only.
   *
   * @param empty printed when there is nothing
   */
  async table(columns: readonly Column[], empty: string): Promise<void> {
    const { stdout } = this.context.streams;
    if (this.json) return;
    if (this.#records.length === 0) return await printLine(stdout, empty);
    const lines = formatTable(this.#records, columns);
    const head = lines[0]!;
    const top = hasColour(stdout, this.context) ? paint(head, "dim") : head;
    await printLine(stdout, [top, ...lines.slice(1)].join("\n"));
  }

  /** Prints what was taken field by field, for people only. */
  async fields(): Promise<void> {
    if (this.json) return;
    const { stdout } = this.context.streams;
    for (const [index, record] of this.#records.entries()) {
      if (index > 0) await printLine(stdout, "");
      await printLine(stdout, formatFields(record).join("\n"));
    }
  }

  /** Prints a line for every record taken, for people only. */
  async lines(format: (record: JsonRecord) => string): Promise<void> {
    if (this.json) return;
    for (const record of this.#records) {
      await printLine(this.context.streams.stdout, format(record));
    }
  }
}

/** Lines of a table: titles, then a row a record; columns aligned, the last one not padded. */
export function formatTable(
  records: readonly JsonRecord[],
  columns: readonly Column[],
): readonly string[] {
  const shown = columns.filter(({ field }) => records.some((record) => isShown(record[field])));
  const rows = [
    shown.map(({ field, title }) => (title ?? field).toUpperCase()),
    ...records.map((record) =>
      shown.map(({ field, format = formatValue }) => format(record[field], record, field))
    ),
  ];
  const widths = shown.map((_, at) => Math.max(...rows.map((row) => widthOf(row[at]!))));
  return rows.map((row) =>
    row.map((cell, at) => cell + " ".repeat(widths[at]! - widthOf(cell))).join("  ").trimEnd()
  );
}

/** Lines `name  value`, aligned; lists and objects below their name. */
export function formatFields(record: JsonRecord, indent = ""): string[] {
  const entries = Object.entries(record).filter(([, value]) => isShown(value));
  const width = Math.max(0, ...entries.map(([name]) => labelOf(name).length));
  return entries.flatMap(([name, value]) => {
    const label = labelOf(name);
    const inner = `${indent}  `;
    if (isList(value) && needsLines(value)) {
      const items = value.flatMap((item) =>
        isObject(item) ? [`${inner}${formatInline(item)}`] : [`${inner}${formatValue(item)}`]
      );
      return [`${indent}${label}`, ...items];
    }
    if (isObject(value)) return [`${indent}${label}`, ...formatFields(value, inner)];
    return [`${indent}${label.padEnd(width)}  ${formatValue(value, record, name)}`];
  });
}

/** A value for people: texts made harmless, `…Ms` as local date and time or as a duration. */
export function formatValue(value: Json | undefined, _record?: JsonRecord, name = ""): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return printable(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return name.endsWith("Ms") ? formatMs(value) : String(value);
  if (isList(value)) return value.map((item) => formatValue(item)).join(", ");
  return isObject(value) ? formatInline(value) : "";
}

/** Milliseconds from here on are a time, below a duration: the year 2000. */
const FIRST_TIME_MS = 946_684_800_000;

function formatMs(valueMs: number): string {
  if (valueMs >= FIRST_TIME_MS) return formatTime(valueMs);
  return valueMs < 10_000 ? `${valueMs} ms` : `${Math.round(valueMs / 1000)} s`;
}

/** A time for people, in their zone: `2026-11-23 07:24`. @param timeMs milliseconds since 1970 UTC */
export function formatTime(timeMs: Json | undefined): string {
  if (typeof timeMs !== "number" || Math.abs(timeMs) > 8.64e15) return "";
  const at = new Date(timeMs);
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** A line of a pod's log; those that belong to it, such as a stack, stand below it. */
export function formatLogLine({ atMs, level, run, line }: JsonRecord): string {
  const [first = "", ...rest] = String(line ?? "").split("\n").map(printable);
  const head = [formatTime(atMs), formatValue(level).padEnd(7), formatValue(run).padEnd(5)];
  return [`${head.join(" ")} ${first}`, ...rest.map((one) => `  ${one}`)].join("\n");
}

function formatInline(record: JsonRecord): string {
  const parts = Object.entries(record).filter(([, value]) => isShown(value));
  return parts.map(([name, value]) => `${labelOf(name)} ${formatValue(value, record, name)}`)
    .join(", ");
}

/** `lastSeenMs` as people say it: `last seen`. */
function labelOf(name: string): string {
  const words = name.replace(/Ms$/, "").replace(/([a-z0-9])([A-Z])/g, "$1 $2");
  return printable(words.toLowerCase());
}

/** Columns a text takes, near enough: wide scripts and pictures take two. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) continue;
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/
        .test(character) || /\p{Emoji_Presentation}/u.test(character)
      ? 2
      : 1;
  }
  return width;
}

/** A list that would not be read in one line. */
function needsLines(list: readonly Json[]): boolean {
  return list.some((item) => typeof item === "object") || formatValue(list).length > 60;
}

function isShown(value: Json | undefined): value is Json {
  return value !== undefined && value !== null && !(isList(value) && value.length === 0);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
