/**
 * More posts than one turn takes: the rest stands in a table of the SDK's own, and errands (runs
 * that the pod leaves itself) post it part by part. Each part is one transaction, so that every
 * recipient gets the message once, whenever the process dies.
 *
 * @module
 */

import type { WireWrite } from "../host.ts";
import { formatJson, type Json } from "../text/json.ts";
import { type Dispatch, errandOf, ERRANDS, type Letter } from "./dispatch.ts";
import { sizeUtf8 } from "../text/utf8.ts";

/** Most posts in one turn; as `MAX_TURN_POSTS` of the periphery. */
export const MAX_TURN_POSTS = 100;
/** The SDK's own table. */
export const SPREAD_TABLE = "sdk:spread";

/** As `MAX_STATE_VALUE_BYTES` of the periphery. */
export const MAX_ROW_BYTES = 60 * 1024;
/** What is written of a value that is a file. */
const LARGE_ROW_BYTES = 300;
/** Bytes of writes and posts that surely fit one turn (`MAX_TURN_BYTES` is 600 KiB). */
const TURN_BYTES = 512 * 1024;
/** Bytes of posts aimed at in each turn of a spread, so that there is room for its rows. */
const PART_BYTES = 256 * 1024;
/** Bytes of one row of recipients; a value holds 60 KiB. */
const ROW_BYTES = 32 * 1024;

/** Most bytes of one UTF-16 unit in UTF-8. */
const MAX_UNIT_BYTES = 3;

/** Which part of a spread comes next. */
export type Step = { readonly id: string; readonly part: number };

/** A letter as its row holds it: the arguments as JSON value, so that nothing is escaped twice. */
type LetterRow = Omit<Letter, "arguments" | "deadlineMs" | "then" | "key"> & {
  readonly arguments: Json;
  readonly deadlineMs: number | null;
  readonly then: string | null;
  readonly key?: string;
};

type PlannedRow = readonly [letter: number, person: string, pod: string, note: Json, key?: string];

/** Recipients of one part, as a row. */
interface PartRow {
  /** Of each: number of the letter, recipient, note, perhaps a key of its own. */
  readonly to: readonly PlannedRow[];
  /** In the last part: how many letters there are. */
  readonly letters?: number;
}

/** What of many dispatches happens in this turn, and what keeps the rest. */
export interface Split {
  readonly now: readonly Dispatch[];
  readonly writes: readonly WireWrite[];
}

/** What {@link takePart} needs of a table. */
export interface SpreadTable {
  get(key: string): Promise<unknown>;
  delete(key: string): void;
}

/**
 * Divides what a run posts between its own turn and later ones.
 *
 * @param writes of the run, which go with the first part
 * @param newId gives the spread a name that no other has; called only when there is a rest
 */
export function splitDispatches(
  dispatches: readonly Dispatch[],
  writes: readonly WireWrite[],
  newId: () => string,
): Split {
  if (dispatches.length <= MAX_TURN_POSTS && boundOf(dispatches, writes) <= TURN_BYTES) {
    return { now: dispatches, writes: [] };
  }
  const written = sizeOfWrites(writes);
  const sizes = new Map<Letter, number>();
  const sizeOf = ({ letter, note }: Dispatch) => {
    const size = sizes.get(letter) ?? sizeUtf8(letter.arguments);
    sizes.set(letter, size);
    return size + (note.length < 100 ? note.length : sizeUtf8(note));
  };
  const total = dispatches.reduce((sum, dispatch) => sum + sizeOf(dispatch), written);
  if (dispatches.length <= MAX_TURN_POSTS && total <= TURN_BYTES) {
    return { now: dispatches, writes: [] };
  }
  const room = Math.min(PART_BYTES, Math.max(0, TURN_BYTES - PART_BYTES - written));
  const [now = [], ...parts] = divide(dispatches, sizeOf, room);
  const id = newId();
  return { now: [...now, stepErrand({ id, part: 0 })], writes: rowsOf(id, parts) };
}

/** At least the bytes of all: to count them takes a look at every character. */
function boundOf(dispatches: readonly Dispatch[], writes: readonly WireWrite[]): number {
  let units = 0;
  for (const { key, value = "" } of writes) units += key.length + value.length;
  for (const { letter, note } of dispatches) units += letter.arguments.length + note.length;
  return units * MAX_UNIT_BYTES;
}

function sizeOfWrites(writes: readonly WireWrite[]): number {
  return writes.reduce((sum, { key, value = "" }) => sum + key.length + sizeOfRow(value), 0);
}

/** A value that fits no row is a file. */
function sizeOfRow(value: string): number {
  const bytes = value.length > MAX_ROW_BYTES ? Infinity : sizeUtf8(value);
  return bytes > MAX_ROW_BYTES ? LARGE_ROW_BYTES : bytes;
}

/** Parts that fit a turn each, together with the errand to the next; `first` bytes in the first. */
function divide(
  dispatches: readonly Dispatch[],
  sizeOf: (dispatch: Dispatch) => number,
  first: number,
): Dispatch[][] {
  const parts: Dispatch[][] = [[]];
  let bytes = 0;
  let rowBytes = 0;
  for (const dispatch of dispatches) {
    const size = sizeOf(dispatch);
    const row = dispatch.person.length + dispatch.pod.length + dispatch.note.length * 3 +
      (dispatch.key?.length ?? 0) + 20;
    const part = parts.at(-1)!;
    const isFirst = parts.length === 1;
    const isFull = part.length >= MAX_TURN_POSTS - 1 ||
      bytes + size > (isFirst ? first : PART_BYTES) || !isFirst && rowBytes + row > ROW_BYTES;
    // The first part may be empty; a later one holds something.
    if (isFull && (isFirst || part.length > 0)) {
      parts.push([dispatch]);
      [bytes, rowBytes] = [size, row];
    } else {
      part.push(dispatch);
      bytes += size;
      rowBytes += row;
    }
  }
  return parts;
}

function rowsOf(id: string, parts: readonly (readonly Dispatch[])[]): WireWrite[] {
  const letters = [...new Set(parts.flat().map(({ letter }) => letter))];
  const numbers = new Map(letters.map((letter, number) => [letter, number]));
  const row = (key: string, value: PartRow | LetterRow): WireWrite => ({
    table: SPREAD_TABLE,
    key,
    value: formatJson(value),
  });
  return [
    ...letters.map((letter, number) => row(letterKey(id, number), letterRow(letter))),
    ...parts.map((part, number) => {
      const to = part.map(({ letter, person, pod, note, key }): PlannedRow => {
        const row = [numbers.get(letter)!, person, pod, JSON.parse(note)] as const;
        return key === undefined ? row : [...row, key];
      });
      const isLast = number === parts.length - 1;
      return row(partKey(id, number), isLast ? { to, letters: letters.length } : { to });
    }),
  ];
}

/** Takes one part out of the table, and with it the errand to the next one. */
export async function takePart(table: SpreadTable, { id, part }: Step): Promise<Dispatch[]> {
  const row = await table.get(partKey(id, part)) as PartRow | undefined;
  if (row === undefined) return [];
  const letters = new Map<number, Letter>();
  for (const number of new Set(row.to.map(([number]) => number))) {
    letters.set(number, letterOf(await table.get(letterKey(id, number)) as LetterRow));
  }
  table.delete(partKey(id, part));
  for (let number = 0; number < (row.letters ?? 0); number++) table.delete(letterKey(id, number));
  const dispatches: Dispatch[] = row.to.map(([number, person, pod, note, key]) => ({
    letter: letters.get(number)!,
    person,
    pod,
    note: formatJson(note),
    key,
  }));
  if (row.letters === undefined) dispatches.push(stepErrand({ id, part: part + 1 }));
  return dispatches;
}

function stepErrand(step: Step): Dispatch {
  return errandOf(ERRANDS.spread, step);
}

function letterRow({ deadlineMs, then, key, ...letter }: Letter): LetterRow {
  const value: Json = JSON.parse(letter.arguments);
  const row = { ...letter, arguments: value, deadlineMs: deadlineMs ?? null, then: then ?? null };
  return key === undefined ? row : { ...row, key };
}

function letterOf(row: LetterRow): Letter {
  const { deadlineMs, then } = row;
  return {
    ...row,
    arguments: formatJson(row.arguments),
    deadlineMs: deadlineMs ?? undefined,
    then: then ?? undefined,
    key: row.key,
  };
}

function letterKey(id: string, number: number): string {
  return `${id}/letter/${number}`;
}

function partKey(id: string, part: number): string {
  return `${id}/part/${part}`;
}
