/**
 * The first screen: everybody with whom there are letters, or who has a name; who has written is
 * first.
 *
 * @module
 */

import { input, type Line, type Part, type Screen, table, text } from "../../sdk/terminal/mod.ts";
import type { Received, Sent } from "../letters.ts";
import { fold } from "../names.ts";
import { formatAge, formatShort } from "../show.ts";
import { FAINT, type HeyParts, NEW } from "./parts.ts";

/** Letters of each way that are looked through. */
const LOOK_LETTERS = 200;
/** Characters of a letter's start that are kept. */
const START = 60;

/** Somebody, as the list shows them. */
export interface Acquainted {
  readonly person: string;
  readonly shown: string;
  readonly unread: number;
  readonly lastMs: number;
  /** Number of the last letter: they are in order. */
  readonly last: number;
  /** Its first words. */
  readonly start: string;
  readonly isMine: boolean;
}

/** What the list shows. */
export interface Crowd {
  readonly people: readonly Acquainted[];
  readonly waiting: number;
  readonly nowMs: number;
}

/** Whether names are looked for. */
export type PeopleState = { readonly isLooking: boolean };

/** Everybody. */
export function peopleScreen(parts: HeyParts): Screen<PeopleState, Crowd> {
  return {
    title: ({ people }) => {
      const unread = people.reduce((sum, one) => sum + one.unread, 0);
      return unread === 0 ? "people" : `people · ${unread} unread`;
    },
    load: () => loadCrowd(parts),
    view: viewCrowd,
    keys: (crowd, { isLooking }) => [
      {
        keys: isLooking ? ["enter"] : ["enter", "right", "l"],
        about: "open",
        does: (turn) => {
          const one = foundIn(crowd, turn.text)[turn.at];
          if (one === undefined) return;
          if (isLooking) turn.become("people", { isLooking: false });
          turn.go("talk", { person: one.person });
        },
      },
      ...isLooking
        ? [{
          keys: ["escape"],
          about: "all",
          does: (turn: { stay(state: PeopleState): void }) => turn.stay({ isLooking: false }),
        }]
        : [
          { keys: ["w", "n"], about: "write", does: (turn: Going) => turn.go("whom", null) },
          {
            keys: ["i"],
            about: "about",
            does: (turn: Going) => {
              const one = crowd.people[turn.at];
              if (one !== undefined) turn.go("person", { person: one.person });
            },
          },
          {
            keys: ["p"],
            about: crowd.waiting > 0 ? `waiting (${crowd.waiting})` : "waiting",
            does: (turn: Going) => turn.go("waiting", null),
          },
          {
            keys: ["/"],
            about: "find",
            does: (turn: { stay(state: PeopleState): void }) => turn.stay({ isLooking: true }),
          },
        ],
    ],
  };
}

type Going = { readonly at: number; go(screen: string, state: null | { person: string }): void };

function viewCrowd(
  crowd: Crowd,
  { isLooking }: PeopleState,
  _seat: unknown,
  typed: string,
): Part[] {
  const found = foundIn(crowd, typed);
  const rows = found.map((one) => rowOf(one, crowd.nowMs));
  const empty = crowd.people.length === 0
    ? "nobody yet: press w and write to somebody, by name or fingerprint"
    : "nobody of that name";
  const waits = crowd.waiting === 1 ? "1 person waits" : `${crowd.waiting} people wait`;
  return [
    ...isLooking ? [input("find", "a name")] : [],
    ...crowd.waiting > 0 ? [text([[` ${waits} to be let in: press p`, NEW]])] : [],
    table(rows, { empty, most: 28 }),
  ];
}

function rowOf({ shown, unread, lastMs, start, isMine }: Acquainted, nowMs: number): Line[] {
  return [
    [unread > 0 ? ["●", NEW] : " "],
    [unread > 0 ? [shown, { bold: true }] : shown],
    [[lastMs === 0 ? "" : formatAge(lastMs, nowMs), FAINT]],
    [[`${isMine && start !== "" ? "you: " : ""}${start}`, unread > 0 ? {} : FAINT]],
  ];
}

function foundIn({ people }: Crowd, typed: string): readonly Acquainted[] {
  const wanted = fold(typed.trim());
  return wanted === "" ? people : people.filter(({ shown }) => fold(shown).includes(wanted));
}

/** No letters yet. */
const NOTHING = { unread: 0, last: 0, lastMs: 0, start: "", isMine: false };

async function loadCrowd({ names, letters, pending, introduced, run }: HeyParts): Promise<Crowd> {
  const people = new Map<string, Acquainted>();
  for (const { person, name } of await names.list()) {
    people.set(person, { ...NOTHING, person, shown: name });
  }
  const take = (letter: Received | Sent) => {
    const { n, person, timeMs, start } = letter;
    const isMine = "fate" in letter;
    const shown = formatShort(person);
    const before = people.get(person) ?? { ...NOTHING, person, shown };
    const unread = before.unread + (!isMine && letter.unread ? 1 : 0);
    const newest = { last: n, lastMs: timeMs, start: start.slice(0, START), isMine };
    people.set(person, { ...before, unread, ...n > before.last && newest });
  };
  for await (const page of letters.received(LOOK_LETTERS)) page.forEach(take);
  for await (const page of letters.sent(LOOK_LETTERS)) page.forEach(take);
  const sorted = [...people.values()].sort((a, b) =>
    Number(b.unread > 0) - Number(a.unread > 0) || b.last - a.last ||
    (fold(a.shown) < fold(b.shown) ? -1 : 1)
  );
  const { known, unknown } = await pending.count();
  const waiting = known + unknown + await introduced.count();
  return { people: sorted, waiting, nowMs: run.nowMs };
}
