/**
 * Persons as people type and see them.
 *
 * @module
 */

import { cleanLine, readFingerprint, Refusal, type Run } from "../sdk/mod.ts";
import type { Names } from "./names.ts";
import { formatShort } from "./show.ts";

/** Petname of a person; undefined without one. */
export type NameOf = (person: string) => string | undefined;

/** A person somebody typed. */
export interface Meant {
  /** OpenPGP fingerprint, upper-case hex. */
  readonly person: string;
  /** Petname, or what else they are known as; safe to show. */
  readonly shown: string;
}

/** Finds and shows persons. */
export class People {
  constructor(private readonly run: Run, private readonly names: Names) {}

  /**
   * Whom a petname, a fingerprint or a user id means.
   *
   * @throws {Refusal} `not-found` with the nearest petname, `conflict` when several fit.
   */
  async find(op: string, who: string): Promise<Meant> {
    const known = readFingerprint(who) ?? await this.names.personOf(who);
    if (known !== undefined) {
      return { person: known, shown: await this.names.nameOf(known) ?? formatShort(known) };
    }
    try {
      const { person, name } = await this.run.findPerson(who);
      const called = await this.names.nameOf(person) ?? (name && cleanLine(name, 60));
      return { person, shown: called || formatShort(person) };
    } catch (error) {
      const isUnknown = error instanceof Refusal && error.kind === "not-found";
      throw isUnknown ? await this.names.unknown(op, who) : error;
    }
  }

  /** As {@link People.find}, for the fingerprint alone. */
  async personOf(op: string, who: string): Promise<string> {
    return readFingerprint(who) ?? (await this.find(op, who)).person;
  }

  /** What a person calls themselves, safe to show; nobody vouches for it. */
  async claimOf(person: string): Promise<string | undefined> {
    try {
      const { name } = await this.run.findPerson(person);
      return name === undefined ? undefined : cleanLine(name, 60);
    } catch (error) {
      if (error instanceof Refusal && error.kind === "not-found") return undefined;
      throw error;
    }
  }

  /** All petnames at once, for lists. */
  async openNames(): Promise<NameOf> {
    const names = new Map((await this.names.list()).map(({ name, person }) => [person, name]));
    return (person) => names.get(person);
  }

  /** All petnames, for completion. */
  async words(): Promise<string[]> {
    return (await this.names.list()).map(({ name }) => name);
  }
}

/** A person in one word: petname, or the beginning of the fingerprint. */
export function showPerson(person: string, nameOf: NameOf): string {
  return nameOf(person) ?? formatShort(person);
}
