/**
 * hey on a terminal: people, letters with each of them, who waits.
 *
 * @module
 */

import { type Pod, Refusal } from "../../sdk/mod.ts";
import { type Input as ScreenInput, Screens, type ScreensOf } from "../../sdk/terminal/mod.ts";
import { type Frame, type Input, type Seat, Terminal } from "../generated.ts";
import type { HeyParts } from "./parts.ts";
import { peopleScreen } from "./people.ts";
import { nameScreen, personScreen } from "./person.ts";
import { talkScreen } from "./talk.ts";
import { strangerScreen, waitingScreen } from "./waiting.ts";
import { severalScreen, whomScreen } from "./write.ts";

/** The screens. */
export class HeyTerminal extends Terminal {
  readonly #parts: Omit<HeyParts, "run">;

  constructor(pod: Pod, parts: Omit<HeyParts, "run">) {
    super(pod);
    this.#parts = parts;
  }

  /** Takes keys, shows a screen. */
  override async show(seat: Seat, view: string, inputs: Array<Input>): Promise<Frame> {
    const parts = { ...this.#parts, run: this.run };
    return await new Screens(this.run, screensOf(parts)).show(seat, view, inputs as ScreenInput[]);
  }
}

/** All screens, and which somebody sees who comes with words. */
function screensOf(parts: HeyParts): ScreensOf {
  const people = ["people", { isLooking: false }] as const;
  return {
    version: parts.run.about.version,
    home: people,
    screens: {
      people: peopleScreen(parts),
      talk: talkScreen(parts),
      whom: whomScreen(parts),
      several: severalScreen(parts),
      person: personScreen(parts),
      name: nameScreen(parts),
      waiting: waitingScreen(parts),
      stranger: strangerScreen(parts),
    },
    async start([who, ...more]) {
      if (who === undefined) return [people];
      if (more.length > 0) {
        const hint = `ssh -t hey@host ${who}`;
        throw new Refusal("invalid", { op: "open hey", subject: "one name is enough", hint });
      }
      const { person } = await parts.people.find("open hey", who);
      return [people, ["talk", { person }]];
    },
  };
}
