/**
 * Text with a look, in lines, and the frame that is made of them (`peri:face/terminal`).
 *
 * @module
 */

import { cleanText } from "../text/clean.ts";
import { Memo } from "./memo.ts";
import { cut, widthOf } from "./width.ts";

/** A colour by name of the terminal's own, by number of 256, or any: `#ff8800`. */
export type Ink = keyof typeof NAMES | number | `#${string}`;

/** How text looks. */
export interface Look {
  readonly ink?: Ink;
  readonly paper?: Ink;
  readonly bold?: boolean;
  readonly faint?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly reverse?: boolean;
}

/** Text in one look; text alone is plain. */
export type Piece = string | readonly [text: string, look: Look];

/** A line from left to right. */
export type Line = readonly Piece[];

/** A colour as it travels. */
export type WireColour =
  | { tag: "palette"; val: number }
  | { tag: "rgb"; val: [number, number, number] };

/** What the periphery paints. */
export interface WireFrame {
  styles: { ink?: WireColour | undefined; paper?: WireColour | undefined; marks: Set<Mark> }[];
  lines: { text: string; style: number }[][];
  cursor?: { column: number; row: number } | undefined;
  view: string;
  exit?: number | undefined;
}

/** What text may be besides coloured. */
export type Mark = "bold" | "faint" | "italic" | "underline" | "reverse";

const NAMES = {
  black: 0,
  red: 1,
  green: 2,
  yellow: 3,
  blue: 4,
  magenta: 5,
  cyan: 6,
  white: 7,
  grey: 8,
};
const MARKS: readonly Mark[] = ["bold", "faint", "italic", "underline", "reverse"];

/** Text of a line, without its looks. */
export function textOf(line: Line): string {
  return line.map((piece) => typeof piece === "string" ? piece : piece[0]).join("");
}

/** A line of at most so many columns, safe to show. */
export function cutLine(line: Line, columns: number): Line {
  const pieces: Piece[] = [];
  let room = columns;
  for (const piece of line) {
    const [text, look] = typeof piece === "string" ? [piece, undefined] : piece;
    const shown = cut(spaced(text), room);
    if (shown === "") continue;
    pieces.push(look === undefined ? shown : [shown, look]);
    room -= widthOf(shown);
  }
  return pieces;
}

/** A line of exactly so many columns, as one that is chosen is over its whole width. */
export function fillLine(line: Line, columns: number, look: Look): Line {
  const shown = cutLine(line, columns);
  const over = (piece: Piece): Piece =>
    typeof piece === "string" ? [piece, look] : [piece[0], { ...piece[1], ...look }];
  const rest = " ".repeat(Math.max(0, columns - widthOf(textOf(shown))));
  return [...shown.map(over), [rest, look]];
}

/** Makes lines a frame. Every look stands in it once. */
export function formatFrame(
  lines: readonly Line[],
  columns: number,
): Pick<WireFrame, "styles" | "lines"> {
  const palette = new Palette();
  return {
    styles: palette.styles,
    lines: lines.map((line) => {
      const spans: { text: string; style: number }[] = [];
      for (const piece of cutLine(line, columns)) {
        const [text, look] = typeof piece === "string" ? [piece, PLAIN] : piece;
        const style = palette.styleOf(look);
        const last = spans.at(-1);
        if (last?.style === style) last.text += text;
        else spans.push({ text, style });
      }
      return spans;
    }),
  };
}

const PLAIN: Look = {};

/** The styles of a frame. */
class Palette {
  readonly styles: WireFrame["styles"] = [];
  readonly #byLook = new Map<Look, number>();
  readonly #byKey = new Map<string, number>();

  styleOf(look: Look): number {
    const known = this.#byLook.get(look);
    if (known !== undefined) return known;
    const key = JSON.stringify([look.ink, look.paper, MARKS.filter((mark) => look[mark])]);
    const found = this.#byKey.get(key) ?? this.styles.push(formatLook(look)) - 1;
    this.#byKey.set(key, found);
    this.#byLook.set(look, found);
    return found;
  }
}

const safe = new Memo<string>(16_384);

/** On one line; spaces stay, for they are part of what is drawn. */
function spaced(text: string): string {
  return safe.of(text, () => cleanText(text).replace(/[\n\t]/g, " "));
}

function formatLook(look: Look): WireFrame["styles"][number] {
  const { ink, paper } = look;
  return {
    ...(ink !== undefined && { ink: colourOf(ink) }),
    ...(paper !== undefined && { paper: colourOf(paper) }),
    marks: new Set(MARKS.filter((mark) => look[mark])),
  };
}

function colourOf(ink: Ink): WireColour {
  if (typeof ink === "number") return { tag: "palette", val: ink };
  if (Object.hasOwn(NAMES, ink)) return { tag: "palette", val: NAMES[ink as keyof typeof NAMES] };
  const part = (at: number) => Number.parseInt(ink.slice(at, at + 2), 16) || 0;
  return { tag: "rgb", val: [part(1), part(3), part(5)] };
}
