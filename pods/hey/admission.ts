/**
 * Letting people in: who waits or was introduced gets a name, and their letters come to the others.
 *
 * @module
 */

import { cleanLine, readFingerprint, Refusal, type Run } from "../sdk/mod.ts";
import type { Blocked } from "./blocked.ts";
import type { Introduced, IntroductionBook } from "./introduced.ts";
import { learnBehalf } from "./introductions.ts";
import type { Letters } from "./letters.ts";
import { fold, type Names } from "./names.ts";
import type { Pending } from "./pending.ts";
import type { People } from "./people.ts";
import { formatFingerprint, formatShort } from "./show.ts";
import type { Telling } from "./telling.ts";

/** What letting somebody in has brought. */
export interface Accepted {
  readonly person: string;
  readonly name: string;
  /** Numbers of the letters that had waited. */
  readonly letters: readonly number[];
  /** Why their server could not be made known; absent when there was nothing to tell. */
  readonly unknown?: string;
}

const HEX_START = /^(?:0x)?([0-9a-f]{4,40})…?$/i;

/** Lets people in, and keeps them out. */
export class Admission {
  constructor(
    private readonly run: Run,
    private readonly parts: {
      readonly names: Names;
      readonly people: People;
      readonly pending: Pending;
      readonly introduced: IntroductionBook;
      readonly blocked: Blocked;
      readonly letters: Letters;
      readonly telling: Pick<Telling, "welcome">;
    },
  ) {}

  /**
   * Somebody who waits, was introduced or is known, as typed: also by the start of a fingerprint,
   * and by the name with which they were introduced.
   *
   * @throws {Refusal} `not-found`, `conflict` when several fit.
   */
  async find(op: string, who: string): Promise<string> {
    const known = readFingerprint(who) ?? await this.parts.names.personOf(who);
    if (known !== undefined) return known;
    const found = await this.#among(who);
    if (found.length === 1) return found[0]!;
    if (found.length === 0) return await this.parts.people.personOf(op, who);
    const subject = `${JSON.stringify(cleanLine(who, 80))} may be ${found.length} people`;
    throw new Refusal("conflict", { op, subject, hint: found.map(formatFingerprint).join(", ") });
  }

  /**
   * Lets a person in.
   *
   * @param name what they are called; without one what whoever introduced them calls them
   * @throws {Refusal} `invalid` without any name, `exists` when another person has it, `denied` for
   * who is blocked.
   */
  async accept(person: string, name: string | undefined): Promise<Accepted> {
    const op = "accept a person";
    const { names, blocked, introduced, pending } = this.parts;
    if (await blocked.has(person)) {
      const hint = `peri hey unblock ${formatShort(person).slice(0, 8)}`;
      throw new Refusal("denied", { op, subject: "they are blocked", hint });
    }
    const about = await introduced.of(person);
    const called = name ?? await names.nameOf(person) ?? await this.#suggested(about);
    if (called === undefined) throw await this.#nameless(op, person);
    const other = await names.personOf(called);
    if (other !== undefined && other !== person) {
      const subject = `${called} is ${formatFingerprint(other)}`;
      const hint = `peri hey accept ${person.slice(0, 8)} --as <another name>`;
      throw new Refusal("exists", { op, subject, hint });
    }
    await names.set(called, person);
    pending.readmit(person);
    const unknown = await this.#learn(person, about);
    const letters = await this.settle(person);
    return { person, name: called, letters, ...unknown !== undefined && { unknown } };
  }

  /** What waits of a person who has a name now: letters come to the others. Their numbers. */
  async settle(person: string): Promise<number[]> {
    const { pending, introduced, letters, telling } = this.parts;
    await introduced.forget(person);
    await telling.welcome(person);
    const numbers: number[] = [];
    for (const { text, ...head } of (await pending.take(person))?.greetings ?? []) {
      numbers.push((await letters.addReceived({ person, ...head }, text)).n);
    }
    return numbers;
  }

  /** The first server that an introduction tells of and that the periphery believes. */
  async #learn(person: string, about: readonly Introduced[]): Promise<string | undefined> {
    let why: string | undefined;
    for (const { behalf } of about) {
      if (behalf === undefined) continue;
      why = await learnBehalf(this.run, person, behalf);
      if (why === undefined) return undefined;
    }
    return why;
  }

  async #among(who: string): Promise<string[]> {
    const { pending, introduced, blocked } = this.parts;
    const introductions = await introduced.list();
    const people = new Set<string>();
    const [, start] = HEX_START.exec(who.replaceAll(" ", "")) ?? [];
    if (start !== undefined) {
      const all = [
        ...(await pending.list()).map(({ person }) => person),
        ...introductions.map(({ person }) => person),
        ...(await blocked.list()).map(([person]) => person),
      ];
      for (const one of all) if (one.startsWith(start.toUpperCase())) people.add(one);
    }
    const named = introductions.filter(({ name }) => fold(name) === fold(who));
    for (const { person } of named) people.add(person);
    return [...people];
  }

  /** What those call them who introduced them, and who have a name here; nothing when they differ. */
  async #suggested(about: readonly Introduced[]): Promise<string | undefined> {
    const names = new Set<string>();
    for (const { by, name } of about) {
      if (await this.parts.names.nameOf(by) !== undefined) names.add(name);
    }
    return names.size === 1 ? [...names][0] : undefined;
  }

  async #nameless(op: string, person: string): Promise<Refusal> {
    const claimed = await this.parts.people.claimOf(person);
    const says = claimed === undefined ? "" : `; they call themselves ${JSON.stringify(claimed)}`;
    const subject = `${formatShort(person)} has no name${says}`;
    return new Refusal("invalid", {
      op,
      subject,
      hint: `peri hey accept ${person.slice(0, 8)} --as <name>`,
    });
  }
}
