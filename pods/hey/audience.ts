/**
 * Whom a list of people and groups means: `bob,carol,@family`.
 *
 * @module
 */

import { MAX_RECIPIENTS, Refusal } from "../sdk/mod.ts";
import type { Blocked } from "./blocked.ts";
import { type Groups, isGroupName } from "./groups.ts";
import { type People, showPerson } from "./people.ts";
import { formatShort } from "./show.ts";

/** A part of the list that means nobody, or not one person. */
export interface Unknown {
  readonly text: string;
  readonly why: Refusal;
}

/** Everybody who is meant. */
export interface Audience {
  /** Fingerprints, each once, in the order in which they were first named. */
  readonly people: readonly string[];
  readonly unknown: readonly Unknown[];
  /** What the only one meant is called; for a single name. */
  readonly shown?: string;
}

/** What stands for somebody who is not known. */
const UNKNOWN: ReadonlySet<string> = new Set(["not-found", "conflict", "invalid"]);

/** Finds out who is meant. */
export class Audiences {
  constructor(
    private readonly people: People,
    private readonly groups: Groups,
    private readonly blocked: Blocked,
  ) {}

  /** Words that can stand for people: petnames, and groups with their sign. */
  async words(): Promise<string[]> {
    const groups = await this.groups.list();
    return [...await this.people.words(), ...groups.map(({ name }) => `@${name}`)];
  }

  /** The parts of a list, as they were written. */
  static parts(list: string): string[] {
    return list.split(",").map((part) => part.trim()).filter((part) => part !== "");
  }

  /**
   * Everybody in a list.
   *
   * @throws {Refusal} `too-large` for more people than one letter may have.
   */
  async find(op: string, list: string): Promise<Audience> {
    const people = new Set<string>();
    const unknown: Unknown[] = [];
    const parts = Audiences.parts(list);
    let shown: string | undefined;
    for (const text of parts) {
      try {
        if (isGroupName(text)) {
          for (const one of await this.groups.people(op, text)) people.add(one);
        } else if (parts.length > 1) {
          people.add(await this.people.personOf(op, text));
        } else {
          const meant = await this.people.find(op, text);
          people.add(meant.person);
          shown = meant.shown;
        }
      } catch (why) {
        if (!(why instanceof Refusal) || !UNKNOWN.has(why.kind)) throw why;
        unknown.push({ text, why });
      }
      if (people.size > MAX_RECIPIENTS) throw tooMany(op);
    }
    for (const person of await this.blocked.among([...people])) {
      people.delete(person);
      unknown.push({ text: formatShort(person), why: await this.#blocked(op, person) });
    }
    return { people: [...people], unknown, ...shown !== undefined && { shown } };
  }

  /** Nothing of theirs comes in, not even that they have a letter. */
  async #blocked(op: string, person: string): Promise<Refusal> {
    const name = showPerson(person, await this.people.openNames());
    const hint = `peri hey unblock ${name.replace("…", "")}`;
    return new Refusal("denied", { op, subject: `${name} is blocked by you`, hint });
  }
}

/** The refusal that names all who are not known; nothing has been done for the others. */
export function refuseUnknown(op: string, unknown: readonly Unknown[], hint: string): Refusal {
  const [{ why }] = unknown as [Unknown];
  const subject = unknown.map(({ why }) => why.subject).join("; ");
  return new Refusal(why.kind, { op, subject, hint });
}

function tooMany(op: string): Refusal {
  const subject = `more than ${MAX_RECIPIENTS} people`;
  return new Refusal("too-large", { op, subject, hint: "send it to them in parts" });
}
