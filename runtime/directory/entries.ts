/**
 * The rows of the book, and how they change: what is written when something new is told of a pod, what
 * makes room for it, and what goes with the last entry of a person.
 *
 * Rows: `["book", person, pod]` an entry, `["person", person]` a person's certificate, all that was
 * ever learned of it, `["told", account]` how many entries came from there; what friends are to hear
 * of stands in `places.ts`, by what people are found in `claims.ts`, strangers in `strangers.ts`.
 *
 * @module
 */

import type { Behalf, Known } from "../identity/behalf.ts";
import { newer } from "../identity/introduction.ts";
import { equalBytes } from "../model/bytes.ts";
import { KEEP_EXPIRED_MS } from "../model/limits.ts";
import type { Fingerprint, PodName, PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Pgp } from "../ports/pgp.ts";
import { type Change, type Entry, type Key, mergeChanges, type Store } from "../ports/store.ts";
import { claimChange } from "./claims.ts";
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
import { Places } from "./places.ts";
import type { Revocations } from "./revoked.ts";
import { accountChange, crowdedOut, strangerGone, weightOn } from "./strangers.ts";
import { accountAfter, countChange, FROM_SELF, MAX_FROM_LENGTH, STRANGERS } from "./told.ts";

/** What entries are kept with. */
export interface EntriesParts {
  readonly store: Store;
  readonly pgp: Pgp;
  readonly clock: Clock;
  readonly revocations: Revocations;
  /** As of a book. */
  learned?(behalf: Behalf, before: BookEntry | undefined): void;
}

/** Entries read at once when the book is gone through. */
const PAGE = 200;
/** Times a change is tried again when another process was faster. */
const MAX_TRIES = 20;

/** Entries of one book; what is given to be kept has been checked. */
export class Entries {
  /** Changes take turns within this process; checks in the commit see to other processes. */
  #turn: Promise<unknown> = Promise.resolve();

  /** What friends are to hear of. */
  readonly places: Places;
  readonly #rows = new Rows();

  constructor(private readonly parts: EntriesParts) {
    this.places = new Places(parts.store);
  }

  /** Reads a behalf; one that is in use once. @throws {PeriError} `damaged`, `too-large`. */
  parse(document: string): Behalf {
    return this.#rows.parse(document);
  }

  /** The entry of a pod, in force or not. */
  async of(ref: PodRef): Promise<BookEntry | undefined> {
    const found = await this.parts.store.get<EntryRow>(entryKey(ref));
    return found && this.#rows.open(found.value);
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

  /**
   * Keeps an introduction that was checked when it says something new; on disk when it resolves.
   * Returns what is known then.
   *
   * @throws {PeriError} as `Book.take`, for what is good.
   */
  async keep(offered: Known, from: string): Promise<Known> {
    const turn = this.#turn.then(() => this.#keep(offered, from));
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  /** Has friends read an entry once more if it is one that is passed on to them. */
  async passOnAgain(ref: PodRef): Promise<void> {
    const found = await this.parts.store.get<EntryRow>(entryKey(ref));
    if (found?.value.passedOn !== undefined) await this.tellAgain(ref);
  }

  /** Tells friends of an entry once more: of our own in a notice, of one passed on when they read. */
  async tellAgain(ref: PodRef): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await this.parts.store.get<EntryRow>(entryKey(ref));
      if (found === undefined) return;
      const row = this.#rows.open(found.value);
      const introduction = await this.parts.revocations.marked(ref.person, row.introduction);
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

  /** Removes entries whose behalf expired `KEEP_EXPIRED_MS` ago, and people without entries. */
  async sweep(): Promise<number> {
    const before = this.parts.clock.nowMs() - KEEP_EXPIRED_MS;
    let swept = 0;
    for await (const found of this.#all<EntryRow>(["book"])) {
      if (found.value.expiresMs < before && await this.#drop(found)) swept++;
    }
    return swept;
  }

  async #keep(offered: Known, from: string): Promise<Known> {
    const { store, clock } = this.parts;
    const atMs = clock.nowMs();
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      // Somebody else may have said so since it was checked.
      await this.parts.revocations.refuse(offered.behalf);
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
      found === undefined ? this.parts.revocations.planCome(behalf.person) : {},
    ]);
  }

  async #drop({ key, value, version }: Entry<EntryRow>): Promise<boolean> {
    const { store, revocations } = this.parts;
    const person = key[1] as Fingerprint;
    const ref = { person, pod: key[2] as PodName };
    const change = mergeChanges([
      { checks: [{ key, version }], deletes: [key] },
      await countChange(store, value.account, -weightOn(value.account, value)),
      value.account === STRANGERS ? strangerGone(ref, value.atMs) : {},
      await this.places.planGone(value),
      await this.#personGone(person, value.account),
    ]);
    const isDone = await store.commit(change);
    if (isDone) await revocations.gone(person);
    return isDone;
  }

  /** What goes with the last entry of a person, which was on this account. */
  async #personGone(person: Fingerprint, account: string): Promise<Change> {
    const { store, revocations } = this.parts;
    const entries = await store.list({ prefix: ["book", person], limit: 2 });
    if (entries.length > 1) return {};
    const userIds = (await this.person(person))?.userIds;
    const claims = claimChange(person, userIds ?? [], undefined);
    const revoked = await revocations.planGone(person, account);
    return mergeChanges([{ deletes: [["person", person]] }, claims, revoked]);
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
