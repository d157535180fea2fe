/**
 * Paints screens: what of one differs from the one before, in the terminal's own words (xterm,
 * ctlseqs). No text of a pod becomes such a word.
 *
 * @module
 */

import {
  type Frame,
  GIVE_BACK_TERMINAL,
  type Seat,
  type Span,
  TAKE_TERMINAL,
} from "../../model/terminal.ts";
import { formatStyle } from "./colours.ts";

/** What stands between these is shown at once. */
const [BEGIN, END] = ["\x1b[?2026h", "\x1b[?2026l"];

/** Control characters, marks that turn the reading direction around, and separators of lines. */
const UNSAFE =
  // deno-lint-ignore no-control-regex -- these are what is looked for
  /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
// No other characters are one column wide everywhere.
const PLAIN = /^[\x20-\x7e]*$/;

/** Text without what could command a terminal, or make a line another one. */
export function harmless(text: string): string {
  return text.toWellFormed().replace(UNSAFE, "");
}

/** A run of text with the words that make it look as it does. */
interface Painted {
  readonly text: string;
  readonly look: string;
}

/** One terminal, from when it is taken until it is given back. */
export class Painter {
  #isIn = false;
  #seat: Seat | undefined;
  #lines: readonly (readonly Painted[])[] = [];

  /** What makes a terminal show a frame. */
  paint(frame: Frame, seat: Seat): string {
    const enters = this.#isIn ? "" : TAKE_TERMINAL;
    const isOther = seat.columns !== this.#seat?.columns || seat.rows !== this.#seat.rows ||
      seat.colours !== this.#seat.colours;
    this.#isIn = true;
    this.#seat = seat;
    const before = isOther ? [] : this.#lines;
    this.#lines = frame.lines.map((line) => paintLine(line, frame, seat));
    const count = Math.max(this.#lines.length, before.length);
    let changes = isOther && enters === "" ? "\x1b[0m\x1b[2J" : "";
    for (let row = 0; row < count; row++) {
      changes += change(row, before[row] ?? [], this.#lines[row] ?? []);
    }
    return `${enters}${BEGIN}\x1b[?25l${changes}${cursorOf(frame, seat)}${END}`;
  }

  /** Says something on the last line until the next frame; nothing on a terminal not taken yet. */
  note(text: string): string {
    if (!this.#isIn || this.#seat === undefined) return "";
    const { rows, columns } = this.#seat;
    // Unlike any line, so that it is painted again.
    this.#lines = Array.from(
      { length: rows },
      (_, row) => row === rows - 1 ? [{ text: "", look: "note" }] : this.#lines[row] ?? [],
    );
    return `\x1b[${rows};1H\x1b[0m\x1b[K\x1b[7m${text.slice(0, columns)}\x1b[0m`;
  }

  /** The next frame is painted as a whole: something else may stand there. */
  forget(): void {
    this.#seat = undefined;
  }

  /** What gives a terminal back; nothing when it was not taken. */
  leave(): string {
    if (!this.#isIn) return "";
    this.#isIn = false;
    this.#seat = undefined;
    this.#lines = [];
    return GIVE_BACK_TERMINAL;
  }
}

function paintLine(line: readonly Span[], { styles }: Frame, { colours }: Seat): Painted[] {
  const painted: Painted[] = [];
  for (const { text, style } of line) {
    const safe = harmless(text);
    if (safe !== "") painted.push({ text: safe, look: formatStyle(styles[style]!, colours) });
  }
  return painted;
}

/** What is the same at the start of a line, and plainly as wide as it is long, stays. */
function change(row: number, before: readonly Painted[], after: readonly Painted[]): string {
  let [at, column] = [0, 0];
  while (at < after.length && isSame(before[at], after[at]!) && PLAIN.test(after[at]!.text)) {
    column += after[at]!.text.length;
    at++;
  }
  if (at === before.length && at === after.length) return "";
  if (isSameLine(before, after)) return "";
  const shared = sharedStart(before[at], after[at]);
  const [first, ...others] = after.slice(at);
  const rest = first === undefined ? [] : [{ ...first, text: first.text.slice(shared) }, ...others];
  const text = rest.map(({ look, text }) => `${look}${text}`).join("");
  // Erased first: at the last column the cursor stays on what was written there.
  return `\x1b[${row + 1};${column + shared + 1}H\x1b[0m\x1b[K${text}`;
}

function isSame(one: Painted | undefined, other: Painted): boolean {
  return one !== undefined && one.text === other.text && one.look === other.look;
}

function isSameLine(one: readonly Painted[], other: readonly Painted[]): boolean {
  return one.length === other.length && other.every((part, at) => isSame(one[at], part));
}

function sharedStart(one: Painted | undefined, other: Painted | undefined): number {
  if (one === undefined || other === undefined || one.look !== other.look) return 0;
  let at = 0;
  while (at < one.text.length && one.text[at] === other.text[at]) at++;
  // A mark that follows would belong to the letter before.
  while (at > 0 && !PLAIN.test(other.text.slice(0, at + 1))) at--;
  return at;
}

function cursorOf({ cursor }: Frame, { columns, rows }: Seat): string {
  if (cursor === null) return "\x1b[0m";
  const [row, column] = [Math.min(cursor.row, rows - 1), Math.min(cursor.column, columns - 1)];
  return `\x1b[0m\x1b[${row + 1};${column + 1}H\x1b[?25h`;
}
