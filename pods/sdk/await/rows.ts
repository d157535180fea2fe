/**
 * Notes of a journal as rows of a table: small ones share a row, a large one takes several.
 *
 * @module
 */

import { formatJson } from "../text/json.ts";
import { sizeUtf8 } from "../text/utf8.ts";

/** Bytes up to which a row is written again with more notes: what a small note costs at most. */
const SHARED_BYTES = 4 * 1024;
/** Characters of a piece of a note: as JSON text in JSON text at most 54 KiB of the 60 of a row. */
const PIECE_CHARS = 18_000;

/** A piece of a note that takes several rows; the last one says so. */
interface Piece {
  readonly piece: string;
  readonly isLast: boolean;
}

/** Rows to be written. */
export interface Packed {
  /** JSON texts; the first one takes the place of the row that held `tail`, if there was any. */
  readonly rows: readonly string[];
  /** Notes of the last row, if others may still join it. */
  readonly tail: readonly string[];
}

/**
 * Packs notes behind those of the last row.
 *
 * @param tail notes of the last row as JSON texts; none when a new row is to begin
 * @param notes JSON texts
 */
export function packNotes(tail: readonly string[], notes: readonly string[]): Packed {
  const rows: string[] = [];
  let open = [...tail];
  let bytes = open.reduce((sum, note) => sum + note.length, 0);
  const close = () => {
    if (open.length > 0) rows.push(`[${open.join(",")}]`);
    open = [];
    bytes = 0;
  };
  for (const note of notes) {
    const size = sizeUtf8(note);
    if (bytes + size > SHARED_BYTES) close();
    if (size > 3 * PIECE_CHARS) rows.push(...piecesOf(note));
    else {
      open.push(note);
      bytes += size;
    }
  }
  const left = bytes < SHARED_BYTES ? open : [];
  close();
  return { rows, tail: left };
}

function piecesOf(note: string): string[] {
  const rows: string[] = [];
  for (let at = 0; at < note.length; at += PIECE_CHARS) {
    const piece = note.slice(at, at + PIECE_CHARS);
    const row: Piece = { piece, isLast: at + PIECE_CHARS >= note.length };
    rows.push(formatJson(row));
  }
  return rows;
}

/** The notes of rows in their order. @throws {Error} when a row is of another form. */
export function unpackNotes(rows: readonly unknown[]): unknown[] {
  const notes: unknown[] = [];
  let text = "";
  for (const row of rows) {
    if (Array.isArray(row)) {
      notes.push(...row);
      continue;
    }
    if (!isPiece(row)) throw new Error("it is neither notes nor a piece of one");
    text += row.piece;
    if (!row.isLast) continue;
    notes.push(JSON.parse(text));
    text = "";
  }
  if (text !== "") throw new Error("a note has no end");
  return notes;
}

function isPiece(row: unknown): row is Piece {
  const { piece, isLast } = (row ?? {}) as Partial<Piece>;
  return typeof piece === "string" && typeof isLast === "boolean";
}
