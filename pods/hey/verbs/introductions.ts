/**
 * The verbs for introductions of people to people.
 *
 * @module
 */

import { Commands, formatColumns, type Pod, Refusal, type Shown, shown } from "../../sdk/mod.ts";
import { checkNote, type Introduced, type IntroductionBook, type Sent } from "../introduced.ts";
import type { OutgoingIntroductions } from "../introductions.ts";
import type { Names } from "../names.ts";
import { type NameOf, type People, showPerson } from "../people.ts";
import { formatAge, formatFingerprint, formatIso, formatShort } from "../show.ts";

/** An introduction as a record. */
export interface IntroductionRecord {
  person: string;
  /** What whoever introduces calls them. */
  as?: string;
  name?: string | null;
  by?: { person: string; name: string | null };
  to?: { person: string; name: string | null };
  note?: string | null;
  time: string;
  fate?: string;
}

/** Their methods. */
export class IntroductionVerbs extends Commands {
  constructor(
    pod: Pod,
    private readonly parts: {
      readonly book: IntroductionBook;
      readonly outgoing: OutgoingIntroductions;
      readonly names: Names;
      readonly people: People;
    },
  ) {
    super(pod);
  }

  /**
   * Introduces somebody you know to somebody else: meet Carol, signed by you.
   * @param who whom the other one is to meet
   * @param to who is told, with the name you gave them and where their server is
   * @param note why they should meet
   * @param both introduces each to the other
   * @complete who known
   * @complete to known
   */
  async introduce(who: string, to?: string, note?: string, both?: boolean): Promise<string> {
    const op = "introduce somebody";
    if (to === undefined) {
      const hint = "peri hey introduce <who> --to <whom>";
      throw new Refusal("invalid", { op, subject: "to whom is not said", hint });
    }
    const { people, outgoing } = this.parts;
    const person = await people.personOf(op, who);
    const other = await people.personOf(op, to);
    const owner = await this.run.owner();
    if (person === other || person === owner || other === owner) {
      throw new Refusal("invalid", { op, subject: "it takes two people besides you" });
    }
    const said = checkNote(op, note);
    const name = await this.#nameOf(op, person);
    const otherName = both ? await this.#nameOf(op, other) : "";
    await outgoing.send(other, person, name, said);
    if (both) await outgoing.send(person, other, otherName, said);
    const nameOf = await people.openNames();
    const told = showPerson(other, nameOf);
    return both
      ? `${told} and ${name} are told of each other`
      : `${told} is told who ${name} is (waits until ${told}'s server takes it)`;
  }

  /**
   * Shows who was introduced to you.
   * @param sent those that you introduced
   */
  async introductions(sent?: boolean): Promise<Shown<IntroductionRecord[]>> {
    const nameOf = await this.parts.people.openNames();
    const { nowMs } = this.run;
    if (sent) {
      const all = await this.parts.book.listSent();
      return shown(all.map((one) => sentRecord(one, nameOf)), () => {
        if (all.length === 0) return ["no introductions; peri hey introduce <who> --to <whom>"];
        return formatColumns(all.map((one) => [
          `${showPerson(one.person, nameOf)} to ${showPerson(one.to, nameOf)}`,
          formatAge(one.timeMs, nowMs),
          one.fate,
        ]));
      });
    }
    const all = await this.parts.book.list();
    return shown(all.map((one) => cameRecord(one, nameOf)), function* () {
      if (all.length === 0) yield "nobody was introduced to you";
      for (const one of all) yield* cameLines(one, nameOf, nowMs);
      if (all.length > 0) yield "peri hey accept <who>, or refuse";
    });
  }

  /** All names. */
  protected async known(): Promise<string[]> {
    return await this.parts.people.words();
  }

  async #nameOf(op: string, person: string): Promise<string> {
    const name = await this.parts.names.nameOf(person);
    if (name !== undefined) return name;
    throw new Refusal("invalid", {
      op,
      subject: `${formatShort(person)} has no name of yours, which is what you would tell`,
      hint: `peri hey name <petname> ${person}`,
    });
  }
}

function* cameLines(one: Introduced, nameOf: NameOf, nowMs: number): Generator<string> {
  const { person, name, by, note, timeMs } = one;
  yield `${name}  ${formatFingerprint(person)}`;
  yield `  introduced by ${showPerson(by, nameOf)}, ${formatAge(timeMs, nowMs)}`;
  if (note !== undefined) { for (const line of note.split("\n")) yield `  ${line}`; }
}

function cameRecord(
  { person, name, by, note, timeMs }: Introduced,
  nameOf: NameOf,
): IntroductionRecord {
  return {
    person,
    as: name,
    by: { person: by, name: nameOf(by) ?? null },
    note: note ?? null,
    time: formatIso(timeMs),
  };
}

function sentRecord({ person, to, timeMs, fate }: Sent, nameOf: NameOf): IntroductionRecord {
  return {
    person,
    name: nameOf(person) ?? null,
    to: { person: to, name: nameOf(to) ?? null },
    time: formatIso(timeMs),
    fate,
  };
}
