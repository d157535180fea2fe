/**
 * Journals as they are read back: rows that a failing disk or another version of the SDK left are
 * told from those that a run can be repeated with.
 *
 * @module
 */

import { MAX_NOTES, type Note } from "./journal.ts";
import { unpackNotes } from "./rows.ts";

/**
 * The notes of a journal's rows, up to the first that is none. A journal that does not end where a
 * turn ended has lost some: what the run did then would happen once more.
 */
export function readNotes(rows: readonly unknown[]): {
  readonly notes: readonly Note[];
  readonly isDamaged: boolean;
} {
  let found: readonly unknown[] = [];
  try {
    found = unpackNotes(rows);
  } catch {
    return { notes: [], isDamaged: true };
  }
  const end = found.findIndex((note) => !isNote(note));
  const notes = (end < 0 ? found : found.slice(0, end)) as Note[];
  return { notes, isDamaged: end >= 0 || notes.at(-1)?.[0] !== "cut" };
}

function isNote(value: unknown): value is Note {
  if (!Array.isArray(value)) return false;
  const [kind, first, hash, outcome] = value;
  if (kind === "cut" || kind === "and") return value.length === 1;
  if (kind === "at") return value.length === 2 && Number.isFinite(first);
  if (kind === "fields") return value.length === 2 && isFieldsNote(first);
  if (!isStep(first) || typeof hash !== "string") return false;
  if (kind === "told") return value.length === 4 && isOutcome(outcome);
  return value.length === 3 && (kind === "read" || kind === "asked");
}

function isFieldsNote(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((told) => told === null || Array.isArray(told));
}

/** Calls up to the last step are ended one by one when the run is given up. */
function isStep(value: unknown): boolean {
  return Number.isSafeInteger(value) && value as number > 0 && value as number <= 2 * MAX_NOTES;
}

function isOutcome(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (!("error" in value)) return "ok" in value || "item" in value || "end" in value;
  const { kind, op, subject } = (value.error ?? {}) as Record<string, unknown>;
  return [kind, op, subject].every((text) => typeof text === "string");
}
