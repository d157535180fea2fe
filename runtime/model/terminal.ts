/**
 * A person's terminal, and what a pod shows on it (`peri:face/terminal` in wit/face.wit).
 *
 * @module
 */

import { PeriError } from "./errors.ts";

/** The face that shows screens. */
export const TERMINAL_FACE = "peri:face/terminal";

/**
 * Takes a terminal: the other screen, empty; no line goes on in the next; pasted text is marked; no
 * cursor (xterm, ctlseqs). What a terminal does not know of it, it ignores.
 */
export const TAKE_TERMINAL = "\x1b[?1049h\x1b[?7l\x1b[?2004h\x1b[?25l\x1b[0m\x1b[H\x1b[2J";
/** Gives it back as it was. */
export const GIVE_BACK_TERMINAL = "\x1b[0m\x1b[?25h\x1b[?2004l\x1b[?7h\x1b[?1049l";

/** How a terminal tells that its window has another size: among what is typed. */
export function formatSize(columns: number, rows: number): string {
  return `\x1b[8;${rows};${columns}t`;
}

/** Colours that a terminal has: none, its own 16, 256 of which most are the same everywhere, all. */
export type Colours = 0 | 16 | 256 | 16_777_216;

/** What there is to paint on. */
export interface Seat {
  /** 1 to {@link MAX_COLUMNS}. */
  readonly columns: number;
  /** 1 to {@link MAX_ROWS}. */
  readonly rows: number;
  readonly colours: Colours;
}

/** Most columns and rows that are used: a screen must fit a message. */
export const [MAX_COLUMNS, MAX_ROWS] = [300, 100] as const;
/** What a pod may have remembered of where somebody is, in UTF-16 units. */
export const MAX_VIEW_LENGTH = 16_384;
/** Styles of one frame. */
const MAX_STYLES = 256;
/** UTF-16 units of a column, for letters with marks of their own. */
const UNITS_PER_COLUMN = 8;

/** What has happened, as it travels (PROTOCOL.md, "Values"). */
export type TerminalInput =
  | { readonly tag: "open"; readonly val: readonly string[] }
  | { readonly tag: "key" | "text" | "paste"; readonly val: string }
  | { readonly tag: "resize" | "refresh" };

/** A colour of a terminal's own, or any. */
export type Colour =
  | { readonly tag: "palette"; readonly val: number }
  | { readonly tag: "rgb"; readonly val: readonly [number, number, number] };

/** What text may be besides coloured. */
export const MARKS = ["bold", "faint", "italic", "underline", "reverse"] as const;

/** How text looks. */
export interface Style {
  readonly ink: Colour | null;
  readonly paper: Colour | null;
  readonly marks: readonly typeof MARKS[number][];
}

/** Text of one style. */
export interface Span {
  readonly text: string;
  readonly style: number;
}

/** A screen as a pod shows it, within its bounds; its texts may still command a terminal. */
export interface Frame {
  readonly styles: readonly Style[];
  readonly lines: readonly (readonly Span[])[];
  readonly cursor: { readonly column: number; readonly row: number } | null;
  readonly view: string;
  readonly exit: number | null;
}

/** A seat of what somebody says of their terminal; what is no number is as terminals once were. */
export function seatOf(columns: unknown, rows: unknown, colours: Colours): Seat {
  return { columns: cells(columns, 80, MAX_COLUMNS), rows: cells(rows, 24, MAX_ROWS), colours };
}

function cells(count: unknown, usual: number, most: number): number {
  const isCount = typeof count === "number" && Number.isInteger(count) && count > 0;
  return isCount ? Math.min(count, most) : usual;
}

/** The colours of a number; of another one, none. */
export function parseColours(count: unknown): Colours {
  return count === 16 || count === 256 || count === 16_777_216 ? count : 0;
}

/**
 * How many colours a terminal has, as its name and surroundings tell (no-color.org, and COLORTERM as
 * terminals set it).
 *
 * @param env of whoever sits at it
 */
export function coloursOf(term: string, env: (name: string) => string | undefined): Colours {
  if (env("NO_COLOR") || /^(?:|dumb|vt\d.*|.*-m|.*-mono)$/.test(term)) return 0;
  if (/^(?:truecolor|24bit)$/.test(env("COLORTERM") ?? "") || /direct/.test(term)) {
    return 16_777_216;
  }
  return /256|kitty|alacritty|ghostty|wezterm|foot/.test(term) ? 256 : 16;
}

/** Whether a terminal of this name can show screens. */
export function canShow(term: string): boolean {
  return term !== "" && term !== "dumb";
}

/**
 * What a pod gave as a frame.
 *
 * @throws {PeriError} `invalid` when it is none.
 */
export function parseFrame(value: unknown, { columns, rows }: Seat): Frame {
  const { styles, lines, cursor, view, exit } = recordOf(value);
  if (!Array.isArray(styles) || styles.length > MAX_STYLES) throw misfit("styles");
  if (!Array.isArray(lines)) throw misfit("lines");
  if (typeof view !== "string" || view.length > MAX_VIEW_LENGTH) throw misfit("view");
  return {
    styles: styles.map(parseStyle),
    lines: lines.slice(0, rows).map((line) => parseLine(line, styles.length, columns)),
    cursor: cursor === null ? null : parsePlace(cursor),
    view,
    exit: exit === null ? null : byteOf(exit, "exit"),
  };
}

function parseLine(line: unknown, styles: number, columns: number): Span[] {
  if (!Array.isArray(line)) throw misfit("line");
  const spans: Span[] = [];
  let room = columns * UNITS_PER_COLUMN;
  for (const span of line) {
    const { text, style } = recordOf(span);
    if (typeof text !== "string") throw misfit("text");
    if (byteOf(style, "style") >= styles) throw misfit("style");
    if (room > 0) spans.push({ text: text.slice(0, room), style: style as number });
    room -= text.length;
  }
  return spans;
}

function parseStyle(value: unknown): Style {
  const { ink, paper, marks } = recordOf(value);
  const isKnown = (mark: unknown) => MARKS.some((known) => known === mark);
  if (!Array.isArray(marks) || !marks.every(isKnown)) throw misfit("marks");
  return { ink: parseColour(ink), paper: parseColour(paper), marks };
}

function parseColour(value: unknown): Colour | null {
  if (value === null) return null;
  const { tag, val } = recordOf(value);
  if (tag === "palette") return { tag, val: byteOf(val, "colour") };
  if (tag !== "rgb" || !Array.isArray(val) || val.length !== 3) throw misfit("colour");
  const [red, green, blue] = val.map((part) => byteOf(part, "colour"));
  return { tag, val: [red!, green!, blue!] };
}

function parsePlace(value: unknown): { column: number; row: number } {
  const { column, row } = recordOf(value);
  return { column: countOf(column), row: countOf(row) };
}

function countOf(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw misfit("cursor");
}

function byteOf(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 256) {
    return value;
  }
  throw misfit(name);
}

function recordOf(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw misfit("value");
}

function misfit(part: string): PeriError {
  return new PeriError("invalid", { op: "show a screen", subject: `its ${part} is none` });
}
