/**
 * Finding a pod: the book, then friends, then the home of its person.
 *
 * @module
 */

import type { Introduction, Known } from "../identity/behalf.ts";
import { revokedKey } from "../identity/ended.ts";
import type { Bytes } from "../model/bytes.ts";
import { PeriError, toPeriError } from "../model/errors.ts";
import {
  ASK_BETTER_MS,
  MAX_ASKED_FRIENDS,
  MAX_BUNDLE_LINEAGE_BYTES,
  MAX_NOT_KNOWN,
  NOT_KNOWN_MS,
} from "../model/limits.ts";
import { type Fingerprint, formatPodRef, type PodRef, type ServerUrl } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Asker } from "./ask.ts";
import type { Book } from "./book.ts";
import type { Directory } from "./directory.ts";
import type { Friends } from "./friends.ts";
import { HEY } from "./places.ts";
import { Rechecks } from "./recheck.ts";
import { Refresher } from "./refresh.ts";
import { learnLineages } from "./pull.ts";
import { fromFriend, fromHome } from "./told.ts";

/** What a lookup works with. */
export interface LookupParts {
  readonly book: Book;
  readonly friends: Friends;
  readonly asker: Asker;
  readonly clock: Clock;
  /** This server's own address, which is not asked; absent before it is claimed. */
  self(): ServerUrl | undefined;
}

/** Somebody to ask, and what to note as where the answer came from. */
interface Source {
  readonly server: ServerUrl;
  readonly from: string;
}

interface NotKnown {
  readonly untilMs: number;
  readonly error: PeriError;
}

/** The directory as the rest of the periphery sees it. */
export class Lookup implements Directory {
  readonly #running = new Map<string, Promise<Known>>();
  readonly #notKnown = new Map<string, NotKnown>();

  readonly #refresher: Refresher;
  /** Asks others about behalfs in use. */
  readonly rechecks: Rechecks;

  constructor(private readonly parts: LookupParts) {
    this.#refresher = new Refresher(parts);
    this.rechecks = new Rechecks(parts);
  }

  async recall(ref: PodRef): Promise<Known | undefined> {
    const known = await this.parts.book.recall(ref);
    // What comes of it counts for the next message.
    if (known !== undefined) void this.rechecks.used(known, "hear");
    return known;
  }

  async check(introduction: Introduction): Promise<Known> {
    return await this.parts.book.check(introduction);
  }

  async learn(introduction: Introduction, from: string): Promise<Known> {
    return await this.parts.book.learn(introduction, from);
  }

  async refresh(ref: PodRef): Promise<Known | undefined> {
    const { successions } = this.parts.book;
    const known = await this.#refresher.refresh(await successions.current(ref));
    // What was asked may have said that another key stands in the place of this one.
    const current = await successions.current(ref);
    if (known !== undefined || current.person === ref.person) return known;
    return await this.#refresher.refresh(current);
  }

  async current(ref: PodRef): Promise<PodRef> {
    return await this.parts.book.successions.current(ref);
  }

  async formersOf(person: Fingerprint): Promise<readonly Fingerprint[]> {
    return await this.parts.book.successions.formersOf(person);
  }

  async lineagesOf(person: Fingerprint): Promise<readonly Bytes[]> {
    const { successions } = this.parts.book;
    const formers = await successions.formersOf(person);
    if (formers.length === 0) return [];
    return await successions.about([person], MAX_BUNDLE_LINEAGE_BYTES);
  }

  async learnLineages(lineages: readonly Bytes[]): Promise<void> {
    await learnLineages(this.parts.book, lineages);
  }

  async find(ref: PodRef, isDoubted = false): Promise<Known> {
    const { successions } = this.parts.book;
    const current = await successions.current(ref);
    try {
      return await this.#find(current, isDoubted);
    } catch (thrown) {
      // The search may have heard of a successor.
      const heard = await successions.current(ref);
      if (heard.person === current.person) throw thrown;
      return await this.#find(heard, isDoubted);
    }
  }

  async #find(ref: PodRef, isDoubted: boolean): Promise<Known> {
    const known = await this.parts.book.recall(ref);
    if (known !== undefined && !isDoubted) {
      void this.rechecks.used(known, "write");
      return known;
    }
    if (known !== undefined) await this.rechecks.used(known, "doubt");
    const better = known && await this.parts.book.recall(ref);
    if (better !== undefined) return better;
    if (await this.parts.book.isRevoked(ref.person)) throw revokedKey(ref);
    const name = formatPodRef(ref);
    const running = this.#running.get(name);
    if (running !== undefined) return await running;
    this.#refuseNotKnown(name);
    const search = this.#search(ref).finally(() => this.#running.delete(name));
    this.#running.set(name, search);
    return await search;
  }

  /** Asks again for what nobody knew; to be called when there is somebody new to ask. */
  forgetNotKnown(): void {
    this.#notKnown.clear();
    this.#refresher.forget();
  }

  #refuseNotKnown(name: string): void {
    const noted = this.#notKnown.get(name);
    if (noted === undefined) return;
    if (noted.untilMs > this.parts.clock.nowMs()) throw noted.error;
    this.#notKnown.delete(name);
  }

  async #search(ref: PodRef): Promise<Known> {
    try {
      return await this.#ask(ref);
    } catch (thrown) {
      const error = toPeriError(thrown, `find ${formatPodRef(ref)}`);
      // Who could not be asked may answer any moment; boxes wait between tries by themselves.
      if (NOTED.has(error.kind)) this.#note(ref, error);
      throw error;
    }
  }

  #note(ref: PodRef, error: PeriError): void {
    // A map keeps the order of insertion, so the first one is the oldest.
    const [oldest] = this.#notKnown.keys();
    if (this.#notKnown.size >= MAX_NOT_KNOWN) this.#notKnown.delete(oldest!);
    const untilMs = this.parts.clock.nowMs() + NOT_KNOWN_MS;
    this.#notKnown.set(formatPodRef(ref), { untilMs, error });
  }

  async #ask(ref: PodRef): Promise<Known> {
    const friends = await this.#friends();
    const asked = await this.#askAll(ref, friends);
    if (asked.known !== undefined) return asked.known;
    const home = await this.#home(ref, friends);
    const answer = home === undefined ? undefined : await this.#askAll(ref, [home]);
    if (answer?.known !== undefined) return answer.known;
    const wasAnswered = asked.answers > 0 || (answer?.answers ?? 0) > 0;
    const someone = friends.length > 0 || home !== undefined;
    throw await this.#notFound(ref, someone, wasAnswered);
  }

  /**
   * Where a person's hey pod lives, when that says more than the pod that is looked for; else where
   * that pod lived when it was last known.
   */
  async #home(ref: PodRef, friends: readonly Source[]): Promise<Source | undefined> {
    const hey = { person: ref.person, pod: HEY };
    const known = ref.pod === HEY
      ? undefined
      : await this.parts.book.recall(hey) ?? (await this.#askAll(hey, friends)).known;
    const server = (known ?? await this.parts.book.entry(ref))?.behalf.endpoint;
    const wasAsked = friends.some((friend) => friend.server === server);
    if (server === undefined || wasAsked || server === this.parts.self()) return undefined;
    return { server, from: fromHome(server) };
  }

  async #friends(): Promise<Source[]> {
    const friends = await this.parts.friends.list();
    return friends
      .sort((a, b) => b.heardMs - a.heardMs)
      .slice(0, MAX_ASKED_FRIENDS)
      .map(({ server }) => ({ server, from: fromFriend(server) }));
  }

  /**
   * The best answer of all sources: of those that come a little after the first good one, the newest,
   * so that who withholds is not believed for being quick. A wrong answer and a late one count as
   * none; what comes later still is kept in the book.
   */
  async #askAll(
    ref: PodRef,
    sources: readonly Source[],
  ): Promise<{ readonly known?: Known; readonly answers: number }> {
    let answers = 0;
    const denied: Introduction[] = [];
    const questions = sources.map(async (source) => {
      const { entry, lineages = [] } = await this.parts.asker.who(source.server, ref);
      answers++;
      await learnLineages(this.parts.book, lineages);
      if (entry === undefined) throw NOTHING;
      return await this.#believe(ref, entry, source).catch((error: unknown) => {
        if (error instanceof PeriError && error.kind === "denied") denied.push(entry);
        throw error;
      });
    });
    try {
      const first = await Promise.any(questions);
      await this.#aLittle(questions);
      // Of who is in the book by now it is kept that a key is revoked, however full a teller's part is.
      for (const one of denied) await this.parts.book.check(one).catch(() => undefined);
      if (await this.parts.book.isRevoked(ref.person)) throw revokedKey(ref);
      const known = await this.parts.book.recall(ref);
      // What came meanwhile may be that its person has ended it.
      const over = known === undefined ? await this.parts.book.entry(ref) : undefined;
      if (over !== undefined) await this.parts.book.refuse(over);
      return { known: known ?? first, answers };
    } catch (thrown) {
      if (thrown instanceof AggregateError) return { answers };
      throw thrown;
    }
  }

  async #aLittle(questions: readonly Promise<unknown>[]): Promise<void> {
    const all = new AbortController();
    const waited = this.parts.clock.sleep(ASK_BETTER_MS, all.signal);
    void Promise.allSettled(questions).then(() => all.abort());
    await waited;
  }

  /** Keeps an answer, and sees that it is the one that was asked for. */
  async #believe(ref: PodRef, introduction: Introduction, { from }: Source): Promise<Known> {
    const known = await this.parts.book.learn(introduction, from);
    if (formatPodRef(known.behalf) === formatPodRef(ref)) return known;
    throw NOTHING;
  }

  async #notFound(ref: PodRef, someone: boolean, wasAnswered: boolean): Promise<PeriError> {
    const op = `find ${formatPodRef(ref)}`;
    if (await this.parts.book.isRevoked(ref.person)) return revokedKey(ref);
    const entry = await this.parts.book.entry(ref);
    if (entry !== undefined) await this.parts.book.refuse(entry);
    if (someone && !wasAnswered) {
      const subject = "nobody who may know it answered";
      return new PeriError("unreachable", { op, subject, hint: "peri friend list shows them" });
    }
    return new PeriError("not-found", {
      op,
      subject: someone ? "no friend knows it" : "it is not in the book, and there are no friends",
      hint: "peri friend add <server> adds the server of somebody who knows them",
    });
  }
}

/** What somebody has answered. */
const NOTED: ReadonlySet<string> = new Set(["not-found", "expired", "denied"]);

const NOTHING = new PeriError("not-found", { op: "ask a friend", subject: "it knows nothing" });
