/**
 * Text of others, made safe to show: a letter must not move the cursor, recolour the screen or
 * turn the reading direction around.
 *
 * @module
 */

/** Control characters (C0 but tab and newline, DEL, C1) and the marks that reorder text. */
const UNSAFE =
  // deno-lint-ignore no-control-regex -- these are what is looked for
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text with its lines and tabs and without what could command a terminal. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(/\r\n?|[\u2028\u2029\x85]/g, "\n").replace(UNSAFE, "");
}

/** Text as one line: blanks become one space, and what is over `max` characters an ellipsis. */
export function cleanLine(text: string, max = Infinity): string {
  const line = cleanText(text).replace(/\s{2,}|[^\S ]/g, " ").trim();
  if (countCharacters(line) <= max) return line;
  const start = [...line.slice(0, 2 * max)].slice(0, max - 1);
  return `${start.join("").trimEnd()}…`;
}

/** Number of code points of a text. */
export function countCharacters(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}
