/**
 * What this directory answers to others.
 *
 * @module
 */

import { type Introduction, parseBehalf } from "../identity/behalf.ts";
import { subjectOf } from "../identity/succession/check.ts";
import { decodeLineage } from "../identity/succession/lineage.ts";
import type { Bytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import {
  MAX_CLOCK_SKEW_MS,
  MAX_NOTICE_ENTRIES,
  MAX_NOTICES_PER_MINUTE,
  MAX_SUCCESSORS,
} from "../model/limits.ts";
import { type Fingerprint, formatPodRef, type PodRef, type ServerUrl } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Book } from "./book.ts";
import type { BookEntry } from "./entry.ts";
import { type Friend, type Friends, PERIPHERY } from "./friends.ts";
import { Pace } from "./pace.ts";
import { type Changed, HEY } from "./places.ts";
import type { Self } from "./publish.ts";
import { learnAll, learnLineages } from "./pull.ts";
import { fromFriend } from "./told.ts";
import {
  decodeNotice,
  decodeSignedNotice,
  encodeHello,
  encodePage,
  encodeTaken,
  encodeWho,
  MAX_PAGE_LINEAGE_BYTES,
  MAX_WHO_LINEAGE_BYTES,
  type Notice,
  type Page,
  type SignedNotice,
} from "./wire.ts";

/** Answers to the questions of PROTOCOL.md, "Directory", as the bytes of their replies. */
export interface Answers {
  /** @throws {PeriError} `not-found` while the server has no owner. */
  hello(): Promise<Bytes>;
  /**
   * What is published of what changed after a place. A few pages are read at once; the others wait
   * their turn.
   */
  book(after: number): Promise<Bytes>;
  /** What is published of one pod. */
  who(ref: PodRef): Promise<Bytes>;
  /**
   * Takes a friend's notice; its good entries are on disk when this resolves.
   *
   * @throws {PeriError} `denied` unless a friend signed it for this server lately, `damaged`,
   * `too-large`, `busy` when there are too many of that friend.
   */
  notice(body: Bytes): Promise<Bytes>;
}

/** What answering works with. */
export interface AnswerParts {
  readonly book: Book;
  readonly friends: Friends;
  readonly pgp: Pgp;
  readonly clock: Clock;
  self(): Self | undefined;
  /** Whether a person's pods live here. */
  isHosted(person: Fingerprint): boolean;
  /** A friend was heard. */
  heard(owner: Fingerprint, server: ServerUrl): void;
}

/** Rows looked at for one page, each up to 64 KiB; a page may be empty and still not be the last. */
const PAGE_ROWS = 100;
/** Pages read at once: anybody may ask for them, and reading one takes megabytes. */
export const MAX_PAGES = 4;
const OP = "take a notice";

/** Answers from the book. */
export class BookAnswers implements Answers {
  /** Of friends alone, of whom there are few. */
  readonly #paces = new Map<Fingerprint, Pace>();
  #freePages = MAX_PAGES;
  readonly #readers: (() => void)[] = [];

  constructor(private readonly parts: AnswerParts) {}

  hello(): Promise<Bytes> {
    const self = this.parts.self();
    if (self !== undefined) return Promise.resolve(encodeHello(self.owner.introduction));
    const subject = "this server has no owner yet";
    return Promise.reject(new PeriError("not-found", { op: "say hello", subject }));
  }

  async book(after: number): Promise<Bytes> {
    // Refusing would let who asks most keep friends from reading; the gate bounds how many wait.
    if (this.#freePages > 0) this.#freePages--;
    else await new Promise<void>((resolve) => this.#readers.push(resolve));
    try {
      return await this.#page(after);
    } finally {
      const next = this.#readers.shift();
      if (next === undefined) this.#freePages++;
      else next();
    }
  }

  async #page(after: number): Promise<Bytes> {
    const { book } = this.parts;
    const { changes, through, isLast } = await book.places.all(after, PAGE_ROWS);
    const entries: Introduction[] = [];
    for (const { ref, place } of changes) {
      const entry = this.#isPublished(ref) ? await book.entry(ref) : undefined;
      const introduction = entry && await book.published(entry);
      if (introduction === undefined) continue;
      entries.push(introduction);
      if (entries.length === MAX_NOTICE_ENTRIES) {
        const last = isLast && place === through;
        return await this.#encodePage(changes, { entries, through: place, isLast: last });
      }
    }
    return await this.#encodePage(changes, { entries, through, isLast });
  }

  /** A page with what is known of the people in it, and of those who have been succeeded. */
  async #encodePage(changes: readonly Changed[], page: Page): Promise<Bytes> {
    const people = changes.filter(({ ref, place }) =>
      place <= page.through && this.#isPublished(ref)
    ).map(({ ref }) => ref.person);
    const { successions } = this.parts.book;
    const lineages = await successions.about(people, MAX_PAGE_LINEAGE_BYTES);
    return encodePage({ ...page, lineages });
  }

  async who(ref: PodRef): Promise<Bytes> {
    const { book } = this.parts;
    const heir = await book.successions.current(ref);
    if (!this.#isPublished(ref) && !this.#isPublished(heir)) return encodeWho({});
    const found = await book.entry(ref) ?? await this.#anyRevoked(ref);
    const entry = found && await book.published(found);
    const lineages = await book.successions.about([ref.person], MAX_WHO_LINEAGE_BYTES);
    return encodeWho({ ...(entry && { entry }), lineages });
  }

  /** Of a pod that is not known, any other of its person, when that says that the key is revoked. */
  async #anyRevoked({ person }: PodRef): Promise<BookEntry | undefined> {
    const { book } = this.parts;
    if (!await book.isRevoked(person)) return undefined;
    for await (const entry of book.list(person)) return entry;
    return undefined;
  }

  async notice(body: Bytes): Promise<Bytes> {
    const signed = decodeSignedNotice(body);
    const notice = decodeNotice(signed.notice);
    const server = await this.#checkNotice(notice, signed);
    // The notice has said that its own key is revoked; nothing else in it is believed.
    if (server === undefined) return encodeTaken(0);
    this.#refuseFlood(notice.from.person);
    const taken = await learnAll(this.parts.book, notice, fromFriend(server));
    await this.parts.friends.heard(notice.from.person, server, this.parts.clock.nowMs());
    this.parts.heard(notice.from.person, server);
    return encodeTaken(taken);
  }

  /** Behind the signature: nobody else can use up a friend's pace. */
  #refuseFlood(friend: Fingerprint): void {
    const pace = this.#paces.get(friend) ?? new Pace(MAX_NOTICES_PER_MINUTE, this.parts.clock);
    this.#paces.set(friend, pace);
    if (pace.take()) return;
    const subject = `more than ${MAX_NOTICES_PER_MINUTE} notices in a minute`;
    throw new PeriError("busy", { op: OP, subject });
  }

  /** The friend's server, when the notice is good; none when it ends the friend's key. */
  async #checkNotice(notice: Notice, signed: SignedNotice): Promise<ServerUrl | undefined> {
    const { parts } = this;
    const nowMs = parts.clock.nowMs();
    const friend = await this.#friend(notice);
    if (friend === undefined || notice.from.pod !== PERIPHERY) {
      throw denied(`${formatPodRef(notice.from)} is no friend of this server`);
    }
    if (notice.to !== parts.self()?.server) throw denied(`it is meant for ${notice.to}`);
    if (Math.abs(notice.sentMs - nowMs) > MAX_CLOCK_SKEW_MS) throw denied("it is out of date");
    const sender = await this.#sender(notice, friend.server);
    if (sender === undefined) return undefined;
    await parts.pgp.verify(sender.podCertificate, signed.notice, signed.signature, nowMs);
    return sender.endpoint;
  }

  /** The friend who speaks; one who speaks with a new key brings the lineage that says so. */
  async #friend({ from: { person }, lineages = [] }: Notice): Promise<Friend | undefined> {
    const { friends, book } = this.parts;
    const friend = await friends.get(person);
    if (friend !== undefined) return friend;
    // Only of those who are friends by their old key: a stranger costs no signature.
    for (const bytes of lineages.slice(0, MAX_SUCCESSORS)) {
      if (await friends.get(subjectOf(decodeLineage(bytes))) !== undefined) {
        await learnLineages(book, [bytes]);
      }
    }
    for (const former of await book.successions.formersOf(person)) {
      if (await friends.get(former) === undefined) continue;
      await friends.follow({ person: former, before: former }, person);
      return await friends.get(person);
    }
    return undefined;
  }

  /**
   * The behalf of a friend's server: a notice may bring a newer one, which its person signed, and
   * without which a new key could not be checked.
   */
  async #sender({ from, entries }: Notice, server: ServerUrl) {
    const own = entries.find((entry) => isAbout(entry, from));
    if (own !== undefined) await learnAll(this.parts.book, { entries: [own] }, fromFriend(server));
    const known = await this.parts.book.recall(from);
    if (known !== undefined) return known.behalf;
    if (await this.parts.book.isRevoked(from.person)) return undefined;
    throw denied(`no behalf of ${formatPodRef(from)} is known that is in force`);
  }

  #isPublished({ person, pod }: PodRef): boolean {
    return pod === HEY || this.parts.isHosted(person);
  }
}

function isAbout({ document }: Introduction, ref: PodRef): boolean {
  try {
    return formatPodRef(parseBehalf(document)) === formatPodRef(ref);
  } catch {
    return false;
  }
}

function denied(subject: string): PeriError {
  return new PeriError("denied", { op: OP, subject });
}
