/**
 * The directory put together: the book, friends, lookup, and the exchange between them.
 *
 * @module
 */

import type { Behalf, Introduction, Known } from "../identity/behalf.ts";
import { type Bytes, equalBytes } from "../model/bytes.ts";
import { type Fingerprint, formatPodRef, type PodRef, type ServerUrl } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Log } from "../ports/log.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Store } from "../ports/store.ts";
import type { Transport } from "../ports/transport.ts";
import { type Answers, BookAnswers } from "./answer.ts";
import { Asker } from "./ask.ts";
import { Book } from "./book.ts";
import type { BookEntry } from "./entry.ts";
import { Exchange } from "./exchange.ts";
import { type Friend, Friends } from "./friends.ts";
import { fetchHello } from "./hello.ts";
import { Lookup } from "./lookup.ts";
import { People } from "./people.ts";
import type { Self } from "./publish.ts";
import type { KnownLineage } from "./lineages.ts";
import { countOf, FROM_SELF, fromFriend, throughFriend } from "./told.ts";

export type { Answers } from "./answer.ts";
export type { Friend } from "./friends.ts";
export { PERIPHERY, peripheryOf } from "./friends.ts";
export type { FoundPeople, FoundPerson, Petnames, WhoPod, WhoReport } from "./people.ts";
export type { KnownLineage } from "./lineages.ts";
export type { Follow } from "./successions.ts";
export type { Self } from "./publish.ts";

/** What a directory works with. */
export interface DirectoryParts {
  readonly store: Store;
  readonly pgp: Pgp;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  /** Who this server is; absent before it is claimed. */
  self(): Self | undefined;
  /** Whether a person's pods live here. */
  isHosted(person: Fingerprint): boolean;
  /** Whether a person is at home on this server, also without pods; absent: nobody is. */
  livesHere?(person: Fingerprint): boolean;
  /** A server was heard: delivery to it may be tried at once. */
  contact(server: ServerUrl): void;
  /** A pod became known, or more of it: what waits for it may find its way now. */
  found?(pod: PodRef): void;
  /** Somebody has another successor than before: see `Successions.follows`. */
  followed?(): void;
}

/** A pod that lives here, as far as {@link OpenDirectory.catchUp} looks. */
export interface Local {
  readonly ref: PodRef;
  /** Of its behalf. */
  readonly serial: number;
  readonly introduction: Pick<Introduction, "certificate">;
}

/** How we stand with a friend. */
export interface Friendship {
  readonly friend: Friend;
  /** Changes of ours that it has not been told, 1000 at most. */
  readonly untold: number;
  /** When the first of these was made. */
  readonly untoldSinceMs?: number;
  /** Pods of the people of its server that are known through it. */
  readonly tells: number;
  /** Pods of other people that are known through it alone. */
  readonly passesOn: number;
  /** Why it cannot be told or read at present. */
  readonly trouble?: string;
}

/** Changes counted for one friend. */
const MAX_SHOWN_UNTOLD = 1000;
/** Looked once an hour whether a friend's book is to be read. */
const LOOK_EVERY_MS = 60 * 60 * 1000;
/** Hours between two sweeps, which read the whole book: nothing depends on the moment. */
const SWEEP_EVERY = 24;

/** A running directory. Close it before the store. */
export class OpenDirectory {
  readonly book: Book;
  readonly friends: Friends;
  /** The directory as boxes and supervisor see it. */
  readonly lookup: Lookup;
  readonly people: People;
  /** For the gate. */
  readonly answers: Answers;
  readonly #asker: Asker;
  readonly #exchange: Exchange;
  readonly #end = new AbortController();
  readonly #sweeping: Promise<void>;

  constructor(private readonly parts: DirectoryParts) {
    this.book = new Book({
      ...shared(parts),
      learned: (behalf, before) => void this.#learned(behalf, before),
      followed: () => parts.followed?.(),
      livesHere: (person) => parts.livesHere?.(person) ?? false,
    });
    this.friends = new Friends(parts.store);
    this.#asker = new Asker(parts.transport);
    const { book, friends } = this;
    const asker = this.#asker;
    this.lookup = new Lookup({
      book,
      friends,
      asker,
      clock: parts.clock,
      self: () => parts.self()?.server,
    });
    this.people = new People({ book, friends, lookup: this.lookup, pgp: parts.pgp });
    this.#exchange = new Exchange({ ...shared(parts), book, friends, asker });
    this.answers = new BookAnswers({
      ...shared(parts),
      book,
      friends,
      heard: (owner, server) => this.#heard(owner, server),
    });
    this.#sweeping = this.#sweep();
    this.#wake();
  }

  /**
   * Keeps the behalf of a pod that lives here and tells friends; it will be told even if the
   * process dies now. When its behalf or its person's key is revoked, that is what they are told.
   *
   * @throws {PeriError} as `Book.learn`.
   */
  async announce(known: Known): Promise<Known> {
    const kept = await this.book.take(known.introduction, FROM_SELF).catch(async (error) => {
      if (!await this.book.isRevoked(known.behalf.person)) throw error;
      await this.book.tellAgain(known.behalf);
      return known;
    });
    this.#wake();
    return kept;
  }

  /**
   * Learns a lineage that somebody here brings, and tells friends of it when it is about somebody who
   * lives here.
   *
   * @throws {PeriError} as `Successions.learn`.
   */
  async tell(lineage: Bytes): Promise<KnownLineage> {
    const known = await this.book.successions.learn(lineage);
    for await (const { behalf, from } of this.book.list(known.person)) {
      if (from === FROM_SELF) await this.book.tellAgain(behalf);
    }
    this.#wake();
    return known;
  }

  /**
   * Forgets a pod that no longer lives here. Friends know it until its behalf expires; one that is
   * revoked is told of further on.
   */
  async withdraw(ref: PodRef): Promise<void> {
    const entry = await this.book.entry(ref);
    if (entry?.behalf.revoked === undefined) await this.book.forget(ref);
  }

  /**
   * Brings the book in step with the pods that live here: a crash may have come between the book
   * and a pod's new behalf or its end. What has expired is not announced before it is renewed.
   *
   * @param knownOf asked of those alone of which the book knows too little
   * @param gone people who lived here and have left with all their pods
   */
  async catchUp<Pod extends Local>(
    pods: readonly Pod[],
    knownOf: (pod: Pod) => Known,
    gone: readonly Fingerprint[] = [],
  ): Promise<void> {
    const here = new Map(pods.map((pod) => [formatPodRef(pod.ref), pod]));
    const behind = new Set(pods);
    for (const person of new Set([...pods.map(({ ref }) => ref.person), ...gone])) {
      for await (const { behalf, from, introduction } of this.book.list(person)) {
        const pod = here.get(formatPodRef(behalf));
        const isSame = pod !== undefined &&
          equalBytes(pod.introduction.certificate, introduction.certificate);
        if (pod !== undefined && isSame && behalf.serial >= pod.serial) behind.delete(pod);
        if (pod === undefined && from === FROM_SELF) await this.withdraw(behalf);
      }
    }
    for (const pod of behind) {
      const known = knownOf(pod);
      if (known.behalf.expiresMs <= this.parts.clock.nowMs()) continue;
      await this.announce(known).catch((cause) =>
        this.parts.log.error("pod not announced", cause, { pod: pod.ref.pod })
      );
    }
  }

  /** How we stand with all friends. */
  async friendships(): Promise<Friendship[]> {
    const { store } = this.parts;
    return await Promise.all((await this.friends.list()).map(async (friend) => {
      const untold = await this.book.places.own(friend.publishedThrough, MAX_SHOWN_UNTOLD);
      const trouble = this.#exchange.trouble(friend.owner);
      return {
        friend,
        untold: untold.length,
        ...(untold[0] === undefined ? {} : { untoldSinceMs: untold[0].place }),
        tells: await countOf(store, fromFriend(friend.server)),
        passesOn: await countOf(store, throughFriend(friend.server)),
        ...(trouble === undefined ? {} : { trouble }),
      };
    }));
  }

  /** Who owns a server. @throws {PeriError} as `fetchHello`. */
  async meet(server: ServerUrl): Promise<Known> {
    return await fetchHello(this.#asker, this.parts.pgp, server, this.parts.clock.nowMs());
  }

  /**
   * Makes the owner of a server a friend; their book is read and ours is told in the background.
   *
   * @param owner what {@link meet} gave
   * @throws {PeriError} `exists`, `over-quota`, and as `Book.learn`.
   */
  async befriend(owner: Known): Promise<Friend> {
    await this.book.learn(owner.introduction, fromFriend(owner.behalf.endpoint));
    const friend = await this.friends.add(owner.behalf, this.parts.clock.nowMs());
    this.lookup.forgetNotKnown();
    this.#wake();
    return friend;
  }

  /** Ends what runs in the background; what is left to tell is told after the next start. */
  async close(): Promise<void> {
    this.#end.abort();
    await Promise.all([this.#exchange.close(), this.#sweeping, this.lookup.rechecks.idle()]);
  }

  async #learned(behalf: Behalf, before: BookEntry | undefined): Promise<void> {
    this.parts.found?.(behalf);
    if (before !== undefined && !this.parts.isHosted(behalf.person)) {
      void this.lookup.rechecks.moved(behalf, before);
    }
    // What waits for the address of a key before this one may find its way, too.
    const formers = await this.book.successions.formersOf(behalf.person).catch(() => []);
    for (const person of formers) this.parts.found?.({ person, pod: behalf.pod });
  }

  #heard(owner: Fingerprint, server: ServerUrl): void {
    this.parts.contact(server);
    this.lookup.forgetNotKnown();
    this.#wake(owner);
  }

  #wake(owner?: Fingerprint): void {
    this.#exchange.wake(owner).catch((cause) => this.parts.log.error("friends not read", cause));
  }

  async #sweep(): Promise<void> {
    const { signal } = this.#end;
    for (let hour = 0; !signal.aborted; hour++) {
      await this.parts.clock.sleep(LOOK_EVERY_MS, signal);
      if (signal.aborted) return;
      try {
        // Nobody may have changed anything for a day, and books are to be read.
        await this.#exchange.wakeOverdue();
        if (hour % SWEEP_EVERY > 0) continue;
        const swept = await this.book.sweep();
        if (swept > 0) this.parts.log.info("book swept", { swept });
      } catch (cause) {
        this.parts.log.error("book not looked after", cause);
      }
    }
  }
}

/** The parts as plain fields: methods of a class instance would be lost in a spread. */
function shared(parts: DirectoryParts) {
  const { store, pgp, transport, clock, entropy, log } = parts;
  return {
    store,
    pgp,
    transport,
    clock,
    entropy,
    log,
    self: () => parts.self(),
    isHosted: (person: Fingerprint) => parts.isHosted(person),
  };
}
