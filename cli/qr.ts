/**
 * QR codes for a terminal. The one owner of uqr.
 *
 * @module
 */

import type { Context } from "./context.ts";
import { printLine } from "./output.ts";

/**
 * Shows a text as a QR code on standard error, where that is a terminal wide enough. Two rows of
 * squares a line; dark squares are blanks, as terminals are mostly dark.
 */
export async function showQr(context: Context, text: string): Promise<void> {
  const { stderr } = context.streams;
  if (!stderr.isTerminal) return;
  const { renderUnicodeCompact } = await import("uqr");
  const lines = renderUnicodeCompact(text, { border: 2, ecc: "L" }).split("\n");
  if ((stderr.columns || 80) < Math.max(...lines.map((line) => line.length))) return;
  for (const line of lines) await printLine(stderr, line);
}
