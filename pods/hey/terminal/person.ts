/**
 * All there is to know of one person: the key, who vouches for it, and what can be done.
 *
 * @module
 */

import { input, type Line, type Screen, scroll, text } from "../../sdk/terminal/mod.ts";
import { type NameOf, showPerson } from "../people.ts";
import { formatFingerprint, formatShort } from "../show.ts";
import { FAINT, GAP, HEAD, type HeyParts, NEW, OWN } from "./parts.ts";

/** Ways that are shown. */
const MAX_WAYS = 6;

/** Who it is. */
export type PersonState = { readonly person: string };

/** What is shown of somebody. */
export interface About {
  readonly name: string | null;
  readonly claims: string | null;
  readonly distance: number | null;
  /** Each from one's own to them, in words. */
  readonly ways: readonly (readonly string[])[];
  readonly isBlocked: boolean;
}

/** An answer of the periphery to `ways`. */
interface Ways {
  readonly distance: number | null;
  readonly users: readonly {
    readonly paths: readonly {
      readonly steps: readonly { readonly person: string; readonly userId: string }[];
    }[];
  }[];
}

/** Somebody. */
export function personScreen(parts: HeyParts): Screen<PersonState, About> {
  return {
    title: (about, { person }) => about.name ?? formatShort(person),
    load: ({ person }) => loadAbout(parts, person),
    view: (about, { person }) => [scroll(aboutLines(about, person))],
    keys: (about, { person }) => [
      { keys: ["w", "enter"], about: "write", does: (turn) => turn.go("talk", { person }) },
      {
        keys: ["n"],
        about: "name",
        does: (turn) => turn.go("name", { person }, about.name ?? ""),
      },
      about.isBlocked
        ? {
          keys: ["u"],
          about: "unblock",
          async does(turn) {
            await parts.blocking.remove(person);
            turn.say("no longer blocked");
          },
        }
        : {
          keys: ["B"],
          about: "block",
          asks: "Take nothing more from them, for any pod of yours?",
          async does(turn) {
            await block(parts, person);
            turn.say("blocked; they are not told");
          },
        },
    ],
  };
}

/** Takes nothing more from somebody. */
export async function block(parts: HeyParts, person: string): Promise<void> {
  await parts.blocking.add(person, parts.run.nowMs);
  await parts.pending.take(person);
  await parts.introduced.forget(person);
  await parts.introduced.forgetBy(person);
}

/** Gives somebody a name, and lets them in who wait. */
export function nameScreen(parts: HeyParts): Screen<PersonState, string> {
  return {
    title: () => "a name",
    load: async ({ person }) => await parts.people.claimOf(person) ?? "",
    view: (claims, { person }) => [
      text(
        GAP,
        [[` ${formatFingerprint(person)}`, HEAD]],
        claims === "" ? GAP : [[` calls themselves ${JSON.stringify(claims)}`, FAINT]],
        GAP,
      ),
      input("you call them", "a name of 1 to 40 letters, digits, dots, - and _"),
    ],
    keys: (_claims, { person }) => [{
      keys: ["enter"],
      about: "that is the name",
      async does(turn) {
        const { name, letters } = await parts.admission.accept(person, turn.text.trim());
        const came = letters.length === 0 ? "" : ` and let in, with ${letters.length} letters`;
        turn.back();
        turn.say(`${name} it is${came}`);
      },
    }],
  };
}

function aboutLines({ name, claims, distance, ways, isBlocked }: About, person: string): Line[] {
  return [
    GAP,
    [[` ${name ?? "without a name of yours"}`, name === null ? FAINT : OWN]],
    ...claims === null ? [] : [[[` calls themselves ${JSON.stringify(claims)}`, FAINT]] as Line],
    ...isBlocked ? [[[" blocked", NEW]] as Line] : [],
    GAP,
    [[" Key", HEAD]],
    [`   ${formatFingerprint(person)}`],
    GAP,
    [[" How you know that it is theirs", HEAD]],
    ...wayLines(distance, ways),
  ];
}

function wayLines(distance: number | null, ways: About["ways"]): Line[] {
  if (distance === 0) return [["   This is you."]];
  if (distance === null) {
    return [
      ["   Nobody whom you trust for that has signed it."],
      [["   Compare the key with them, then: peri key trust", FAINT]],
    ];
  }
  const how = distance === 1
    ? "You have signed it."
    : `By people who signed each other, ${distance} steps:`;
  return [[`   ${how}`], ...ways.map((way): Line => [`   ${way.join(" → ")}`])];
}

async function loadAbout(parts: HeyParts, person: string): Promise<About> {
  const { run, people, names, blocking } = parts;
  const { distance, users } = await run.request("ways", { person }) as Ways;
  const nameOf = await people.openNames();
  const ways = users.flatMap(({ paths }) => paths).slice(0, MAX_WAYS).map(({ steps }) => [
    "you",
    ...steps.map((step) => stepName(step, nameOf)),
  ]);
  return {
    name: await names.nameOf(person) ?? null,
    claims: await people.claimOf(person) ?? null,
    distance,
    ways,
    isBlocked: await blocking.has(person),
  };
}

function stepName({ person, userId }: { person: string; userId: string }, nameOf: NameOf): string {
  return nameOf(person) ?? `${userId.slice(0, 40)} (${showPerson(person, nameOf)})`;
}
