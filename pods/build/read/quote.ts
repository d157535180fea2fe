/**
 * Pieces of an author's source in messages: on one line, and short.
 *
 * @module
 */

import type ts from "typescript";

const MAX_QUOTED = 60;

/** A piece of source as it stands there. */
export function quoteNode(node: ts.Node): string {
  return quoteName(node.getText().replace(/\s+/g, " "));
}

/** A name, cut when it is long, without characters that nobody sees. */
export function quoteName(name: string): string {
  const text = name.replace(/[\p{Cc}\p{Bidi_Control}]/gu, "");
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}
