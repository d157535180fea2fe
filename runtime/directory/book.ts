/**
 * The book: every behalf this periphery has been told of and found good, the newest of each pod.
 *
 * Rows: `["book", person, pod]` an entry, `["person", person]` a person's certificate, all that was
 * ever learned of it, `["revoked", person]` that it is revoked, `["told", account]` how many entries
 * came from there; what friends are to hear of stands in `places.ts`, by what people are found in
 * `claims.ts`, strangers in `strangers.ts`.
 *
 * @module
 */

import { type Behalf, type Introduction, isInForceAt, type Known } from "../identity/behalf.ts";
import { notInForce } from "../identity/ended.ts";
import { newer, sameIntroduction } from "../identity/introduction.ts";
import { equalBytes } from "../model/bytes.ts";
import { KEEP_EXPIRED_MS } from "../model/limits.ts";
import type { Fingerprint, PodName, PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Pgp } from "../ports/pgp.ts";
import { type Change, type Entry, type Key, mergeChanges, type Store } from "../ports/store.ts";
import { type Candidates, claimChange, findClaims, findDigits } from "./claims.ts";
import {
  behind,
  type BookEntry,
  contended,
  entryKey,
  type EntryRow,
  isNearer,
  type Person,
  personOf,
  type PersonRow,
  Rows,
  saysMore,
  shownUserIds,
} from "./entry.ts";
import { Judge } from "./judge.ts";
import { HEY, Places } from "./places.ts";
import { Revocations } from "./revoked.ts";
import { Successions } from "./successions.ts";
import { accountChange, crowdedOut, strangerGone, weightOn } from "./strangers.ts";
import { accountAfter, countChange, FROM_SELF, MAX_FROM_LENGTH, STRANGERS } from "./told.ts";

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

/** Entries read at once when the book is gone through. */
const PAGE = 200;
/** Times a change is tried again when another process was faster. */
const MAX_TRIES = 20;
/** The book of one periphery. */
export class Book {
  /** Changes take turns within this process; checks in the commit see to other processes. */
  #turn: Promise<unknown> = Promise.resolve();

  /** What friends are to hear of. */
  readonly places: Places;
  /** Who has taken the place of whom. */
  readonly successions: Successions;
  readonly #rows = new Rows();
  readonly #revocations: Revocations;
  readonly #judge: Judge;

  constructor(private readonly parts: BookParts) {
    const { pgp, clock } = parts;
    this.places = new Places(parts.store);
    const revocations = this.#revocations = new Revocations(parts);
    const isRevoked = (person: Fingerprint) => this.isRevoked(person);
    const { store, followed } = parts;
    const successions = this.successions = new Successions({
      ...{ store, pgp, clock, isRevoked },
      ...(followed && { followed }),
      livesHere: (person) => parts.livesHere?.(person) ?? false,
    });
    this.#judge = new Judge({
      ...{ pgp, clock, revocations, successions },
      parse: (document) => this.#rows.parse(document),
      person: (person) => this.person(person),
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
    const found = await this.parts.store.get<EntryRow>(entryKey(ref));
    return found && this.#rows.open(found.value);
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
   * too, and the introduction is then `denied`, as is every later one of that person. So is one that
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
    const checked = await this.#check(joined);
    return await this.#alone(() => this.#keep(checked, from));
  }

  /** That a key is found to be revoked is passed on as the behalf was. */
  async #check(joined: Introduction): Promise<Known> {
    const { person } = this.#rows.parse(joined.document);
    const wasRevoked = await this.isRevoked(person);
    try {
      return await this.#judge.check(joined);
    } catch (error) {
      const hey = !wasRevoked && await this.isRevoked(person)
        ? await this.parts.store.get<EntryRow>(entryKey({ person, pod: HEY }))
        : undefined;
      if (hey?.value.passedOn !== undefined) {
        await this.tellAgain(this.#rows.open(hey.value).behalf);
      }
      throw error;
    }
  }

  async #alone<Done>(go: () => Promise<Done>): Promise<Done> {
    const turn = this.#turn.then(go);
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  /** @throws {PeriError} what senders are told of a pod whose newest behalf is not in force. */
  async refuse(entry: Known): Promise<void> {
    await this.#revocations.refuse(entry.behalf);
    await this.#inForce(entry);
  }

  /** Tells friends of an entry once more: of our own in a notice, of one passed on when they read. */
  async tellAgain(ref: PodRef): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await this.parts.store.get<EntryRow>(entryKey(ref));
      if (found === undefined) return;
      const row = this.#rows.open(found.value);
      const introduction = await this.#revocations.marked(ref.person, row.introduction);
      const known = { behalf: row.behalf, introduction };
      const from = found.value.passedOn === undefined ? FROM_SELF : found.value.from;
      const change = await this.#entryChange(known, { from, atMs: found.value.atMs, found });
      if (await this.parts.store.commit(change)) return;
    }
    throw contended(ref);
  }

  /** Forgets a pod. Friends are told nothing: what they know ends with its behalf. */
  async forget(ref: PodRef): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await this.parts.store.get<EntryRow>(entryKey(ref));
      if (found === undefined || await this.#drop(found)) return;
    }
    throw contended(ref);
  }

  /** All entries, or those of one person, in order of address. */
  async *list(person?: Fingerprint): AsyncGenerator<BookEntry> {
    const prefix = person === undefined ? ["book"] : ["book", person];
    for await (const { value } of this.#all<EntryRow>(prefix)) yield this.#rows.open(value);
  }

  /** What is known of a person. */
  async person(person: Fingerprint): Promise<Person | undefined> {
    const found = await this.parts.store.get<PersonRow>(["person", person]);
    return found && personOf(found);
  }

  /** Everybody the book has heard of. */
  async *people(): AsyncGenerator<Person> {
    for await (const found of this.#all<PersonRow>(["person"])) yield personOf(found);
  }

  /** People whose user ids have the words of a text; see {@link findClaims}. */
  async claiming(text: string): Promise<Candidates> {
    return await findClaims(this.parts.store, text);
  }

  /** People whose fingerprint begins or ends with these upper-case digits. */
  async withDigits(digits: string): Promise<Candidates> {
    return await findDigits(this.parts.store, digits);
  }

  /** Removes entries whose behalf expired `KEEP_EXPIRED_MS` ago, and people without entries. */
  async sweep(): Promise<number> {
    const before = this.parts.clock.nowMs() - KEEP_EXPIRED_MS;
    let swept = 0;
    for await (const found of this.#all<EntryRow>(["book"])) {
      if (found.value.expiresMs < before && await this.#drop(found)) swept++;
    }
    return swept;
  }

  /** What is kept of this very introduction, when it would be found good again. */
  async #kept(introduction: Introduction): Promise<BookEntry | undefined> {
    const known = await this.entry(this.#rows.parse(introduction.document));
    const isSame = known !== undefined && sameIntroduction(known.introduction, introduction);
    if (!isSame || await this.isRevoked(known.behalf.person)) return undefined;
    return known.behalf.expiresMs > this.parts.clock.nowMs() ? known : undefined;
  }

  async #keep(offered: Known, from: string): Promise<Known> {
    const { store, clock } = this.parts;
    const atMs = clock.nowMs();
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await store.get<EntryRow>(entryKey(offered.behalf));
      const known = found && this.#rows.open(found.value);
      const isKnown = known !== undefined && newer(known, offered) === known;
      const isNews = known !== undefined &&
        (saysMore(known, offered) || isNearer(known, offered, from));
      if (isKnown && !isNews) return known;
      const { endpoint } = offered.behalf;
      // A certificate that says more does not change who told the behalf, but its home does.
      const teller = isKnown && !isNearer(known, offered, from) ? known.from : from;
      const account = accountAfter(teller, endpoint, found?.value.account);
      if (account === STRANGERS) await this.#makeRoom(offered, found?.value);
      const after = offered.introduction;
      const changes = await Promise.all([
        this.#entryChange(offered, { from: teller, atMs, found }),
        accountChange(store, offered.behalf, { account, atMs, before: found?.value, after }),
        this.#personChange(offered),
      ]);
      if (!await store.commit(mergeChanges(changes))) continue;
      this.parts.learned?.(offered.behalf, known);
      return offered;
    }
    throw contended(offered.behalf);
  }

  async #makeRoom({ behalf, introduction }: Known, before: EntryRow | undefined): Promise<void> {
    const { store } = this.parts;
    const isNew = before === undefined;
    const weight = weightOn(STRANGERS, introduction) - (isNew ? 0 : weightOn(STRANGERS, before));
    for (let room = 0; weight > 0 && room < weight + 1; room++) {
      const ref = await crowdedOut(store, behalf.person, { weight, isNew });
      const found = ref && await store.get<EntryRow>(entryKey(ref));
      if (found === undefined) return;
      await this.#drop(found);
    }
  }

  async #inForce(known: Known): Promise<Known> {
    const { behalf } = known;
    if (await this.isInForce(behalf)) return known;
    // What a person calls themselves, for those who are to ask them.
    throw notInForce(behalf, (await this.person(behalf.person))?.userIds[0]);
  }

  async #entryChange(
    { behalf, introduction }: Known,
    { from, atMs, found }: {
      readonly from: string;
      readonly atMs: number;
      readonly found: Entry<EntryRow> | undefined;
    },
  ): Promise<Change> {
    const key = entryKey(behalf);
    const before = found?.value;
    const account = accountAfter(from, behalf.endpoint, before?.account);
    const nowMs = this.parts.clock.nowMs();
    const placed = await this.places.plan(behalf, { from, account, before, nowMs });
    const row: EntryRow = {
      ...introduction,
      expiresMs: behalf.expiresMs,
      from: from.slice(0, MAX_FROM_LENGTH),
      atMs,
      sinceMs: before?.sinceMs ?? before?.atMs ?? atMs,
      account,
      ...placed.row,
    };
    const checks = [{ key, version: found?.version ?? null }];
    return mergeChanges([{ checks, puts: [{ key, value: row }] }, placed.change]);
  }

  async #personChange({ behalf, introduction }: Known): Promise<Change> {
    const key: Key = ["person", behalf.person];
    const found = await this.parts.store.get<PersonRow>(key);
    const isSame = found !== undefined &&
      equalBytes(found.value.certificate, introduction.certificate);
    if (isSame && found.value.issuedMs >= behalf.issuedMs) return {};
    const { userIds } = await this.parts.pgp.inspect(introduction.certificate);
    const row: PersonRow = {
      certificate: introduction.certificate,
      userIds: shownUserIds(userIds),
      issuedMs: Math.max(behalf.issuedMs, found?.value.issuedMs ?? 0),
    };
    return mergeChanges([
      { checks: [{ key, version: found?.version ?? null }], puts: [{ key, value: row }] },
      claimChange(behalf.person, found?.value.userIds, row.userIds),
    ]);
  }

  async #drop({ key, value, version }: Entry<EntryRow>): Promise<boolean> {
    const { store } = this.parts;
    const person = key[1] as Fingerprint;
    const ref = { person, pod: key[2] as PodName };
    return await store.commit(
      mergeChanges([
        { checks: [{ key, version }], deletes: [key] },
        await countChange(store, value.account, -weightOn(value.account, value)),
        value.account === STRANGERS ? strangerGone(ref, value.atMs) : {},
        await this.places.planGone(value),
        await this.#personGone(person),
      ]),
    );
  }

  /** What goes with the last entry of a person. */
  async #personGone(person: Fingerprint): Promise<Change> {
    const { store } = this.parts;
    const entries = await store.list({ prefix: ["book", person], limit: 2 });
    if (entries.length > 1) return {};
    const userIds = (await this.person(person))?.userIds;
    const claims = claimChange(person, userIds ?? [], undefined);
    return mergeChanges([{ deletes: [["person", person]] }, claims]);
  }

  async *#all<Row>(prefix: Key): AsyncGenerator<Entry<Row>> {
    let start: { readonly start?: Key } = {};
    for (;;) {
      const rows = await this.parts.store.list<Row>({ prefix, ...start, limit: PAGE });
      yield* rows;
      if (rows.length < PAGE) return;
      start = { start: behind(rows.at(-1)!.key) };
    }
  }
}
