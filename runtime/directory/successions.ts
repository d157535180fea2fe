/**
 * Who has taken the place of whom, and who may say so: the lineages of people in the book
 * (PROTOCOL.md, "Succession").
 *
 * Rows: `["lineage", person]` what is known, `["lineages", account]` of how many people by whose
 * telling, `["heir", person]` the successor that counts, and `["follow", person]` that what this
 * periphery keeps of a person has yet to go to the successor.
 *
 * @module
 */

import { checkLineage, type HeldLineage, subjectOf } from "../identity/succession/check.ts";
import { encodeHeld, openHeld } from "../identity/succession/held.ts";
import {
  areAtOdds,
  isSameLineage,
  joinLineages,
  successionOf,
} from "../identity/succession/join.ts";
import { decodeLineage } from "../identity/succession/lineage.ts";
import { type Bytes, equalBytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { MAX_LINEAGES } from "../model/limits.ts";
import { type Fingerprint, formatFingerprint, formatPodRef, type PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Pgp } from "../ports/pgp.ts";
import { type Change, type Entry, type Key, mergeChanges, type Store } from "../ports/store.ts";
import { behind } from "./entry.ts";
import { Heirs } from "./heirs.ts";
import {
  accountOfPerson,
  comeChange,
  followKey,
  goneChange,
  heirChange,
  type KnownLineage,
  lineageKey,
  type LineageRow,
  openRow,
} from "./lineages.ts";

/** Somebody whose names and friendship have yet to go from one key to the next. */
export interface Follow {
  readonly person: Fingerprint;
  /** Who stood there before: the person, or a successor that another one has overridden. */
  readonly before: Fingerprint;
}

/** What successions are kept with. */
export interface SuccessionParts {
  readonly store: Store;
  readonly pgp: Pgp;
  readonly clock: Clock;
  /** Whether a person's key is known to be revoked. */
  isRevoked(person: Fingerprint): Promise<boolean>;
  /** A person has another successor than before; it is on disk by then. */
  followed?(): void;
  /** Whether a person is at home on this server: no stranger then, though they may have no pods. */
  livesHere?(person: Fingerprint): boolean;
  /** Lineages of people whom one friend's server, or strangers, have told of; absent: `MAX_LINEAGES`. */
  readonly most?: number;
}

const OP = "learn a succession";
/** Rows read at once. */
const PAGE = 1_000;
/** Of these, lineages, which are large. */
const LINEAGE_PAGE = 100;
/** Times a change is tried again when another process was faster. */
const MAX_TRIES = 20;

/** Lineages that this periphery has heard of. */
export class Successions {
  #heirs: Promise<Heirs> | undefined;
  /** Changes take turns within this process; checks in the commit see to other processes. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: SuccessionParts) {}

  /** What is known of a person. */
  async of(person: Fingerprint): Promise<KnownLineage | undefined> {
    const found = await this.parts.store.get<LineageRow>(lineageKey(person));
    return found && openRow(person, found.value);
  }

  /** Who a person is now: the last of those who have followed, or the person. */
  async heirOf(person: Fingerprint): Promise<Fingerprint> {
    return (await this.#all()).lastOf(person);
  }

  /** An address as it leads now. */
  async current(ref: PodRef): Promise<PodRef> {
    const person = await this.heirOf(ref.person);
    return person === ref.person ? ref : { person, pod: ref.pod };
  }

  /** Keys in whose place a person stands, the latest first; at most `MAX_SUCCESSORS` of them. */
  async formersOf(person: Fingerprint): Promise<Fingerprint[]> {
    return (await this.#all()).formersOf(person);
  }

  /** Keys that were left because others may sign with them: what they certify counts no more. */
  async stolen(): Promise<ReadonlySet<Fingerprint>> {
    return (await this.#all()).stolen;
  }

  /** @throws {PeriError} `denied` when another key has taken the place of this behalf's person. */
  async refuse(ref: PodRef): Promise<void> {
    const heir = await this.heirOf(ref.person);
    if (heir === ref.person) return;
    throw new PeriError("denied", {
      op: "check a behalf",
      subject: `${formatPodRef(ref)}: ${formatFingerprint(heir)} has taken the place of that key`,
    });
  }

  /**
   * Lineages of these people and of those in whose place they stand, for others to hear of; as many
   * as fit.
   */
  async about(people: Iterable<Fingerprint>, maxBytes: number): Promise<Bytes[]> {
    const all = new Set<Fingerprint>();
    for (const person of people) {
      all.add(person);
      for (const former of await this.formersOf(person)) all.add(former);
    }
    const found: Bytes[] = [];
    let left = maxBytes;
    for (const person of all) {
      const row = await this.parts.store.get<LineageRow>(lineageKey(person));
      if (row === undefined || row.value.bytes.length > left) continue;
      left -= row.value.bytes.length;
      found.push(row.value.bytes);
    }
    return found;
  }

  /**
   * Checks a lineage and keeps what it adds; on disk when it resolves. Returns what is known then.
   *
   * @throws {PeriError} `not-found` when nothing is known of its person, so that nobody is filled with
   * strangers; `over-quota` when whoever told of the person has filled their part; `denied`, `damaged`,
   * `too-large` for what does not hold; `conflict` when it would close a circle.
   */
  async learn(bytes: Bytes): Promise<KnownLineage> {
    const { pgp, clock, store } = this.parts;
    const lineage = decodeLineage(bytes);
    const person = subjectOf(lineage);
    const found = await store.get<LineageRow>(lineageKey(person));
    if (found !== undefined && equalBytes(found.value.bytes, bytes)) {
      return openRow(person, found.value);
    }
    // First, so that strangers cost no signature.
    if (found === undefined) await this.#refuseStranger(person);
    const offered = await checkLineage(pgp, lineage, clock.nowMs());
    const turn = this.#turn.then(() => this.#keep(offered));
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  /** People whose names and friendship have yet to go to their successor. */
  async follows(): Promise<Follow[]> {
    const rows = await this.parts.store.list<Fingerprint>({ prefix: ["follow"], limit: PAGE });
    return rows.map(({ key, value }) => ({ person: key[1] as Fingerprint, before: value }));
  }

  /** What there was to follow has been done. */
  async settled({ person, before }: Follow): Promise<void> {
    const key = followKey(person);
    const found = await this.parts.store.get<Fingerprint>(key);
    if (found?.value !== before) return;
    const checks = [{ key, version: found.version }];
    await this.parts.store.commit({ checks, deletes: [key] });
  }

  /**
   * Lets go of what is known of people who have left the book, with all who have followed them: who
   * told of them can tell of others.
   */
  async sweep(): Promise<void> {
    for (let start: { start?: Key } = {};;) {
      const asked = { prefix: ["lineage"], ...start, limit: LINEAGE_PAGE };
      const rows = await this.parts.store.list<LineageRow>(asked);
      for (const row of rows) {
        const turn = this.#turn.then(() => this.#drop(row));
        this.#turn = turn.catch(() => undefined);
        await turn;
      }
      if (rows.length < LINEAGE_PAGE) return;
      start = { start: behind(rows.at(-1)!.key) };
    }
  }

  async #drop(row: Entry<LineageRow>): Promise<void> {
    const heirs = await this.#all();
    const person = row.key[1] as Fingerprint;
    const line = [person, ...heirs.followersOf(person)];
    if (line.some((each) => this.parts.livesHere?.(each))) return;
    const change = await goneChange(this.parts.store, row, line);
    if (change !== undefined && await this.parts.store.commit(change)) heirs.set(person, undefined);
  }

  async #keep(offered: HeldLineage): Promise<KnownLineage> {
    const { person } = offered;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await this.parts.store.get<LineageRow>(lineageKey(person));
      if (found === undefined) await this.#refuseStranger(person);
      const known = found && openRow(person, found.value);
      const row = await this.#rowOf(known, offered);
      if (row === undefined) return known!;
      const joined = openRow(person, row);
      await this.#refuseCircle(joined);
      if (!await this.#commit(found, known, joined, row)) continue;
      return joined;
    }
    const subject = `${person} is changed by others at the same time`;
    throw new PeriError("busy", { op: OP, subject });
  }

  /** The row after a lineage has come; none when it says nothing new. */
  async #rowOf(
    known: KnownLineage | undefined,
    offered: HeldLineage,
  ): Promise<LineageRow | undefined> {
    const { person } = offered;
    const heard = await this.parts.isRevoked(person) ? ofRevoked(offered, known) : offered;
    const nothing: HeldLineage = { person, recoveries: [], successions: [] };
    const bytes = encodeHeld(joinLineages(known ?? nothing, heard));
    const isDisputed = known !== undefined && (known.isDisputed || areAtOdds(known, offered));
    const isSame = isSameLineage(known ?? nothing, openHeld(person, bytes));
    if (isSame && isDisputed === (known?.isDisputed ?? false)) {
      if (known !== undefined) return undefined;
      const subject = `the key ${person} is revoked, and had named no recovery that is known here`;
      throw new PeriError("denied", { op: OP, subject });
    }
    const dispute = isDisputed ? { isDisputed: true as const } : {};
    return { bytes, ...dispute };
  }

  async #refuseStranger(person: Fingerprint): Promise<void> {
    if (this.parts.livesHere?.(person)) return;
    if (await this.parts.store.get(["person", person]) !== undefined) return;
    const subject = `nothing is known of ${person}`;
    throw new PeriError("not-found", { op: OP, subject });
  }

  async #refuseCircle(joined: HeldLineage): Promise<void> {
    const to = successionOf(joined)?.to;
    if (to === undefined) return;
    if ((await this.#all()).lastOf(to, joined.person) !== joined.person) return;
    const subject = `${joined.person} has taken the place of ${to} itself`;
    throw new PeriError("conflict", { op: OP, subject });
  }

  async #commit(
    found: Entry<LineageRow> | undefined,
    known: KnownLineage | undefined,
    joined: KnownLineage,
    row: LineageRow,
  ): Promise<boolean> {
    const { person } = joined;
    const heirs = await this.#all();
    const before = known && successionOf(known)?.to;
    const heir = successionOf(joined)?.to;
    const { account, change } = await this.#partOf(person, found);
    const value: LineageRow = { ...row, ...(account && { account }) };
    const key = lineageKey(person);
    const written = {
      checks: [{ key, version: found?.version ?? null }],
      puts: [{ key, value }],
    };
    const whole = mergeChanges([written, heirChange(person, before, heir), change]);
    if (!await this.parts.store.commit(whole)) return false;
    heirs.set(person, successionOf(joined));
    if (heir !== before) this.parts.followed?.();
    return true;
  }

  /**
   * Whose part a lineage is on, where a new one is one more. What is known is never let go of for
   * others: who fills a book with people of their own would have it believe a stolen key again.
   */
  async #partOf(
    person: Fingerprint,
    found: Entry<LineageRow> | undefined,
  ): Promise<{ readonly account?: string | undefined; readonly change: Change }> {
    const { store, most = MAX_LINEAGES } = this.parts;
    if (found !== undefined) return { account: found.value.account, change: {} };
    if (this.parts.livesHere?.(person)) return { change: {} };
    const account = await accountOfPerson(store, person);
    return { account, change: await comeChange(store, account, most) };
  }

  async #all(): Promise<Heirs> {
    this.#heirs ??= this.#read().catch((error: unknown) => {
      this.#heirs = undefined;
      throw error;
    });
    return await this.#heirs;
  }

  async #read(): Promise<Heirs> {
    const heirs = new Heirs();
    for (let start: { start?: Key } = {};;) {
      const asked = { prefix: ["heir"], ...start, limit: PAGE };
      const rows = await this.parts.store.list<Fingerprint>(asked);
      for (const { key } of rows) {
        const known = await this.of(key[1] as Fingerprint);
        heirs.set(key[1] as Fingerprint, known && successionOf(known));
      }
      if (rows.length < PAGE) return heirs;
      start = { start: behind(rows.at(-1)!.key) };
    }
  }
}

/** What a revoked key says now it may have said in its thief's hands: a first recovery, too. */
function ofRevoked(offered: HeldLineage, known: HeldLineage | undefined): HeldLineage {
  const recoveries = known?.recoveries.length ? offered.recoveries : [];
  const successions = offered.successions.filter(({ succession }) => succession.by !== "key");
  return { ...offered, recoveries, successions };
}
