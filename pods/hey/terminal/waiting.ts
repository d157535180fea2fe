/**
 * People who wait to be let in, with what they wrote; and those whom somebody introduces.
 *
 * @module
 */

import { cleanText } from "../../sdk/mod.ts";
import { type Line, type Screen, scroll, table } from "../../sdk/terminal/mod.ts";
import { startOf } from "../pending.ts";
import { showPerson } from "../people.ts";
import { formatAge, formatFingerprint, formatShort, formatTime } from "../show.ts";
import { knownFrom } from "../verbs/pending.ts";
import { FAINT, GAP, HEAD, type HeyParts } from "./parts.ts";
import { block } from "./person.ts";

/** People listed, and characters of their greetings. */
const [LISTED, START] = [100, 60];

/** Somebody who waits. */
export interface Stranger {
  readonly person: string;
  readonly known: string;
  readonly sinceMs: number;
  readonly start: string;
  /** The name that whoever introduced them gave. */
  readonly suggested: string;
}

/** Those who wait. */
export function waitingScreen(
  parts: HeyParts,
): Screen<null, { readonly people: readonly Stranger[]; readonly nowMs: number }> {
  return {
    title: ({ people }) => people.length === 0 ? "nobody waits" : "who waits",
    load: () => loadStrangers(parts),
    view: ({ people, nowMs }) => [
      table(
        people.map(({ person, known, sinceMs, start }) => [
          [[formatShort(person), HEAD]],
          [known],
          [[formatAge(sinceMs, nowMs), FAINT]],
          [[start, FAINT]],
        ]),
        { most: 32, empty: "nobody waits to be let in" },
      ),
    ],
    keys: ({ people }) => {
      const of = (at: number) => people[at];
      return [
        {
          keys: ["enter", "right"],
          about: "read",
          does(turn) {
            const one = of(turn.at);
            if (one !== undefined) turn.go("stranger", { person: one.person });
          },
        },
        {
          keys: ["a"],
          about: "let in",
          does(turn) {
            const one = of(turn.at);
            if (one !== undefined) turn.go("name", { person: one.person }, one.suggested);
          },
        },
        {
          keys: ["r"],
          about: "refuse",
          asks: "Refuse them? They are not told.",
          async does(turn) {
            const one = of(turn.at);
            if (one === undefined) return;
            await refuse(parts, one.person);
            turn.say("refused; they are not told");
          },
        },
      ];
    },
  };
}

/** What somebody who waits wrote. */
export function strangerScreen(
  parts: HeyParts,
): Screen<{ readonly person: string }, readonly { timeMs: number; text: string }[]> {
  return {
    title: (_greetings, { person }) => formatShort(person),
    load: async ({ person }) => (await parts.pending.get(person))?.greetings ?? [],
    view: (greetings, { person }) => [
      scroll([
        GAP,
        [[` ${formatFingerprint(person)}`, HEAD]],
        ...greetings.flatMap(({ timeMs, text }): Line[] => [
          GAP,
          [[` ${formatTime(timeMs)} UTC`, FAINT]],
          ...cleanText(text).split("\n").map((line): Line => [`   ${line}`]),
        ]),
      ]),
    ],
    keys: (_greetings, { person }) => [
      { keys: ["a"], about: "let in", does: (turn) => turn.become("name", { person }) },
      { keys: ["i"], about: "about", does: (turn) => turn.go("person", { person }) },
      {
        keys: ["r"],
        about: "refuse",
        asks: "Refuse them? They are not told.",
        async does(turn) {
          await refuse(parts, person);
          turn.back();
          turn.say("refused; they are not told");
        },
      },
      {
        keys: ["B"],
        about: "block",
        asks: "Take nothing more from them, for any pod of yours?",
        async does(turn) {
          await block(parts, person);
          turn.back();
          turn.say("blocked; they are not told");
        },
      },
    ],
  };
}

async function refuse({ pending, introduced, run }: HeyParts, person: string): Promise<void> {
  await pending.refuse(person, run.nowMs);
  await introduced.forget(person);
}

async function loadStrangers({ pending, introduced, people, run }: HeyParts) {
  const nameOf = await people.openNames();
  const introductions = await introduced.list();
  const waiting = await pending.list();
  const by = (person: string) => introductions.filter((one) => one.person === person);
  const known = (person: string, distance: Parameters<typeof knownFrom>[0]) =>
    knownFrom(
      distance,
      by(person).map((one) => ({ person: one.by, name: nameOf(one.by) ?? null, as: one.name })),
    );
  const only = introductions.filter(({ person }) => !waiting.some((one) => one.person === person));
  const all: Stranger[] = [
    ...waiting.map((one) => ({
      person: one.person,
      known: known(one.person, one.distance),
      sinceMs: one.sinceMs,
      start: startOf(one, START),
      suggested: by(one.person)[0]?.name ?? "",
    })),
    ...only.map(({ person, name, by }) => ({
      person,
      known: `introduced by ${showPerson(by, nameOf)}`,
      sinceMs: run.nowMs,
      start: `as ${name}`,
      suggested: name,
    })),
  ];
  return { people: all.slice(0, LISTED), nowMs: run.nowMs };
}
