/**
 * JSON as it crosses the border and as it is shown.
 *
 * @module
 */

/** A JSON value. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** JSON text of a value; nothing becomes `null`. Lone surrogates come out as escapes. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}

/** One line of JSON that is safe to show on a terminal: control characters and marks that reorder text are escapes. */
export function formatJsonLine(value: unknown): string {
  return formatJson(value).replace(
    /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
