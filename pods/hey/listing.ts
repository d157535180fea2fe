/**
 * How letters are listed and shown, for people and for scripts.
 *
 * @module
 */

import { cleanLine, cleanText, type Json } from "../sdk/mod.ts";
import type { Fate, Received, Sent } from "./letters.ts";
import type { NameOf } from "./people.ts";
import { formatColumns, formatFingerprint, formatIso, formatShort, formatTime } from "./show.ts";

/** Lines of a list of letters that came; `*` marks what has not been read. */
export function formatReceivedList(letters: readonly Received[], nameOf: NameOf): string[] {
  const rows = letters.map(({ n, unread, person, timeMs, start }) => [
    unread ? "*" : " ",
    `${n}`,
    nameOf(person) ?? formatShort(person),
    formatTime(timeMs),
    start,
  ]);
  return formatColumns([[" ", "n", "from", "when (UTC)", "letter"], ...rows]);
}

/** Lines of a list of letters that were written, with what became of them. */
export function formatSentList(letters: readonly Sent[], nameOf: NameOf): string[] {
  const rows = letters.map(({ n, person, timeMs, fate, start }) => [
    `${n}`,
    nameOf(person) ?? formatShort(person),
    formatTime(timeMs),
    fate.state === "failed" ? `failed: ${cleanLine(fate.why, 60)}` : fate.state,
    start,
  ]);
  return formatColumns([["n", "to", "when (UTC)", "fate", "letter"], ...rows]);
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
