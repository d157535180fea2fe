/**
 * People by what others call them, and what is known of them.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import {
  type Fingerprint,
  formatFingerprint,
  isFingerprint,
  parseFingerprint,
  type PodName,
  type ServerUrl,
} from "../model/words.ts";
import type { Book } from "./book.ts";
import type { Person } from "./entry.ts";
import type { Friend, Friends } from "./friends.ts";
import type { Lookup } from "./lookup.ts";
import { HEY } from "./places.ts";

/** Names that the one who asks has given to people. */
export type Petnames = ReadonlyMap<string, Fingerprint>;

/** Who is meant by a text. */
export interface FoundPerson {
  readonly person: Fingerprint;
  /** What the text was. A `claim` is what somebody says of themselves: show it as such. */
  readonly by: "fingerprint" | "petname" | "claim";
}

/** One pod in a report. */
export interface WhoPod {
  readonly pod: PodName;
  readonly endpoint: ServerUrl;
  readonly serial: number;
  readonly issuedMs: number;
  readonly expiresMs: number;
  readonly inForce: boolean;
  /** Who told it: `this server`, `friend <server>`, `home <server>` or a sender. */
  readonly from: string;
  readonly atMs: number;
}

/** What is known of a person. */
export interface WhoReport extends FoundPerson {
  /** The fingerprint in groups. */
  readonly fingerprint: string;
  readonly petnames: readonly string[];
  /** User ids of their certificate: what they say of themselves. */
  readonly claims: readonly string[];
  /** Whether their key is known to be revoked: nothing in its name is believed. */
  readonly revoked: boolean;
  /** Present when they own the server of a friend. */
  readonly friend?: Friend;
  readonly pods: readonly WhoPod[];
}

/** What finding people works with. */
export interface PeopleParts {
  readonly book: Book;
  readonly friends: Friends;
  readonly lookup: Lookup;
}

const OP = "find person";
/** Candidates named in an error. */
const MAX_SHOWN = 5;

/** Finds people in the book. */
export class People {
  constructor(private readonly parts: PeopleParts) {}

  /**
   * The person meant by a fingerprint, a petname, or a part of a user id that only one person in
   * the book claims.
   *
   * @throws {PeriError} `not-found`, `conflict` when several claim it, `invalid` for no text.
   */
  async find(text: string, petnames: Petnames): Promise<FoundPerson> {
    const wanted = text.trim();
    if (wanted === "" || wanted.length > 200) {
      const subject = `${JSON.stringify(text.slice(0, 40))} is no name`;
      throw new PeriError("invalid", { op: OP, subject });
    }
    if (isFingerprint(wanted)) return { person: parseFingerprint(wanted), by: "fingerprint" };
    const named = petnames.get(wanted);
    if (named !== undefined) return { person: named, by: "petname" };
    return { person: await this.#findClaim(wanted), by: "claim" };
  }

  /**
   * All that is known of a person. Somebody named by fingerprint whom the book does not know is
   * asked for among friends.
   *
   * @throws {PeriError} as {@link find}, and `not-found` when nothing is known.
   */
  async who(text: string, petnames: Petnames): Promise<WhoReport> {
    const found = await this.find(text, petnames);
    const { person } = found;
    if (await this.parts.book.person(person) === undefined) {
      await this.parts.lookup.find({ person, pod: HEY });
    }
    const friend = await this.parts.friends.get(person);
    return {
      ...found,
      fingerprint: formatFingerprint(person),
      petnames: [...petnames].filter(([, owner]) => owner === person).map(([name]) => name),
      claims: (await this.parts.book.person(person))?.userIds ?? [],
      revoked: await this.parts.book.isRevoked(person),
      ...(friend === undefined ? {} : { friend }),
      pods: await this.#pods(person),
    };
  }

  async #pods(person: Fingerprint): Promise<WhoPod[]> {
    const pods: WhoPod[] = [];
    for await (const { behalf, from, atMs } of this.parts.book.list(person)) {
      const { pod, endpoint, serial, issuedMs, expiresMs } = behalf;
      const inForce = await this.parts.book.isInForce(behalf);
      pods.push({ pod, endpoint, serial, issuedMs, expiresMs, inForce, from, atMs });
    }
    return pods;
  }

  async #findClaim(text: string): Promise<Fingerprint> {
    const part = text.toLowerCase();
    const found: Person[] = [];
    for await (const person of this.parts.book.people()) {
      const claims = person.userIds.some((userId) => userId.toLowerCase().includes(part));
      if (claims) found.push(person);
      if (found.length > MAX_SHOWN) break;
    }
    if (found.length === 1) return found[0]!.person;
    throw found.length === 0 ? unknown(text) : ambiguous(text, found);
  }
}

function unknown(text: string): PeriError {
  return new PeriError("not-found", {
    op: OP,
    subject: `${JSON.stringify(text)} is no fingerprint, none of your names, and nobody known ` +
      "claims it",
    hint: "peri friend add <server> adds somebody's server; or use their fingerprint",
  });
}

function ambiguous(text: string, found: readonly Person[]): PeriError {
  const shown = found.slice(0, MAX_SHOWN).map(({ person, userIds }) =>
    `${person} (claims ${JSON.stringify(userIds[0] ?? "")})`
  );
  const more = found.length > MAX_SHOWN ? " and others" : "";
  return new PeriError("conflict", {
    op: OP,
    subject: `${JSON.stringify(text)} is claimed by ${shown.join(", ")}${more}`,
    hint: "use the fingerprint of the one you mean",
  });
}
