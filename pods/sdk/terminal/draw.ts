/**
 * From what a screen says to lines: a title, its parts, and at the bottom what can be done.
 *
 * @module
 */

import { cutLine, fillLine, type Line, type Look, textOf } from "./look.ts";
import type { Typing } from "./edit.ts";
import type { Part, Seat } from "./screen.ts";
import { cellsOf, cut, widthOf, wrap } from "./width.ts";

/** A screen that is drawn. */
export interface Drawn {
  readonly lines: readonly Line[];
  readonly cursor: { readonly column: number; readonly row: number } | undefined;
  /** The first row, or line, of what takes the room. */
  readonly top: number;
}

/** How far somebody is on a screen. */
export interface Spot {
  /** The row that is chosen, from 0. */
  readonly at: number;
  /** The first row, or line, that was shown; lines from their end count backwards. */
  readonly top: number;
  readonly typing: Typing;
}

/** What stands around the parts. */
export interface Surroundings {
  readonly title: Line;
  /** The last line. */
  readonly foot: Line;
}

const TITLE: Look = { reverse: true };
const CHOSEN: Look = { reverse: true };
const FAINT: Look = { faint: true };
/** Most lines that are typed into. */
const TYPED_LINES = 8;

/** Draws a screen: never more lines than the seat has. They may be too long. */
export function draw(
  parts: readonly Part[],
  spot: Spot,
  { title, foot }: Surroundings,
  { columns, rows }: Seat,
): Drawn {
  const room = Math.max(1, rows - 2);
  const fixed = parts.map((part) => fixedOf(part, spot, columns));
  const taken = fixed.reduce((sum, one) => sum + (one?.lines.length ?? 0), 0);
  const left = Math.max(1, room - taken);
  const lines: Line[] = [];
  let cursor: Drawn["cursor"];
  let top = 0;
  for (const [at, part] of parts.entries()) {
    const drawn = fixed[at] ?? mainOf(part, spot, columns, left);
    if (drawn.cursor !== undefined) {
      cursor = { column: drawn.cursor.column, row: lines.length + drawn.cursor.row + 1 };
    }
    if (drawn.top !== undefined) top = drawn.top;
    lines.push(...drawn.lines);
  }
  const body = Array.from({ length: room }, (_, row) => lines[row] ?? []);
  const all = [fillLine(title, columns, TITLE), ...body, foot];
  const isSeen = cursor !== undefined && cursor.row <= room;
  return { lines: all.slice(0, rows), cursor: isSeen ? cursor : undefined, top };
}

/** How many rows a list has, or lines there are to scroll; undefined without either. */
export function extentOf(parts: readonly Part[], columns: number): number | undefined {
  for (const part of parts) {
    if (part.kind === "list") return part.rows.length;
    if (part.kind === "scroll") return brokenLines(part.lines, columns).length;
  }
  return undefined;
}

interface Piece {
  readonly lines: readonly Line[];
  readonly cursor?: { readonly column: number; readonly row: number };
  readonly top?: number;
}

/** What is as high as it is; undefined for what takes the room. */
function fixedOf(part: Part, { typing }: Spot, columns: number): Piece | undefined {
  if (part.kind === "text") return { lines: brokenLines(part.lines, columns) };
  if (part.kind === "input") return drawInput(part.label, part.ghost, typing, columns);
  return undefined;
}

function mainOf(part: Part, spot: Spot, columns: number, height: number): Piece {
  if (part.kind === "list") return drawList(part.rows, part.empty, spot, columns, height);
  if (part.kind !== "scroll") return { lines: [] };
  const lines = brokenLines(part.lines, columns);
  const most = Math.max(0, lines.length - height);
  const top = Math.max(0, Math.min(spot.top, most));
  const first = part.isFromEnd ? most - top : top;
  const shown = lines.slice(first, first + height);
  return { lines: [...shown, ...Array<Line>(height - shown.length).fill([])], top };
}

function drawList(
  rows: readonly Line[],
  empty: string,
  { at, top }: Spot,
  columns: number,
  height: number,
): Piece {
  const fill = (count: number) => Array<Line>(Math.max(0, count)).fill([]);
  if (rows.length === 0) return { lines: [[[` ${empty}`, FAINT]], ...fill(height - 1)] };
  const chosen = Math.max(0, Math.min(at, rows.length - 1));
  const least = Math.max(0, chosen - height + 1);
  const first = Math.max(least, Math.min(top, chosen, Math.max(0, rows.length - height)));
  const shown = rows.slice(first, first + height).map((row, index) => {
    const line: Line = [" ", ...row];
    return first + index === chosen ? fillLine(line, columns, CHOSEN) : line;
  });
  return { lines: [...shown, ...fill(height - shown.length)], top: first };
}

/** Text that is typed: as many lines as it takes, the last ones when there are many. */
function drawInput(label: string, ghost: string, { text, at }: Typing, columns: number): Piece {
  const head = ` ${label} `;
  const indent = widthOf(head);
  const room = Math.max(4, columns - indent - 1);
  const { lines, cursor } = layOut(text, at, room);
  const first = Math.max(0, Math.min(cursor.row - TYPED_LINES + 1, lines.length - TYPED_LINES));
  const shown = lines.slice(first, first + TYPED_LINES).map((line, row): Line => [
    row === 0 ? [head, { bold: true }] : " ".repeat(indent),
    line,
  ]);
  const said: Line[] = text === "" ? [[[head, { bold: true }], [cut(ghost, room), FAINT]]] : shown;
  return { lines: said, cursor: { column: indent + cursor.column, row: cursor.row - first } };
}

/** Where each letter stands: broken at the margin, so that a cursor moves as it is pressed. */
function layOut(
  text: string,
  at: number,
  columns: number,
): { readonly lines: string[]; readonly cursor: { column: number; row: number } } {
  const lines = [""];
  let [width, length] = [0, 0];
  let cursor = { column: 0, row: 0 };
  for (const cell of cellsOf(text)) {
    const isBreak = cell.text === "\n";
    if (!isBreak && width + cell.width > columns) {
      lines.push("");
      width = 0;
    }
    if (length <= at) cursor = { column: width, row: lines.length - 1 };
    length += cell.text.length;
    if (isBreak) {
      lines.push("");
      width = 0;
    } else {
      lines[lines.length - 1] += cell.text;
      width += cell.width;
    }
  }
  if (at >= length) cursor = { column: width, row: lines.length - 1 };
  return { lines, cursor };
}

/** Lines as they fit; those of one look keep it. */
function brokenLines(lines: readonly Line[], columns: number): Line[] {
  return lines.flatMap((line) => {
    const all = textOf(line);
    if (all.length * 2 <= columns || widthOf(all) <= columns) {
      if (!all.includes("\n")) return [line];
    }
    const [only] = line;
    if (line.length !== 1 || only === undefined) return [cutLine(line, columns)];
    const [text, look] = typeof only === "string" ? [only, undefined] : only;
    return wrap(text, columns).map((part): Line => [look === undefined ? part : [part, look]]);
  });
}
