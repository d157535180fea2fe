/**
 * Petnames: what a person calls others. One name per person, one person per name; upper and lower
 * case are the same name.
 *
 * @module
 */

import {
  cleanLine,
  nearestWord,
  type Pod,
  readFingerprint,
  Refusal,
  type Table,
} from "../sdk/mod.ts";
import { type Acquaintance, People, Petnames } from "./generated.ts";

/** A name as it was given, and whose it is. */
export interface Petname {
  readonly name: string;
  /** OpenPGP fingerprint, upper-case hex. */
  readonly person: string;
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,39}$/u;
/** What could be taken for a fingerprint or key id. */
const HEX = /^(?:0x)?[0-9a-f]{8,}$/i;

/** The petnames of the pod's owner. */
export class Names {
  /**
   * @param byName petnames by folded name
   * @param byPerson folded name by fingerprint
   */
  constructor(
    private readonly byName: Table<Petname>,
    private readonly byPerson: Table<string>,
  ) {}

  /** Whom a name means. */
  async personOf(name: string): Promise<string | undefined> {
    return (await this.byName.get(fold(name)))?.person;
  }

  /** What a person is called. */
  async nameOf(person: string): Promise<string | undefined> {
    const folded = await this.byPerson.get(person);
    return folded === undefined ? undefined : (await this.byName.get(folded))?.name;
  }

  /**
   * Gives a name; the name's former person and the person's former name are free afterwards.
   *
   * @returns whom the name meant before, if somebody else
   * @throws {Refusal} `invalid` for a text that is no name or no fingerprint.
   */
  async set(name: string, person: string): Promise<string | undefined> {
    checkName(name);
    const fingerprint = readFingerprint(person);
    if (fingerprint === undefined) {
      const subject = `${JSON.stringify(cleanLine(person, 80))} is no fingerprint`;
      throw new Refusal("invalid", { op: "give a name", subject });
    }
    const folded = fold(name);
    const before = await this.personOf(name);
    const formerName = await this.byPerson.get(fingerprint);
    if (formerName !== undefined) this.byName.delete(formerName);
    if (before !== undefined) this.byPerson.delete(before);
    this.byName.put(folded, { name: name.normalize("NFC"), person: fingerprint });
    this.byPerson.put(fingerprint, folded);
    return before === fingerprint ? undefined : before;
  }

  /** Takes a name back. @throws {Refusal} `not-found` when nobody has it. */
  async remove(name: string): Promise<Petname> {
    const found = await this.byName.get(fold(name));
    if (found === undefined) throw await this.unknown("take a name back", name);
    this.byName.delete(fold(name));
    this.byPerson.delete(found.person);
    return found;
  }

  /** All names in alphabetical order. */
  async list(): Promise<Petname[]> {
    return (await this.byName.list()).map(([, petname]) => petname);
  }

  /** The refusal for a name nobody has, with the nearest name as hint. */
  async unknown(op: string, name: string): Promise<Refusal> {
    const subject = `nobody is called ${JSON.stringify(cleanLine(name, 80))}`;
    const near = nearestWord(fold(name), (await this.list()).map((one) => fold(one.name)));
    const hint = near === undefined
      ? "peri hey names shows the names you gave; peri hey name <petname> <person> gives one"
      : `did you mean ${near}?`;
    return new Refusal("not-found", { op, subject, hint });
  }
}

/** Tells the periphery of them. */
export class GivenNames extends Petnames {
  readonly #names: Names;
  readonly #admission: { settle(person: string): Promise<unknown> };

  /** @param admission takes what waits of somebody who gets a name */
  constructor(pod: Pod, names: Names, admission: { settle(person: string): Promise<unknown> }) {
    super(pod);
    this.#names = names;
    this.#admission = admission;
  }

  /** Whom a name means. */
  override async personOf(name: string): Promise<string | undefined> {
    return await this.#names.personOf(name);
  }

  /** Gives a name. */
  override async setName(name: string, person: string): Promise<void> {
    await this.#names.set(name, person);
    await this.#admission.settle(readFingerprint(person) ?? person);
  }

  /** What a person is called. */
  override async nameOf(person: string): Promise<string | undefined> {
    return await this.#names.nameOf(person);
  }
}

/** Tells the other pods of the same person of them. */
export class ToldNames extends People {
  readonly #names: Names;

  constructor(pod: Pod, names: Names) {
    super(pod);
    this.#names = names;
  }

  /** Everybody with a name. @throws {Refusal} `denied` when somebody else's pod asks. */
  override async *all(): AsyncIterable<Acquaintance> {
    if (this.caller.person !== await this.run.owner()) {
      const subject = "only pods of the same person are told";
      throw new Refusal("denied", { op: "tell whom somebody knows", subject });
    }
    yield* await this.#names.list();
  }
}

/** @throws {Refusal} `invalid` for a text that cannot be a name of `what`, as `a petname`. */
export function checkName(name: string, op = "give a name", what = "a petname"): void {
  const refuse = (why: string, hint?: string) =>
    new Refusal("invalid", {
      op,
      subject: `${JSON.stringify(cleanLine(name, 80))} ${why}`,
      hint,
    });
  if (!NAME.test(name.normalize("NFC"))) {
    const hint = `${what} is 1 to 40 letters, digits, dots, - and _: bob`;
    throw refuse(`is no ${what.replace(/^a /, "")}`, hint);
  }
  if (HEX.test(name)) throw refuse("could be taken for a fingerprint");
}

/** A name as it is compared. */
export function fold(name: string): string {
  return name.normalize("NFC").toLowerCase().slice(0, 100);
}
