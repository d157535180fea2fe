/**
 * What friends are to hear of, in the order in which it changed: our own entries, which they are told
 * in notices, and those that are passed on for friends, which they read.
 *
 * Rows `["publish", place]` and `["pass", place]`, each the pod that changed then. A place is the time
 * of the change, or the one after the last: so it rises even when the disk comes back from an older
 * copy, and whoever has read up to a place misses nothing that is newer.
 *
 * @module
 */

import type { Behalf } from "../identity/behalf.ts";
import { MAX_PASSED_ON_PER_FRIEND } from "../model/limits.ts";
import { parsePodName, type PodRef } from "../model/words.ts";
import { type Change, type Key, mergeChanges, type Store } from "../ports/store.ts";
import type { EntryRow } from "./entry.ts";
import { countChange, countOf, FROM_SELF, isOfFriend } from "./told.ts";

/** The pod every person has, at home; its behalf is what friends pass on. */
export const HEY = parsePodName("hey");

/** An entry that changed; `place` rises with every change. */
export interface Changed {
  readonly place: number;
  readonly ref: PodRef;
}

/** Changes after a place. */
export interface Changes {
  readonly changes: readonly Changed[];
  /** Up to where this is all. */
  readonly through: number;
  readonly isLast: boolean;
}

const OWN = "publish";
const PASSED = "pass";
type Log = typeof OWN | typeof PASSED;

/** What an entry's row says of its place, and what goes with it into the commit. */
export interface Placed {
  readonly row: Pick<EntryRow, "place" | "passedOn">;
  readonly change: Change;
}

/** The entries that friends hear of, in order of change. */
export class Places {
  constructor(private readonly store: Store) {}

  /**
   * A new place for an entry that changes: when it is our own, or a hey pod that a friend has told
   * of who lives at its server, as far as that friend's part goes. One that was passed on before
   * goes on being so, wherever it lives by now.
   */
  async plan(
    behalf: Behalf,
    { from, account, before, nowMs }: {
      readonly from: string;
      readonly account: string;
      readonly before: EntryRow | undefined;
      readonly nowMs: number;
    },
  ): Promise<Placed> {
    if (from === FROM_SELF) return await this.#placed(OWN, behalf, before, nowMs);
    const passedOn = before?.passedOn ?? await this.#roomFor(behalf, account);
    if (behalf.pod !== HEY || passedOn === undefined) return { row: {}, change: {} };
    const placed = await this.#placed(PASSED, behalf, before, nowMs);
    const isNew = before?.passedOn === undefined;
    const counted = isNew ? await countChange(this.store, passedOn, 1) : {};
    return { row: { ...placed.row, passedOn }, change: mergeChanges([placed.change, counted]) };
  }

  /** What goes with the removal of an entry. */
  async planGone({ place, passedOn }: EntryRow): Promise<Change> {
    const log = passedOn === undefined ? OWN : PASSED;
    return mergeChanges([
      passedOn === undefined ? {} : await countChange(this.store, passedOn, -1),
      // The last place of all stays, so that none is given twice.
      place === undefined || place === await this.#last() ? {} : { deletes: [[log, place]] },
    ]);
  }

  /** Our own entries that changed after a place, oldest first. */
  async own(after: number, limit: number): Promise<Changed[]> {
    return await this.#list(OWN, after, limit);
  }

  /** All that friends may hear of that changed after a place, oldest first. */
  async all(after: number, limit: number): Promise<Changes> {
    const [own, passed] = await Promise.all([
      this.#list(OWN, after, limit),
      this.#list(PASSED, after, limit),
    ]);
    const changes = [...own, ...passed].sort((a, b) => a.place - b.place).slice(0, limit);
    const isLast = own.length + passed.length === changes.length && changes.length < limit;
    return { changes, through: changes.at(-1)?.place ?? after, isLast };
  }

  async #list(log: Log, after: number, limit: number): Promise<Changed[]> {
    const start = [log, after + 1];
    const rows = await this.store.list<PodRef>({ prefix: [log], start, limit });
    return rows.map(({ key, value }) => ({ place: Number(key[1]), ref: value }));
  }

  async #placed(
    log: Log,
    { person, pod }: PodRef,
    before: EntryRow | undefined,
    nowMs: number,
  ): Promise<Placed> {
    const place = Math.max(await this.#last() + 1, Math.floor(nowMs));
    const key: Key = [log, place];
    const old = before?.place === undefined
      ? []
      : [[before.passedOn === undefined ? OWN : PASSED, before.place]];
    const puts = [{ key, value: { person, pod } }];
    return {
      row: { place },
      change: { checks: [{ key, version: null }], puts, deletes: old },
    };
  }

  async #last(): Promise<number> {
    const last = async (log: Log) => {
      const [row] = await this.store.list({ prefix: [log], limit: 1, reverse: true });
      return Number(row?.key[1] ?? 0);
    };
    return Math.max(await last(OWN), await last(PASSED));
  }

  async #roomFor({ pod }: Behalf, account: string): Promise<string | undefined> {
    if (pod !== HEY || !isOfFriend(account)) return undefined;
    const counter = `passed on, ${account}`;
    return await countOf(this.store, counter) < MAX_PASSED_ON_PER_FRIEND ? counter : undefined;
  }
}
