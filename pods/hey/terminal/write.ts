/**
 * A letter to whoever is named: first whom, then what.
 *
 * @module
 */

import { input, type Screen, text } from "../../sdk/terminal/mod.ts";
import { Audiences, refuseUnknown } from "../audience.ts";
import { checkText } from "../mail.ts";
import { showPerson } from "../people.ts";
import { formatPeople } from "../show.ts";
import { FAINT, GAP, type HeyParts } from "./parts.ts";

/** Names that are offered. */
const OFFERED = 200;
/** Recipients that are named. */
const SHOWN = 3;

/** Whom a letter is for. */
export function whomScreen(parts: HeyParts): Screen<null, readonly string[]> {
  return {
    title: () => "a new letter",
    load: async () => (await parts.audiences.words()).slice(0, OFFERED),
    view: (words, _state, _seat, typed) => [
      GAPPED,
      input("to", "names, groups (@name), fingerprints; several with commas"),
      GAPPED,
      text([[`   ${fitting(words, typed).join("  ")}`, FAINT]]),
    ],
    keys: (words) => [
      {
        keys: ["enter"],
        about: "write to them",
        async does(turn) {
          if (turn.text.trim() === "") return;
          const op = "leave a message";
          const { people, unknown } = await parts.audiences.find(op, turn.text);
          if (unknown.length > 0) throw refuseUnknown(op, unknown, "");
          if (people.length === 1) return turn.become("talk", { person: people[0]! });
          turn.become("several", { people });
        },
      },
      {
        keys: ["tab"],
        about: "complete",
        does(turn) {
          const [first] = fitting(words, turn.text);
          const before = turn.text.slice(0, turn.text.lastIndexOf(",") + 1);
          if (first === undefined) return;
          turn.back();
          turn.go("whom", null, `${before}${first}`);
        },
      },
    ],
  };
}

const GAPPED = text(GAP);

/** Words that go on from the last part of what is typed. */
function fitting(words: readonly string[], typed: string): string[] {
  const start = (Audiences.parts(typed).at(-1) ?? "").toLowerCase();
  return words.filter((word) => word.toLowerCase().startsWith(start)).slice(0, 12);
}

/** To several people. */
export type SeveralState = { readonly people: readonly string[] };

/** A letter to several people. */
export function severalScreen(parts: HeyParts): Screen<SeveralState, string> {
  return {
    title: (shown) => `a letter to ${shown}`,
    async load({ people }) {
      const nameOf = await parts.people.openNames();
      return formatPeople(
        people.slice(0, SHOWN).map((one) => showPerson(one, nameOf)),
        people.length,
      );
    },
    view: (shown) => [GAPPED, input("›", `write to ${shown}`)],
    keys: (shown, { people }) => [{
      keys: ["ctrl-s", "enter"],
      about: "send",
      async does(turn) {
        if (turn.text.trim() === "") return;
        await parts.outgoing.send(people, checkText("leave a message", turn.text.trimEnd()));
        turn.back();
        turn.say(`left for ${shown}`);
      },
    }],
  };
}
