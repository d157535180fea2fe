/**
 * The book: every behalf this periphery has been told of and found good, the newest of each pod. Whom
 * it believes is decided here and in `judge.ts`; its rows are written in `entries.ts`.
 *
 * @module
 */

import { type Behalf, type Introduction, isInForceAt, type Known } from "../identity/behalf.ts";
import { notInForce } from "../identity/ended.ts";
import { sameIntroduction } from "../identity/introduction.ts";
import type { Fingerprint, PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Store } from "../ports/store.ts";
import { type Candidates, findClaims, findDigits } from "./claims.ts";
import { Entries } from "./entries.ts";
import { type BookEntry, isNearer, type Person } from "./entry.ts";
import { Judge } from "./judge.ts";
import { HEY, type Places } from "./places.ts";
import { Revocations } from "./revoked.ts";
import { Successions } from "./successions.ts";
import { accountOf, isFromItself } from "./told.ts";

/** What a book works with. */
export interface BookParts {
  readonly store: Store;
  readonly pgp: Pgp;
  readonly clock: Clock;
  /**
   * Told of every behalf that came to be known, and of the one in whose place it stands; both are on
   * disk by then.
   */
  learned?(behalf: Behalf, before: BookEntry | undefined): void;
  /** Somebody has another successor than before; it is on disk by then. */
  followed?(): void;
  /** Whether a person is at home on this server, with pods or without; absent: nobody is. */
  livesHere?(person: Fingerprint): boolean;
}

/** The book of one periphery. */
export class Book {
  /** What friends are to hear of. */
  readonly places: Places;
  /** Who has taken the place of whom. */
  readonly successions: Successions;
  readonly #entries: Entries;
  readonly #revocations: Revocations;
  readonly #judge: Judge;

  constructor(private readonly parts: BookParts) {
    const { store, pgp, clock, followed } = parts;
    const revocations = this.#revocations = new Revocations(parts);
    const entries = this.#entries = new Entries({
      ...{ store, pgp, clock, revocations },
      learned: (behalf, before) => parts.learned?.(behalf, before),
    });
    this.places = entries.places;
    const successions = this.successions = new Successions({
      ...{ store, pgp, clock },
      isRevoked: (person) => this.isRevoked(person),
      ...(followed && { followed }),
      livesHere: (person) => parts.livesHere?.(person) ?? false,
    });
    this.#judge = new Judge({
      ...{ pgp, clock, revocations, successions },
      parse: (document) => entries.parse(document),
      person: (person) => entries.person(person),
    });
  }

  /** Whether a person's key is known to be revoked. */
  async isRevoked(person: Fingerprint): Promise<boolean> {
    return await this.#revocations.has(person);
  }

  /** Everybody whose key is known to be revoked. */
  async revoked(): Promise<ReadonlySet<Fingerprint>> {
    return await this.#revocations.all();
  }

  /** The entry of a pod, in force or not. */
  async entry(ref: PodRef): Promise<BookEntry | undefined> {
    return await this.#entries.of(ref);
  }

  /** The behalf in force of a pod. */
  async recall(ref: PodRef): Promise<BookEntry | undefined> {
    const entry = await this.entry(ref);
    return entry !== undefined && await this.isInForce(entry.behalf) ? entry : undefined;
  }

  /** Whether a behalf that was checked once is still in force. */
  async isInForce(behalf: Behalf): Promise<boolean> {
    const { person } = behalf;
    const isOver = !isInForceAt(behalf, this.parts.clock.nowMs()) || await this.isRevoked(person);
    return !isOver && await this.successions.heirOf(person) === person;
  }

  /**
   * What others are to be told of a pod: its behalf in force, that it is revoked, or that its person's
   * key is.
   */
  async published(entry: BookEntry): Promise<Introduction | undefined> {
    if (!await this.isRevoked(entry.behalf.person)) {
      const isTold = entry.behalf.revoked !== undefined &&
        entry.behalf.expiresMs > this.parts.clock.nowMs();
      return isTold || await this.isInForce(entry.behalf) ? entry.introduction : undefined;
    }
    return await this.#revocations.marked(entry.behalf.person, entry.introduction);
  }

  /**
   * Checks an introduction and keeps nothing of it; what is known already is not checked again.
   *
   * @throws {PeriError} `denied`, `expired`, `damaged`, `too-large` for what is not good.
   */
  async check(introduction: Introduction): Promise<Known> {
    const joined = await this.#judge.join(introduction);
    const known = await this.#kept(joined) ?? await this.#check(joined);
    // Nobody shows the end of their behalf to be let in.
    return known.behalf.revoked === undefined ? known : await this.#inForce(known);
  }

  /**
   * Checks an introduction and keeps it when it is newer; on disk when it resolves. Returns what is
   * in force afterwards. An older serial never comes back, even when the newer one has expired. What
   * the certificate says is added to what is known of the person; that its key is revoked is kept,
   * too, of strangers when somebody else has told of it; the introduction is then `denied`, as is every later one of that person. So is one that
   * revokes the pod's behalf, once it is kept, and every older one from then on.
   *
   * @throws {PeriError} `denied`, `expired`, `damaged`, `too-large` for what is not good,
   * `conflict` when another behalf with this serial is known, `over-quota` when the friend who
   * told it has filled its part of the book.
   */
  async learn(introduction: Introduction, from: string): Promise<Known> {
    return await this.#inForce(await this.take(introduction, from));
  }

  /**
   * As {@link Book.learn}, for whoever passes things on: what is known afterwards may be over.
   *
   * @throws {PeriError} as there, but for what is known and no longer in force.
   */
  async take(introduction: Introduction, from: string): Promise<Known> {
    const joined = await this.#judge.join(introduction);
    const kept = await this.#kept(joined);
    if (kept !== undefined && !isNearer(kept, kept, from)) return kept;
    const checked = await this.#check(joined, from);
    return await this.#entries.keep(checked, from);
  }

  /** That a key is found to be revoked is passed on as the behalf was. */
  async #check(joined: Introduction, from?: string): Promise<Known> {
    const { person, endpoint } = this.#entries.parse(joined.document);
    const teller = from === undefined || isFromItself(from) ? undefined : accountOf(from, endpoint);
    const wasRevoked = await this.isRevoked(person);
    try {
      return await this.#judge.check(joined, teller);
    } catch (error) {
      if (!wasRevoked && await this.isRevoked(person)) {
        await this.#entries.passOnAgain({ person, pod: HEY });
      }
      throw error;
    }
  }

  /** @throws {PeriError} what senders are told of a pod whose newest behalf is not in force. */
  async refuse(entry: Known): Promise<void> {
    await this.#revocations.refuse(entry.behalf);
    await this.#inForce(entry);
  }

  /** Tells friends of an entry once more: of our own in a notice, of one passed on when they read. */
  async tellAgain(ref: PodRef): Promise<void> {
    await this.#entries.tellAgain(ref);
  }

  /** Forgets a pod. Friends are told nothing: what they know ends with its behalf. */
  async forget(ref: PodRef): Promise<void> {
    await this.#entries.forget(ref);
  }

  /** All entries, or those of one person, in order of address. */
  async *list(person?: Fingerprint): AsyncGenerator<BookEntry> {
    yield* this.#entries.list(person);
  }

  /** What is known of a person. */
  async person(person: Fingerprint): Promise<Person | undefined> {
    return await this.#entries.person(person);
  }

  /** Everybody the book has heard of. */
  async *people(): AsyncGenerator<Person> {
    yield* this.#entries.people();
  }

  /** People whose user ids have the words of a text; see {@link findClaims}. */
  async claiming(text: string): Promise<Candidates> {
    return await findClaims(this.parts.store, text);
  }

  /** People whose fingerprint begins or ends with these upper-case digits. */
  async withDigits(digits: string): Promise<Candidates> {
    return await findDigits(this.parts.store, digits);
  }

  /**
   * Removes entries whose behalf expired `KEEP_EXPIRED_MS` ago, people without entries, and what is
   * known of who has followed people who are gone. Returns the number of entries.
   */
  async sweep(): Promise<number> {
    const swept = await this.#entries.sweep();
    await this.successions.sweep();
    return swept;
  }

  /** What is kept of this very introduction, when it would be found good again. */
  async #kept(introduction: Introduction): Promise<BookEntry | undefined> {
    const known = await this.entry(this.#entries.parse(introduction.document));
    const isSame = known !== undefined && sameIntroduction(known.introduction, introduction);
    if (!isSame || await this.isRevoked(known.behalf.person)) return undefined;
    return known.behalf.expiresMs > this.parts.clock.nowMs() ? known : undefined;
  }

  async #inForce(known: Known): Promise<Known> {
    const { behalf } = known;
    if (await this.isInForce(behalf)) return known;
    // What a person calls themselves, for those who are to ask them.
    throw notInForce(behalf, (await this.person(behalf.person))?.userIds[0]);
  }
}
