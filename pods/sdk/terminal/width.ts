/**
 * How many columns text takes on a terminal (Unicode Standard Annex 11, and what terminals made of it
 * for emoji), and text cut, filled and broken by columns.
 *
 * @module
 */

import { Memo } from "./memo.ts";

/** First and last of characters that take two columns. */
const WIDE =
  "1100-115f 231a-231b 2329-232a 23e9-23ec 23f0 23f3 25fd-25fe 2614-2615 2648-2653 267f 2693 26a1 " +
  "26aa-26ab 26bd-26be 26c4-26c5 26ce 26d4 26ea 26f2-26f3 26f5 26fa 26fd 2705 270a-270b 2728 274c " +
  "274e 2753-2755 2757 2795-2797 27b0 27bf 2b1b-2b1c 2b50 2b55 2e80-303e 3041-4dbf 4e00-a4cf " +
  "a960-a97f ac00-d7a3 f900-faff fe10-fe19 fe30-fe6f ff00-ff60 ffe0-ffe6 16fe0-18cff 1aff0-1b2ff " +
  "1f004 1f0cf 1f18e 1f191-1f19a 1f1e6-1f1ff 1f200-1f320 1f32d-1f335 1f337-1f37c 1f37e-1f393 " +
  "1f3a0-1f3ca 1f3cf-1f3d3 1f3e0-1f3f0 1f3f4 1f3f8-1f43e 1f440 1f442-1f4fc 1f4ff-1f53d 1f54b-1f54e " +
  "1f550-1f567 1f57a 1f595-1f596 1f5a4 1f5fb-1f64f 1f680-1f6c5 1f6cc 1f6d0-1f6d2 1f6d5-1f6d7 " +
  "1f6dc-1f6df 1f6eb-1f6ec 1f6f4-1f6fc 1f7e0-1f7eb 1f7f0 1f90c-1f93a 1f93c-1f945 1f947-1f9ff " +
  "1fa70-1faff 20000-3fffd";

const RANGES: readonly (readonly [number, number])[] = WIDE.split(" ").map((range) => {
  const [first = "", last = first] = range.split("-");
  return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
});

/** One column each: most of what is shown. */
const PLAIN = /^[\x20-\x7e]*$/;
/** They stand on, or change, the letter before. */
const MARK = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ufe00-\ufe0f\u{1f3fb}-\u{1f3ff}]$/u;
const [JOINER, AS_EMOJI] = ["\u200d", "\ufe0f"];
const REGIONAL = /^[\u{1f1e6}-\u{1f1ff}]$/u;

/** What stands in one place: a letter with all that belongs to it, and its columns. */
export interface Cell {
  readonly text: string;
  readonly width: number;
}

/** Text in places. */
export function cellsOf(text: string): Cell[] {
  if (PLAIN.test(text)) return Array.from(text, (character) => ({ text: character, width: 1 }));
  const cells: Cell[] = [];
  for (const character of text) {
    const last = cells.at(-1);
    if (last === undefined || !joins(last.text, character)) {
      const width = MARK.test(character) ? 0 : isWide(character) ? 2 : 1;
      cells.push({ text: character, width });
    } else {
      const width = character === AS_EMOJI ? 2 : last.width;
      cells[cells.length - 1] = { text: last.text + character, width };
    }
  }
  return cells;
}

const widths = new Memo<number>(16_384);
const wrapped = new Memo<readonly string[]>(32_768);

/** Columns that text takes. */
export function widthOf(text: string): number {
  return text.length < 2 && text <= "~" ? text.length : widths.of(text, measure);
}

function measure(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return cellsOf(text).reduce((sum, { width }) => sum + width, 0);
}

/** Text of at most so many columns; what is left out is an ellipsis. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 0) return "";
  let [shown, width] = ["", 0];
  for (const cell of cellsOf(text)) {
    if (width + cell.width > columns - 1) break;
    shown += cell.text;
    width += cell.width;
  }
  return `${shown}…`;
}

/** Text of exactly so many columns. */
export function fit(text: string, columns: number): string {
  const shown = cut(text, columns);
  return shown + " ".repeat(Math.max(0, columns - widthOf(shown)));
}

/** Lines of at most so many columns, broken between words where that is possible. */
export function wrap(text: string, columns: number): readonly string[] {
  return wrapped.of(`${columns} ${text}`, () => wrapAnew(text, columns));
}

function wrapAnew(text: string, columns: number): string[] {
  return text.replaceAll("\t", "    ").split("\n").flatMap((line) =>
    wrapLine(line, Math.max(1, columns))
  );
}

function wrapLine(line: string, columns: number): string[] {
  if (widthOf(line) <= columns) return [line];
  const lines: string[] = [];
  let [shown, width] = ["", 0];
  for (const word of line.split(/(?<= )(?=[^ ])/)) {
    const wide = widthOf(word.trimEnd());
    if (width > 0 && width + wide > columns) {
      lines.push(shown.trimEnd());
      [shown, width] = ["", 0];
    }
    for (const cell of wide > columns ? cellsOf(word) : [{ text: word, width: widthOf(word) }]) {
      if (width > 0 && width + cell.width > columns && wide > columns) {
        lines.push(shown);
        [shown, width] = ["", 0];
      }
      shown += cell.text;
      width += cell.width;
    }
  }
  return [...lines, shown.trimEnd()];
}

function joins(before: string, character: string): boolean {
  if (MARK.test(character) || before.endsWith(JOINER)) return true;
  return REGIONAL.test(character) && REGIONAL.test(before);
}

function isWide(character: string): boolean {
  const point = character.codePointAt(0)!;
  if (point < 0x1100) return false;
  let [low, high] = [0, RANGES.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (RANGES[middle]![0] <= point) low = middle;
    else high = middle - 1;
  }
  return point >= RANGES[low]![0] && point <= RANGES[low]![1];
}
