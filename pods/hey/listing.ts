/**
 * How letters are listed and shown, for people and for scripts.
 *
 * @module
 */

import { cleanLine, cleanText, formatColumns } from "../sdk/mod.ts";
import type { Fate, Recipient, Tally } from "./fates.ts";
import { type Received, type Sent, stateOfSent } from "./letters.ts";
import { type NameOf, showPerson } from "./people.ts";
import { formatAge, formatFingerprint, formatIso, formatPeople, formatTime } from "./show.ts";

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
    ..."fate" in letter ? [formatState(letter)] : [],
    letter.start,
  ]);
  const lines = formatColumns(rows, GAP);
  return letters.map((letter, at) => `${`${letter.n}`.padStart(3)} ${markOf(letter)} ${lines[at]}`);
}

function markOf(letter: Received | Sent): string {
  if ("fate" in letter) return hasFailed(letter) ? "!" : " ";
  return letter.unread ? "*" : " ";
}

function hasFailed({ fate, tally }: Sent): boolean {
  return tally === undefined ? fate.state === "failed" : tally.failed > 0;
}

function formatState({ fate, tally }: Sent): string {
  if (tally !== undefined) return formatTally(tally);
  return fate.state === "failed" ? `failed: ${cleanLine(fate.why, 60)}` : fate.state;
}

function formatTally({ all, delivered, failed }: Tally): string {
  return `delivered ${delivered} of ${all}${failed > 0 ? `, ${failed} failed` : ""}`;
}

function whoAndWhen(letter: Received | Sent, { nameOf, nowMs }: View): string[] {
  const show = (person: string) => showPerson(person, nameOf);
  const { all, people } = "tally" in letter && letter.tally !== undefined
    ? letter.tally
    : { all: 1, people: [letter.person] };
  return [formatPeople(people.map(show), all), formatAge(letter.timeMs, nowMs)];
}

/** The lines of recipients as cells: who, and with several what became of the letter there. */
export function recipientCells(
  recipients: readonly Recipient[],
  { tally }: Sent,
  nameOf: NameOf,
): string[][] {
  return recipients.map(({ person, fate }) => [
    formatWho(person, nameOf),
    ...tally === undefined ? [] : [formatFate(fate)],
  ]);
}

/** A letter with its text, as `read` shows it; `to` are the recipients of one written here. */
export function formatLetter(
  letter: Received | Sent,
  to: readonly (readonly string[])[],
  text: string,
  nameOf: NameOf,
): string[] {
  const head = [
    ..."fate" in letter
      ? to.map((cells, at) => [at === 0 ? "to:" : "", ...cells])
      : [["from:", formatWho(letter.person, nameOf)]],
    ["when:", `${formatTime(letter.timeMs)} UTC`],
    ...letter.answers === undefined ? [] : [["answers:", `letter ${letter.answers}`]],
    ..."fate" in letter ? [["fate:", formatWhole(letter)]] : [],
  ];
  return [...formatColumns(head), "", cleanText(text).trimEnd()];
}

function formatWho(person: string, nameOf: NameOf): string {
  const name = nameOf(person);
  return `${name === undefined ? "" : `${name}, `}${formatFingerprint(person)}`;
}

function formatWhole({ fate, tally }: Sent): string {
  return tally === undefined ? formatFate(fate) : formatTally(tally);
}

function formatFate(fate: Fate): string {
  if (fate.state === "delivered") return `delivered ${formatTime(fate.timeMs)} UTC`;
  return fate.state === "failed" ? `failed: ${cleanLine(fate.why)}` : "waiting";
}

/** A letter as a record for scripts; of one to several people `to` and `name` are null. */
export interface LetterRecord {
  n: number;
  from?: string;
  to?: string | null;
  name: string | null;
  received?: string;
  unread?: boolean;
  sent?: string;
  fate?: string;
  delivered?: string | null;
  why?: string | null;
  answers: number | null;
  start: string;
  recipients?: { all: number; delivered: number; failed: number };
  fates?: RecipientRecord[];
  text?: string;
}

/** One recipient and what became of the letter there, as a record for scripts. */
export interface RecipientRecord {
  to: string;
  name: string | null;
  fate: string;
  delivered: string | null;
  why: string | null;
}

/** A letter as a record. */
export function recordOf(letter: Received | Sent, nameOf: NameOf): LetterRecord {
  const { n, person, timeMs, start, answers = null } = letter;
  const name = nameOf(person) ?? null;
  const time = formatIso(timeMs);
  if (!("fate" in letter)) {
    return { n, from: person, name, received: time, unread: letter.unread, answers, start };
  }
  const { tally } = letter;
  const one = recipientRecord(letter, nameOf);
  const whole = tally === undefined
    ? one
    : { to: null, name: null, fate: stateOfSent(letter), delivered: null, why: null };
  const { to, name: called, ...fate } = whole;
  return { n, to, name: called, sent: time, ...fate, answers, start, recipients: counts(letter) };
}

/** A recipient as a record. */
export function recipientRecord({ person, fate }: Recipient, nameOf: NameOf): RecipientRecord {
  return {
    to: person,
    name: nameOf(person) ?? null,
    fate: fate.state,
    delivered: fate.state === "delivered" ? formatIso(fate.timeMs) : null,
    why: fate.state === "failed" ? fate.why : null,
  };
}

function counts({ fate, tally }: Sent) {
  if (tally !== undefined) {
    const { all, delivered, failed } = tally;
    return { all, delivered, failed };
  }
  const { state } = fate;
  return { all: 1, delivered: Number(state === "delivered"), failed: Number(state === "failed") };
}
