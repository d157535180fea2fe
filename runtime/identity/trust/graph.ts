/**
 * Who has certified whom, in memory: people, their user ids, and what was signed over these, as
 * numbers in columns, so that a walk through it takes milliseconds.
 *
 * @module
 */

import { type Fingerprint, isFingerprint, parseFingerprint } from "../../model/words.ts";
import type { Certification } from "../../ports/certification.ts";
import { type Matcher, parseRegex } from "./regex.ts";

/** What the graph knows of a person's key. */
export interface KeyState {
  /** Absent when it never expires. */
  readonly expiresMs?: number;
  readonly revoked: boolean;
  /** User ids that the key still says are its own. */
  readonly userIds: readonly string[];
}

/** A certification without its bytes. */
export type Signed = Omit<Certification, "packet">;

/** What stands for no number. */
export const NONE = -1;

/** Keys of one key id that are tried: it is no secret how to make one more. */
const MAX_OF_KEY_ID = 4;

/** Expressions of which it is remembered what fits them: a byte for every user id. */
const MAX_REMEMBERED = 16;
const NOBODY: ReadonlySet<string> = new Set();

/** What user ids fit no bounds: written so that nobody can read the expression. */
const NOTHING: Matcher = () => false;

/** The graph. Read by `evaluate.ts`, column by column; changed by its owner alone. */
export class TrustGraph {
  readonly #people = new Map<Fingerprint, number>();
  readonly #users = new Map<string, number>();
  readonly #byKeyId = new Map<string, Fingerprint[]>();
  readonly #matchers = new Map<string, Matcher>();
  readonly #fitting = new Map<Matcher, Uint8Array>();
  /** User ids that the key of a person still says are its own. */
  readonly #userIds: ReadonlySet<string>[] = [];
  readonly #edges = new Map<string, number>();

  /** Whose certifications count no more; what was signed over them does. */
  silent: ReadonlySet<Fingerprint> = new Set();

  /** Fingerprints by the number of the person. */
  readonly names: Fingerprint[] = [];
  /** When a person's key ends: `Infinity` never, `-Infinity` when it is revoked or not known. */
  readonly keyEndMs: number[] = [];
  /** Edges by and on a person: the latest, and behind each edge the one before. */
  readonly firstBy: number[] = [];
  readonly firstOn: number[] = [];
  readonly nextBy: number[] = [];
  readonly nextOn: number[] = [];

  /** Texts of user ids by their number. */
  readonly userTexts: string[] = [];

  /** Of every edge: who signed, whose user id, which. */
  readonly issuers: number[] = [];
  readonly subjects: number[] = [];
  readonly users: number[] = [];
  readonly depths: number[] = [];
  readonly amounts: number[] = [];
  /** `-Infinity` for a revocation, `Infinity` when it never ends. */
  readonly endsMs: number[] = [];
  /** The same, but no longer than the key of the subject, and `-Infinity` when that disowns the user id. */
  readonly goodUntilMs: number[] = [];
  readonly regexes: (string | undefined)[] = [];

  /** The number of a person, when the graph has heard of them. */
  person(fingerprint: Fingerprint): number | undefined {
    return this.#people.get(fingerprint);
  }

  /** People who may be meant by a fingerprint or a key id, few. */
  meant(issuer: string, others: readonly Fingerprint[]): readonly Fingerprint[] {
    if (isFingerprint(issuer)) return [parseFingerprint(issuer)];
    const fitting = others.filter((person) => keyIdOf(person) === issuer);
    return [...new Set([...this.#byKeyId.get(issuer) ?? [], ...fitting])].slice(0, MAX_OF_KEY_ID);
  }

  /** Certifications and revocations in it. */
  get size(): number {
    return this.#edges.size;
  }

  /** Sets what is known of a person's key. */
  setKey(fingerprint: Fingerprint, { expiresMs, revoked, userIds }: KeyState): void {
    const person = this.#personOf(fingerprint);
    this.keyEndMs[person] = revoked ? -Infinity : expiresMs ?? Infinity;
    this.#userIds[person] = new Set(userIds);
    this.#renew(person);
  }

  /** Puts what somebody says of a user id in the place of what they said before. */
  put(signed: Signed): void {
    const { issuer, subject, userId } = signed;
    const id = edgeId(issuer, subject, userId);
    const [by, on] = [this.#personOf(issuer), this.#personOf(subject)];
    const known = this.#edges.get(id);
    const edge = known ?? this.issuers.length;
    if (known === undefined) {
      this.#edges.set(id, edge);
      this.issuers[edge] = by;
      this.subjects[edge] = on;
      this.users[edge] = this.#userOf(on, userId);
      this.nextBy[edge] = this.firstBy[by]!;
      this.nextOn[edge] = this.firstOn[on]!;
      this.firstBy[by] = this.firstOn[on] = edge;
    }
    this.depths[edge] = signed.depth;
    this.amounts[edge] = signed.amount;
    this.endsMs[edge] = signed.isRevocation ? -Infinity : signed.expiresMs ?? Infinity;
    this.regexes[edge] = signed.regex;
    this.#judge(edge);
  }

  /** Takes away what somebody says of a user id. */
  drop(issuer: Fingerprint, subject: Fingerprint, userId: string): void {
    const id = edgeId(issuer, subject, userId);
    const edge = this.#edges.get(id);
    if (edge === undefined) return;
    this.#edges.delete(id);
    this.#unlink(this.firstBy, this.nextBy, this.issuers[edge]!, edge);
    this.#unlink(this.firstOn, this.nextOn, this.subjects[edge]!, edge);
  }

  /** A person's key has ended for good. */
  end(fingerprint: Fingerprint): void {
    const person = this.#people.get(fingerprint);
    if (person === undefined || this.keyEndMs[person] === -Infinity) return;
    this.keyEndMs[person] = -Infinity;
    this.#renew(person);
  }

  /** Whether nothing is known that a person has signed, or that was signed over them. */
  isAlone(fingerprint: Fingerprint): boolean {
    const person = this.#people.get(fingerprint);
    return person === undefined || this.firstBy[person] === NONE && this.firstOn[person] === NONE;
  }

  /** Certifications and revocations by a person. */
  countBy(fingerprint: Fingerprint): number {
    const person = this.#people.get(fingerprint);
    let count = 0;
    if (person === undefined) return count;
    for (let edge = this.firstBy[person]!; edge !== NONE; edge = this.nextBy[edge]!) count++;
    return count;
  }

  /** Whose user ids, and by whom: all that was signed over a person. */
  signedOn(fingerprint: Fingerprint): Pick<Signed, "issuer" | "subject" | "userId">[] {
    const person = this.#people.get(fingerprint);
    const found: Pick<Signed, "issuer" | "subject" | "userId">[] = [];
    if (person === undefined) return found;
    for (let edge = this.firstOn[person]!; edge !== NONE; edge = this.nextOn[edge]!) {
      const issuer = this.names[this.issuers[edge]!]!;
      found.push({ issuer, subject: fingerprint, userId: this.userTexts[this.users[edge]!]! });
    }
    return found.sort((a, b) => a.issuer + a.userId < b.issuer + b.userId ? -1 : 1);
  }

  /** What an expression takes; one that cannot be read takes nothing. */
  matcher(regex: string): Matcher {
    const known = this.#matchers.get(regex);
    if (known !== undefined) return known;
    const made = readMatcher(regex);
    this.#matchers.set(regex, made);
    return made;
  }

  /** Whether a user id fits an expression; what was found out is remembered. */
  fits(matcher: Matcher, user: number): boolean {
    let found = this.#fitting.get(matcher);
    if (found === undefined || found.length <= user) {
      // Few expressions are in use at a time, and user ids never change.
      if (found === undefined && this.#fitting.size >= MAX_REMEMBERED) this.#fitting.clear();
      const longer = new Uint8Array(Math.max(this.userTexts.length, 1_024));
      longer.set(found ?? []);
      this.#fitting.set(matcher, found = longer);
    }
    if (found[user] === 0) found[user] = matcher(this.userTexts[user]!) ? 2 : 1;
    return found[user] === 2;
  }

  /** All that was signed over a person after their key has changed. */
  #renew(person: number): void {
    for (let edge = this.firstOn[person]!; edge !== NONE; edge = this.nextOn[edge]!) {
      this.#judge(edge);
    }
  }

  #judge(edge: number): void {
    const subject = this.subjects[edge]!;
    const isOwned = this.#userIds[subject]!.has(this.userTexts[this.users[edge]!]!);
    this.goodUntilMs[edge] = isOwned
      ? Math.min(this.endsMs[edge]!, this.keyEndMs[subject]!)
      : -Infinity;
  }

  #unlink(first: number[], next: number[], person: number, edge: number): void {
    let before = NONE;
    for (let at = first[person]!; at !== edge; at = next[at]!) before = at;
    if (before === NONE) first[person] = next[edge]!;
    else next[before] = next[edge]!;
  }

  #personOf(fingerprint: Fingerprint): number {
    const known = this.#people.get(fingerprint);
    if (known !== undefined) return known;
    const person = this.names.push(fingerprint) - 1;
    this.#people.set(fingerprint, person);
    const keyId = keyIdOf(fingerprint);
    this.#byKeyId.set(keyId, [...this.#byKeyId.get(keyId) ?? [], fingerprint]);
    this.keyEndMs.push(-Infinity);
    this.#userIds.push(NOBODY);
    this.firstBy.push(NONE);
    this.firstOn.push(NONE);
    return person;
  }

  #userOf(person: number, text: string): number {
    const id = `${person} ${text}`;
    const known = this.#users.get(id);
    if (known !== undefined) return known;
    const user = this.userTexts.push(text) - 1;
    this.#users.set(id, user);
    return user;
  }
}

/** RFC 9580 section 5.5.4. */
function keyIdOf(fingerprint: Fingerprint): string {
  return fingerprint.length === 40 ? fingerprint.slice(-16) : fingerprint.slice(0, 16);
}

function edgeId(issuer: Fingerprint, subject: Fingerprint, userId: string): string {
  return `${issuer} ${subject} ${userId}`;
}

/** A user id with characters that cannot be seen was made to look like another: it fits nothing. */
function readMatcher(regex: string): Matcher {
  try {
    const fits = parseRegex(regex);
    return (text) => !/\p{C}/u.test(text) && fits(text);
  } catch {
    return NOTHING;
  }
}
