/**
 * How many dead letters each pod keeps: bounded, the oldest go first.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { toPeriError } from "../model/errors.ts";
import { MAX_DEAD_LETTERS } from "../model/limits.ts";
import { formatPodRef, type PodRef } from "../model/words.ts";
import type { Log } from "../ports/log.ts";
import type { Key, Store } from "../ports/store.ts";
import { decodeDead, keys } from "./rows.ts";
import { pagesOf } from "./pages.ts";

/** So many over the bound are waited for, so that not every loss reads all of them. */
const SLACK = 64;

/** Counts dead letters of all pods that live here. */
export class DeadLetters {
  readonly #store: Store;
  readonly #log: Log;
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  /** @param most dead letters kept per pod */
  constructor(store: Store, log: Log, most = MAX_DEAD_LETTERS) {
    this.#store = store;
    this.#log = log;
    this.#most = most;
  }

  /**
   * So many more are on disk. Never rejects: the letters are safe, and what is too much goes with
   * one of the next.
   */
  async added(pod: PodRef, count: number): Promise<void> {
    if (count === 0) return;
    const name = formatPodRef(pod);
    try {
      const known = this.#counts.get(name);
      const now = known === undefined ? await this.#count(pod) : known + count;
      this.#counts.set(name, now > this.#most + SLACK ? await this.#trim(pod) : now);
    } catch (error) {
      this.#counts.delete(name);
      const fields = { pod: name };
      this.#log.error("dead letters not counted", toPeriError(error, "count letters"), fields);
    }
  }

  /** Forgets what was counted: letters went another way. */
  drop(pod: PodRef): void {
    this.#counts.delete(formatPodRef(pod));
  }

  async #count(pod: PodRef): Promise<number> {
    let count = 0;
    for await (const _ of pagesOf<Bytes>(this.#store, keys.deads(pod))) count++;
    return count;
  }

  /** Removes the oldest over the bound. Returns how many stay. */
  async #trim(pod: PodRef): Promise<number> {
    const letters: { readonly key: Key; readonly atMs: number }[] = [];
    for await (const { key, value } of pagesOf<Bytes>(this.#store, keys.deads(pod))) {
      letters.push({ key, atMs: decodeDead(value).atMs });
    }
    letters.sort((a, b) => a.atMs - b.atMs);
    const gone = letters.slice(0, Math.max(0, letters.length - this.#most)).slice(0, 1000);
    if (gone.length === 0) return letters.length;
    await this.#store.commit({ deletes: gone.map(({ key }) => key) });
    const fields = { pod: formatPodRef(pod), count: gone.length, kept: this.#most };
    this.#log.warn("oldest dead letters dropped", fields);
    return letters.length - gone.length;
  }
}
