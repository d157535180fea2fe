/**
 * How letters are listed and shown, for people and for scripts.
 *
 * @module
 */

import { cleanLine, cleanText, type Json } from "../sdk/mod.ts";
import type { Fate, Received, Sent } from "./letters.ts";
import type { NameOf } from "./people.ts";
import {
  formatAge,
  formatColumns,
  formatFingerprint,
  formatIso,
  formatShort,
  formatTime,
} from "./show.ts";

/** Between the columns of a list. */
const GAP = "   ";

/** What a list is shown with. */
export interface View {
  readonly nameOf: NameOf;
  readonly nowMs: number;
}

/**
 * Lines of a list of letters. `*` marks those that came and have not been read, `!` those that
 * could not be delivered.
 */
export function formatList(letters: readonly (Received | Sent)[], view: View): string[] {
  const rows = letters.map((letter) => [
    ...whoAndWhen(letter, view),
    ..."fate" in letter ? [formatState(letter.fate)] : [],
    letter.start,
  ]);
  const lines = formatColumns(rows, GAP);
  return letters.map((letter, at) => `${`${letter.n}`.padStart(3)} ${markOf(letter)} ${lines[at]}`);
}

function markOf(letter: Received | Sent): string {
  if ("fate" in letter) return letter.fate.state === "failed" ? "!" : " ";
  return letter.unread ? "*" : " ";
}

function formatState(fate: Fate): string {
  return fate.state === "failed" ? `failed: ${cleanLine(fate.why, 60)}` : fate.state;
}

function whoAndWhen({ person, timeMs }: Received | Sent, { nameOf, nowMs }: View): string[] {
  return [nameOf(person) ?? formatShort(person), formatAge(timeMs, nowMs)];
}

/** A letter with its text, as `read` shows it. */
export function formatLetter(letter: Received | Sent, text: string, nameOf: NameOf): string[] {
  const name = nameOf(letter.person);
  const who = `${name === undefined ? "" : `${name}, `}${formatFingerprint(letter.person)}`;
  const head = [
    ["fate" in letter ? "to:" : "from:", who],
    ["when:", `${formatTime(letter.timeMs)} UTC`],
    ...letter.answers === undefined ? [] : [["answers:", `letter ${letter.answers}`]],
    ..."fate" in letter ? [["fate:", formatFate(letter.fate)]] : [],
  ];
  return [...formatColumns(head), "", cleanText(text).trimEnd()];
}

function formatFate(fate: Fate): string {
  if (fate.state === "delivered") return `delivered ${formatTime(fate.timeMs)} UTC`;
  return fate.state === "failed" ? `failed: ${cleanLine(fate.why)}` : "waiting";
}

/** A letter as a record for scripts. */
export function recordOf(
  letter: Received | Sent,
  nameOf: NameOf,
): { readonly [key: string]: Json } {
  const { n, person, timeMs, start, answers = null } = letter;
  const name = nameOf(person) ?? null;
  const time = formatIso(timeMs);
  if (!("fate" in letter)) {
    return { n, from: person, name, received: time, unread: letter.unread, answers, start };
  }
  const { fate } = letter;
  const delivered = fate.state === "delivered" ? formatIso(fate.timeMs) : null;
  const why = fate.state === "failed" ? fate.why : null;
  return { n, to: person, name, sent: time, fate: fate.state, delivered, why, answers, start };
}
