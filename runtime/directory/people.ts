/**
 * People by what others call them, and what is known of them.
 *
 * @module
 */

import { successionOf } from "../identity/succession/join.ts";
import type { Succession } from "../identity/succession/succession.ts";
import { PeriError } from "../model/errors.ts";
import {
  type Fingerprint,
  formatFingerprint,
  isFingerprint,
  parseFingerprint,
  type PodName,
  type ServerUrl,
} from "../model/words.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Book } from "./book.ts";
import { type Candidates, folded } from "./claims.ts";
import type { Friend, Friends } from "./friends.ts";
import type { Lookup } from "./lookup.ts";
import { HEY } from "./places.ts";

/** Names that the one who asks has given to people. */
export type Petnames = ReadonlyMap<string, Fingerprint>;

/** Who is meant by a text. */
export interface FoundPerson {
  readonly person: Fingerprint;
  /**
   * What the text was. A `claim` is what somebody says of themselves: show it as such. A `part` of a
   * fingerprint is no proof either: a key with the same few digits is made in no time.
   */
  readonly by: "fingerprint" | "petname" | "part" | "claim";
}

/** Everybody who may be meant by a text. */
export interface FoundPeople {
  readonly people: readonly FoundPerson[];
  /** Whether there are no others. */
  readonly isAll: boolean;
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
  /** When their key ends, as far as is known; absent for never. */
  readonly keyExpiresMs?: number;
  /** Who has taken their place, how and why. */
  readonly successor?: Pick<Succession, "to" | "by" | "reason" | "issuedMs">;
  /** Keys in whose place they stand, the latest first. */
  readonly formers: readonly Fingerprint[];
  /** Two first recovery statements are signed with their key: it may be in other hands. */
  readonly disputed: boolean;
  /** Present when they own the server of a friend. */
  readonly friend?: Friend;
  readonly pods: readonly WhoPod[];
}

/** What finding people works with. */
export interface PeopleParts {
  readonly book: Book;
  readonly friends: Friends;
  readonly lookup: Pick<Lookup, "find">;
  readonly pgp: Pick<Pgp, "inspect">;
}

const OP = "find person";
/** Candidates named in an error. */
const MAX_SHOWN = 5;
/** People listed for one text. */
const MAX_FOUND = 50;
/** Candidates looked at for one text. */
const MAX_LOOKED_AT = 200;
/** Fewer digits than a short key id are a name, and so few are too easily met to address somebody. */
const MIN_DIGITS = 8;
const MIN_ADDRESS_DIGITS = 16;

/** Finds people in the book. */
export class People {
  constructor(private readonly parts: PeopleParts) {}

  /**
   * The one person meant by a fingerprint, a petname, at least 16 of the first or last digits of a
   * fingerprint, or words of a user id that only one person in the book claims.
   *
   * @throws {PeriError} `not-found`, `conflict` when several are meant, `invalid` for no text.
   */
  async find(text: string, petnames: Petnames): Promise<FoundPerson> {
    const { people, isAll } = await this.search(text, petnames, MIN_ADDRESS_DIGITS);
    if (people.length === 1 && isAll) return people[0]!;
    throw people.length === 0 ? unknown(text.trim()) : await this.#ambiguous(text.trim(), people);
  }

  /**
   * Everybody who may be meant by a text, as {@link find} but for 8 digits and more. What is exact
   * comes first and alone: a fingerprint, then a petname.
   *
   * @throws {PeriError} `invalid` for no text.
   */
  async search(text: string, petnames: Petnames, minDigits = MIN_DIGITS): Promise<FoundPeople> {
    const wanted = text.trim();
    if (wanted === "" || wanted.length > 200) {
      const subject = `${JSON.stringify(text.slice(0, 40))} is no name`;
      throw new PeriError("invalid", { op: OP, subject });
    }
    const exact = isFingerprint(wanted)
      ? { person: parseFingerprint(wanted), by: "fingerprint" as const }
      : named(petnames.get(wanted));
    if (exact !== undefined) return { people: [exact], isAll: true };
    const digits = wanted.replace(/^0x/i, "").replace(/[\s:]/g, "").toUpperCase();
    const isPart = digits.length >= minDigits && /^[0-9A-F]+$/.test(digits);
    const parts = isPart ? await this.parts.book.withDigits(digits) : NOBODY;
    const claims = await this.#claiming(wanted);
    const others = claims.people.filter((person) => !parts.people.includes(person));
    const people = [
      ...parts.people.map((person) => ({ person, by: "part" as const })),
      ...others.map((person) => ({ person, by: "claim" as const })),
    ];
    const isAll = parts.isAll && claims.isAll && people.length <= MAX_FOUND;
    return { people: people.slice(0, MAX_FOUND), isAll };
  }

  /**
   * All that is known of who was found. Of whom the book does not know friends are asked.
   *
   * @throws {PeriError} `not-found` when nothing is known, and as `Lookup.find`.
   */
  async who(found: FoundPerson, petnames: Petnames): Promise<WhoReport> {
    const { person } = found;
    if (await this.parts.book.person(person) === undefined) {
      await this.parts.lookup.find({ person, pod: HEY });
    }
    const friend = await this.parts.friends.get(person);
    const known = await this.parts.book.person(person);
    const { expiresMs } = known ? await this.parts.pgp.inspect(known.certificate) : {};
    return {
      ...found,
      fingerprint: formatFingerprint(person),
      petnames: [...petnames].filter(([, owner]) => owner === person).map(([name]) => name),
      claims: known?.userIds ?? [],
      revoked: await this.parts.book.isRevoked(person),
      ...(expiresMs === undefined ? {} : { keyExpiresMs: expiresMs }),
      ...await this.#succession(person),
      ...(friend === undefined ? {} : { friend }),
      pods: await this.#pods(person),
    };
  }

  async #succession(
    person: Fingerprint,
  ): Promise<Pick<WhoReport, "successor" | "formers" | "disputed">> {
    const { successions } = this.parts.book;
    const known = await successions.of(person);
    const successor = known && successionOf(known);
    return {
      ...(successor && { successor }),
      formers: await successions.formersOf(person),
      disputed: known?.isDisputed ?? false,
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

  /** Who has all words of a text, in its order, and whose key no other has taken the place of. */
  async #claiming(text: string): Promise<Candidates> {
    const { people, isAll } = await this.parts.book.claiming(text);
    const part = folded(text);
    const found: Fingerprint[] = [];
    for (const person of people.slice(0, MAX_LOOKED_AT)) {
      const known = await this.parts.book.person(person);
      const claims = known?.userIds.some((userId) => folded(userId).includes(part));
      if (claims && await this.parts.book.successions.heirOf(person) === person) found.push(person);
      if (found.length > MAX_FOUND) break;
    }
    return { people: found, isAll: isAll && people.length <= MAX_LOOKED_AT };
  }

  async #ambiguous(text: string, found: readonly FoundPerson[]): Promise<PeriError> {
    const shown = await Promise.all(
      found.slice(0, MAX_SHOWN).map(async ({ person }) => {
        const known = await this.parts.book.person(person);
        return `${person} (claims ${JSON.stringify(known?.userIds[0] ?? "")})`;
      }),
    );
    const more = found.length > MAX_SHOWN ? " and others" : "";
    return new PeriError("conflict", {
      op: OP,
      subject: `${JSON.stringify(text)} is claimed by ${shown.join(", ")}${more}`,
      hint: "use the fingerprint of the one you mean; peri who shows them all",
    });
  }
}

const NOBODY: Candidates = { people: [], isAll: true };

function named(person: Fingerprint | undefined): FoundPerson | undefined {
  return person && { person, by: "petname" };
}

function unknown(text: string): PeriError {
  return new PeriError("not-found", {
    op: OP,
    subject: `${JSON.stringify(text)} is no fingerprint, none of your names, and nobody known ` +
      "claims it",
    hint: "peri friend add <server> adds somebody's server; or use their fingerprint",
  });
}
