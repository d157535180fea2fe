/**
 * The book: every behalf this periphery has been told of and found good, the newest of each pod.
 *
 * Rows: `["book", person, pod]` an entry, `["person", person]` a person's certificate, all that was
 * ever learned of it, `["revoked", person]` that it is revoked, `["told", account]` how many entries
 * came from there, `["publish", n]` which of our own entries changed, in order, for friends to be
 * told; those of strangers stand in `strangers.ts`.
 *
 * @module
 */

import { type Behalf, type Introduction, type Known, parseBehalf } from "../identity/behalf.ts";
import { newer, sameIntroduction } from "../identity/introduction.ts";
import { equalBytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { KEEP_EXPIRED_MS } from "../model/limits.ts";
import { type Fingerprint, formatPodRef, type PodName, type PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Pgp } from "../ports/pgp.ts";
import { type Change, type Entry, type Key, mergeChanges, type Store } from "../ports/store.ts";
import {
  behind,
  type BookEntry,
  entryKey,
  type EntryRow,
  openRow,
  type Person,
  personOf,
  type PersonRow,
  shownUserIds,
} from "./entry.ts";
import { Judge } from "./judge.ts";
import { Revocations } from "./revoked.ts";
import { accountAfter, accountChange, crowdedOut, strangerGone } from "./strangers.ts";
import { accountOf, countChange, FROM_SELF, MAX_FROM_LENGTH, STRANGERS } from "./told.ts";

/** One of our own entries that changed; `place` rises with every change. */
export interface Changed {
  readonly place: number;
  readonly ref: PodRef;
}

/** What a book works with. */
export interface BookParts {
  readonly store: Store;
  readonly pgp: Pgp;
  readonly clock: Clock;
  /** Told of every behalf that came to be known; it is on disk by then. */
  learned?(behalf: Behalf): void;
}

/** Entries read at once when the book is gone through. */
const PAGE = 200;
/** Times a change is tried again when another process was faster. */
const MAX_TRIES = 20;
/** The book of one periphery. */
export class Book {
  /** Changes take turns within this process; checks in the commit see to other processes. */
  #turn: Promise<unknown> = Promise.resolve();

  readonly #revocations: Revocations;
  readonly #judge: Judge;

  constructor(private readonly parts: BookParts) {
    const { pgp, clock } = parts;
    const revocations = this.#revocations = new Revocations(parts);
    this.#judge = new Judge({ pgp, clock, revocations, person: (person) => this.person(person) });
  }

  /** Whether a person's key is known to be revoked. */
  async isRevoked(person: Fingerprint): Promise<boolean> {
    return await this.#revocations.has(person);
  }

  /** The entry of a pod, in force or not. */
  async entry(ref: PodRef): Promise<BookEntry | undefined> {
    const found = await this.parts.store.get<EntryRow>(entryKey(ref));
    return found && openRow(found.value);
  }

  /** The behalf in force of a pod. */
  async recall(ref: PodRef): Promise<Known | undefined> {
    const entry = await this.entry(ref);
    return entry !== undefined && await this.isInForce(entry.behalf) ? entry : undefined;
  }

  /** Whether a behalf that was checked once is still in force. */
  async isInForce({ person, expiresMs }: Behalf): Promise<boolean> {
    return expiresMs > this.parts.clock.nowMs() && !await this.isRevoked(person);
  }

  /** What others are to be told of a pod: its behalf in force, or that its person's key is revoked. */
  async published(entry: BookEntry): Promise<Introduction | undefined> {
    if (!await this.isRevoked(entry.behalf.person)) {
      return await this.isInForce(entry.behalf) ? entry.introduction : undefined;
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
    return await this.#kept(joined) ?? await this.#judge.check(joined);
  }

  /**
   * Checks an introduction and keeps it when it is newer; on disk when it resolves. Returns what is
   * in force afterwards. An older serial never comes back, even when the newer one has expired. What
   * the certificate says is added to what is known of the person; that its key is revoked is kept,
   * too, and the introduction is then `denied`, as is every later one of that person.
   *
   * @throws {PeriError} `denied`, `expired`, `damaged`, `too-large` for what is not good,
   * `conflict` when another behalf with this serial is known, `over-quota` when the friend who
   * told it has filled its part of the book.
   */
  async learn(introduction: Introduction, from: string): Promise<Known> {
    const joined = await this.#judge.join(introduction);
    const kept = await this.#kept(joined);
    if (kept !== undefined) return kept;
    const checked = await this.#judge.check(joined);
    const turn = this.#turn.then(() => this.#keep(checked, from));
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  /** Tells friends of an entry of our own once more. */
  async tellAgain(ref: PodRef): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await this.parts.store.get<EntryRow>(entryKey(ref));
      if (found === undefined) return;
      const row = openRow(found.value);
      const introduction = await this.#revocations.marked(ref.person, row.introduction);
      const known = { behalf: row.behalf, introduction };
      const change = await this.#entryChange(known, FROM_SELF, found.value.atMs, found);
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
    for await (const { value } of this.#rows<EntryRow>(prefix)) yield openRow(value);
  }

  /** Entries after an address, at most `limit` of them; whether there may be more. */
  async page(
    after: PodRef | undefined,
    limit: number,
  ): Promise<{ readonly entries: readonly BookEntry[]; readonly isLast: boolean }> {
    const start = after === undefined ? {} : { start: behind(entryKey(after)) };
    const rows = await this.parts.store.list<EntryRow>({ prefix: ["book"], ...start, limit });
    return { entries: rows.map(({ value }) => openRow(value)), isLast: rows.length < limit };
  }

  /** What is known of a person. */
  async person(person: Fingerprint): Promise<Person | undefined> {
    const found = await this.parts.store.get<PersonRow>(["person", person]);
    return found && personOf(found);
  }

  /** Everybody the book has heard of. */
  async *people(): AsyncGenerator<Person> {
    for await (const found of this.#rows<PersonRow>(["person"])) yield personOf(found);
  }

  /** Our own entries that changed after a place, oldest first, at most `limit`. */
  async changed(after: number, limit: number): Promise<Changed[]> {
    const rows = await this.parts.store.list<PodRef>({
      prefix: ["publish"],
      start: ["publish", after + 1],
      limit,
    });
    return rows.map(({ key, value }) => ({ place: Number(key[1]), ref: value }));
  }

  /** Removes entries whose behalf expired `KEEP_EXPIRED_MS` ago, and people without entries. */
  async sweep(): Promise<number> {
    const before = this.parts.clock.nowMs() - KEEP_EXPIRED_MS;
    let swept = 0;
    for await (const found of this.#rows<EntryRow>(["book"])) {
      if (found.value.expiresMs < before && await this.#drop(found)) swept++;
    }
    return swept;
  }

  /** What is kept of this very introduction, when it is in force. */
  async #kept(introduction: Introduction): Promise<Known | undefined> {
    const known = await this.entry(parseBehalf(introduction.document));
    const isSame = known !== undefined && sameIntroduction(known.introduction, introduction);
    return isSame && await this.isInForce(known.behalf) ? known : undefined;
  }

  async #keep(offered: Known, from: string): Promise<Known> {
    const { store, clock } = this.parts;
    const atMs = clock.nowMs();
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await store.get<EntryRow>(entryKey(offered.behalf));
      const known = found && openRow(found.value);
      const isKnown = known !== undefined && newer(known, offered) === known;
      if (isKnown && !saysMore(known, offered)) return await this.#inForce(known);
      if (found === undefined && accountOf(from) === STRANGERS) await this.#makeRoom(offered);
      // A certificate that says more does not change who told the behalf.
      const teller = isKnown && from !== FROM_SELF ? found!.value.from : from;
      const changes = await Promise.all([
        this.#entryChange(offered, teller, atMs, found),
        accountChange(store, offered.behalf, { from: teller, atMs, before: found?.value }),
        this.#personChange(offered),
      ]);
      if (!await store.commit(mergeChanges(changes))) continue;
      this.parts.learned?.(offered.behalf);
      return offered;
    }
    throw contended(offered.behalf);
  }

  async #makeRoom({ behalf }: Known): Promise<void> {
    const { store } = this.parts;
    const ref = await crowdedOut(store, behalf.person);
    const found = ref && await store.get<EntryRow>(entryKey(ref));
    if (found !== undefined) await this.#drop(found);
  }

  async #inForce(known: Known): Promise<Known> {
    if (await this.isInForce(known.behalf)) return known;
    throw new PeriError("expired", {
      op: "learn a behalf",
      subject: `serial ${known.behalf.serial} of ${formatPodRef(known.behalf)}, which expired, ` +
        "is newer",
      hint: "its person can issue a new one: peri pod renew",
    });
  }

  async #entryChange(
    { behalf, introduction }: Known,
    from: string,
    atMs: number,
    found: Entry<EntryRow> | undefined,
  ): Promise<Change> {
    const key = entryKey(behalf);
    const row: EntryRow = {
      ...introduction,
      expiresMs: behalf.expiresMs,
      from: from.slice(0, MAX_FROM_LENGTH),
      atMs,
      account: accountAfter(from, found?.value.account),
    };
    const checks = [{ key, version: found?.version ?? null }];
    if (from !== FROM_SELF) return { checks, puts: [{ key, value: row }] };
    const place = await this.#nextPlace();
    const mark: Key = ["publish", place];
    const old = found?.value.place;
    return {
      checks: [...checks, { key: mark, version: null }],
      puts: [
        { key, value: { ...row, place } },
        { key: mark, value: { person: behalf.person, pod: behalf.pod } },
      ],
      deletes: old === undefined ? [] : [["publish", old]],
    };
  }

  /** Places are never used twice: the last mark is only removed together with a new one. */
  async #nextPlace(): Promise<number> {
    const last = await this.parts.store.list({ prefix: ["publish"], limit: 1, reverse: true });
    return Number(last[0]?.key[1] ?? 0) + 1;
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
    return { checks: [{ key, version: found?.version ?? null }], puts: [{ key, value: row }] };
  }

  async #drop({ key, value, version }: Entry<EntryRow>): Promise<boolean> {
    const person = key[1] as Fingerprint;
    const others = await this.parts.store.list({ prefix: ["book", person], limit: 2 });
    const deletes: Key[] = others.length < 2 ? [key, ["person", person]] : [key];
    const counted = await countChange(this.parts.store, value.account, -1);
    const ref = { person, pod: key[2] as PodName };
    const gone = value.account === STRANGERS ? strangerGone(ref, value.atMs) : {};
    return await this.parts.store.commit(
      mergeChanges([counted, gone, { checks: [{ key, version }], deletes }]),
    );
  }

  async *#rows<Row>(prefix: Key): AsyncGenerator<Entry<Row>> {
    let start: { readonly start?: Key } = {};
    for (;;) {
      const rows = await this.parts.store.list<Row>({ prefix, ...start, limit: PAGE });
      yield* rows;
      if (rows.length < PAGE) return;
      start = { start: behind(rows.at(-1)!.key) };
    }
  }
}

/** Whether one introduction of the same behalf has another certificate, which was joined. */
function saysMore(known: Known, offered: Known): boolean {
  const [a, b] = [known.introduction, offered.introduction];
  return a.document === b.document && !equalBytes(a.certificate, b.certificate);
}

function contended(ref: { readonly person: Fingerprint; readonly pod: PodName }): PeriError {
  return new PeriError("busy", {
    op: "change the book",
    subject: `${formatPodRef(ref)} is changed by others at the same time`,
  });
}
