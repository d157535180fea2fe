/**
 * The letters with one person, the newest last, and where the next one is written.
 *
 * @module
 */

import { cleanText } from "../../sdk/mod.ts";
import { input, type Line, type Screen, scroll, type Seat, wrap } from "../../sdk/terminal/mod.ts";
import type { Fate } from "../fates.ts";
import { type Received, type Sent, stateOfSent } from "../letters.ts";
import { checkText } from "../mail.ts";
import { formatAge, formatShort } from "../show.ts";
import { FAINT, GAP, type HeyParts, NEW, OWN, THEIRS, WRONG } from "./parts.ts";

/** Letters of each way that are looked through, and those shown. */
const [LOOK_LETTERS, SHOW_LETTERS] = [200, 40];
/** Characters shown as they were written; of older letters the first words are. */
const WHOLE_CHARACTERS = 4_000;
/** As many of the one that does not fit. */
const FIRST_CHARACTERS = 500;

/** A letter, as it stands there. */
export interface Said {
  readonly n: number;
  readonly isMine: boolean;
  readonly isNew: boolean;
  readonly timeMs: number;
  readonly text: string;
  /** Whether that is all of it. */
  readonly isWhole: boolean;
  readonly fate?: Fate["state"];
  readonly why?: string;
}

/** Letters with somebody. */
export interface Talk {
  readonly shown: string;
  /** The oldest first. */
  readonly said: readonly Said[];
  readonly nowMs: number;
}

/** With whom, and which letters were new when they came to it. */
export type TalkState = { readonly person: string; readonly fresh?: readonly number[] };

/** Letters with one person. */
export function talkScreen(parts: HeyParts): Screen<TalkState, Talk> {
  return {
    title: ({ shown }) => shown,
    load: ({ person, fresh = [] }) => loadTalk(parts, person, fresh),
    async seen({ said }, { person }) {
      const fresh = said.filter(({ isNew }) => isNew).map(({ n }) => n);
      for (const n of fresh) {
        await parts.letters.markRead(await parts.letters.find("read a letter", `${n}`));
      }
      return { person, fresh };
    },
    view: (talk, _state, seat) => [
      scroll(linesOf(talk, seat), { isFromEnd: true }),
      input("›", `write to ${talk.shown}`),
    ],
    keys: (_talk, { person }) => [
      {
        keys: ["enter"],
        about: "send",
        async does(turn) {
          if (turn.text.trim() === "") return;
          const written = checkText("leave a message", turn.text.trimEnd());
          await parts.outgoing.send([person], written, await lastOf(parts, person));
          turn.stay({ person });
        },
      },
      {
        keys: ["ctrl-t", "tab"],
        about: "about",
        does: (turn) => turn.go("person", { person }),
      },
    ],
  };
}

function linesOf({ said, shown, nowMs }: Talk, { columns }: Seat): Line[] {
  if (said.length === 0) {
    return [[[
      ` No letters yet. What you write goes to ${shown}'s server, signed and sealed.`,
      FAINT,
    ]]];
  }
  return said.flatMap((one) => [...saidLines(one, shown, nowMs, columns), GAP]);
}

function saidLines(one: Said, shown: string, nowMs: number, columns: number): Line[] {
  const { isMine, isNew, timeMs, text, isWhole } = one;
  const head: Line = [
    [` ${isMine ? "you" : shown}`, isMine ? OWN : THEIRS],
    [`  ${formatAge(timeMs, nowMs)}`, FAINT],
    ...isNew ? [["  new", NEW] as const] : [],
    ...isMine ? [fateOf(one)] : [],
  ];
  const lines = wrap(isWhole ? text : `${text} …`, columns - 4);
  return [head, ...lines.map((line): Line => [isWhole ? `   ${line}` : [`   ${line}`, FAINT]])];
}

function fateOf({ fate, why }: Said): readonly [string, typeof FAINT] {
  if (fate === "delivered") return ["  ✓", FAINT];
  return fate === "failed" ? [`  ✗ ${why ?? "failed"}`, WRONG] : ["  … on its way", FAINT];
}

async function loadTalk(
  parts: HeyParts,
  person: string,
  fresh: readonly number[],
): Promise<Talk> {
  const found = [
    ...await withPerson(parts.letters.received(LOOK_LETTERS), person),
    ...await withPerson(parts.letters.sent(LOOK_LETTERS), person),
  ].sort((a, b) => b.n - a.n).slice(0, SHOW_LETTERS);
  let room = WHOLE_CHARACTERS;
  const said: Said[] = [];
  for (const letter of found) {
    const most = Math.max(room, FIRST_CHARACTERS);
    const isRead = room > 0;
    const all = isRead ? await parts.letters.textOf(letter) : letter.start;
    const text = cleanText(all.slice(0, most)).trimEnd();
    const isNew = fresh.includes(letter.n);
    const head = saidOf(letter);
    said.unshift({
      ...head,
      isNew: head.isNew || isNew,
      text,
      isWhole: isRead && all.length <= most,
    });
    room -= all.length;
  }
  const shown = await parts.names.nameOf(person) ?? formatShort(person);
  return { shown, said, nowMs: parts.run.nowMs };
}

function saidOf(letter: Received | Sent): Omit<Said, "text" | "isWhole"> {
  const { n, timeMs } = letter;
  if (!("fate" in letter)) return { n, timeMs, isMine: false, isNew: letter.unread };
  const fate = stateOfSent(letter);
  const why = letter.fate.state === "failed" ? letter.fate.why.slice(0, 60) : undefined;
  return { n, timeMs, isMine: true, isNew: false, fate, ...why !== undefined && { why } };
}

async function withPerson<Letter extends Received | Sent>(
  pages: AsyncIterable<readonly Letter[]>,
  person: string,
): Promise<Letter[]> {
  const found: Letter[] = [];
  for await (const page of pages) {
    found.push(...page.filter((letter) => isWith(letter, person)));
  }
  return found;
}

function isWith(letter: Received | Sent, person: string): boolean {
  const several = "tally" in letter ? letter.tally?.people : undefined;
  return letter.person === person || (several?.includes(person) ?? false);
}

/** What a letter to somebody answers: their last one, if they have written. */
async function lastOf({ letters }: HeyParts, person: string): Promise<Received | undefined> {
  for await (const page of letters.received(LOOK_LETTERS)) {
    const last = page.find((letter) => letter.person === person);
    if (last !== undefined) return last;
  }
  return undefined;
}
