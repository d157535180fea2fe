/**
 * A lineage as a text that people pass on: in a file, a mail, a letter.
 *
 * ```
 * -----BEGIN PERI LINEAGE-----
 * base64, 64 characters a line
 * -----END PERI LINEAGE-----
 * ```
 *
 * @module
 */

import { type Bytes, formatBase64, parseBase64 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_LINEAGE_BYTES } from "../../model/limits.ts";

const BEGIN = "-----BEGIN PERI LINEAGE-----";
const END = "-----END PERI LINEAGE-----";
const LINE_LENGTH = 64;
/** Longest text that is looked at: a lineage with whatever a mail has around it. */
export const MAX_LINEAGE_TEXT = 4 * MAX_LINEAGE_BYTES;

/** Bytes of a lineage as lines, with the last line's end. */
export function formatLineage(bytes: Bytes): string {
  const lines = formatBase64(bytes).match(new RegExp(`.{1,${LINE_LENGTH}}`, "g")) ?? [];
  return [BEGIN, ...lines, END, ""].join("\n");
}

/**
 * The bytes in the first lineage of a text; none when there is none.
 *
 * @throws {PeriError} `damaged` when it is torn, `too-large`.
 */
export function findLineage(text: string): Bytes | undefined {
  const start = text.indexOf(BEGIN);
  if (start < 0) return undefined;
  const end = text.indexOf(END, start);
  const op = "read a lineage";
  if (end < 0) throw new PeriError("damaged", { op, subject: `there is no line ${END}` });
  const body = text.slice(start + BEGIN.length, end).replace(/[\s>]/g, "");
  if (body.length > 2 * MAX_LINEAGE_BYTES) {
    throw new PeriError("too-large", { op, subject: `${body.length} characters` });
  }
  try {
    return parseBase64(body);
  } catch (cause) {
    throw new PeriError("damaged", { op, subject: "it is not base64", cause });
  }
}
