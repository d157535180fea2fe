/**
 * Who should find whom in the end, and whether they do.
 *
 * @module
 */

import {
  MAX_BOOK_PER_FRIEND,
  MAX_PASSED_ON_PER_FRIEND,
  MAX_RECHECK_FRIENDS,
} from "../../../runtime/model/limits.ts";
import type { Home } from "./home.ts";
import type { Somebody } from "./truth.ts";
import { type Folk, refOf } from "./folk.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** People whom each server looks for in the end. */
const SAMPLE = 8;

/** A server, and somebody whom it may find. */
interface Pair {
  readonly home: Home;
  readonly somebody: Somebody;
}

/** What is looked at when all has calmed down. */
export class Reckoning {
  readonly #folk: Folk;

  constructor(folk: Folk) {
    this.#folk = folk;
  }

  /** People look for those they may find, a day apart so that all are asked: all must be right. */
  async reckon(): Promise<number> {
    const reach = this.#sample(await this.#reach());
    // Of whom a liar has told after the first look, nobody is asked before the third.
    for (let day = 0; day < 2; day++) {
      await this.#lookAll(reach);
      await this.#folk.clock.advance(DAY_MS);
    }
    const warned = await this.#warned(reach);
    await this.#lookAll(reach);
    await this.#folk.clock.advance(HOUR_MS);
    let mayFind = 0;
    for (const pair of reach) {
      const { home, somebody } = pair;
      const found = await this.#folk.judge.find(home, refOf(somebody));
      if (warned.has(pair)) this.#folk.judge.judgeRevoked(home, somebody, found);
      else if (!somebody.isRevoked && this.#folk.isInForce(somebody)) {
        this.#folk.judge.judgeFound(home, somebody, found);
      }
      mayFind++;
    }
    await this.#bounds();
    return mayFind;
  }

  /** Which of these looks for somebody of whose revocation it, or one of its friends, has heard. */
  async #warned(pairs: readonly Pair[]): Promise<Set<Pair>> {
    const warned = new Set<Pair>();
    for (const pair of pairs) {
      const { home, somebody: { key: { fingerprint } } } = pair;
      const servers = (await home.directory.friends.list()).map(({ server }) => server);
      // Of more friends than are asked in a day, others may be the ones who know.
      if (servers.length > MAX_RECHECK_FRIENDS) continue;
      const near = [home, ...this.#folk.honest().filter(({ server }) => servers.includes(server))];
      const heard = near.map(({ directory: { book } }) => book.isRevoked(fingerprint));
      if ((await Promise.all(heard)).includes(true)) warned.add(pair);
    }
    return warned;
  }

  async #lookAll(reach: readonly Pair[]): Promise<void> {
    for (const { home, somebody } of reach) void this.#folk.judge.find(home, refOf(somebody));
    await this.#folk.clock.advance(MINUTE_MS);
  }

  /** Some whom each server may find: all would take long and show the same. */
  #sample(reach: readonly Pair[]): readonly Pair[] {
    return this.#folk.honest().flatMap((home) => {
      const pairs = reach.filter((pair) => pair.home === home);
      return Array.from({ length: SAMPLE }, () => this.#folk.pick(pairs));
    });
  }

  /** Who may find whom: over at most three steps of friends who are honest. */
  async #reach(): Promise<Pair[]> {
    const friends = new Map<Home, Home[]>();
    for (const home of this.#folk.honest()) {
      const servers = (await home.directory.friends.list()).map(({ server }) => server);
      friends.set(home, this.#folk.honest().filter(({ server }) => servers.includes(server)));
    }
    return this.#folk.honest().flatMap((home) => {
      let near = new Set([home]);
      for (let step = 0; step < 3; step++) {
        near = new Set([...near, ...[...near].flatMap((one) => friends.get(one)!)]);
      }
      const liars = [...this.#folk.liars.keys()].map(({ owner }) => owner);
      return [...this.#folk.lives].filter(([one, at]) => near.has(at) && !liars.includes(one))
        .map(([somebody]) => ({ home, somebody }));
    });
  }

  /** What liars may fill, and how much was said for what changed. */
  async #bounds(): Promise<void> {
    for (const home of this.#folk.honest()) {
      for (const { key, value } of home.rows()) {
        if (key[0] !== "told" || key[1] === "this server") continue;
        const most = String(key[1]).startsWith("passed on")
          ? MAX_PASSED_ON_PER_FRIEND
          : MAX_BOOK_PER_FRIEND;
        if (Number(value) > most) {
          this.#folk.judge.fault(`${home.server}: ${key[1]} has ${value} entries`);
        }
      }
      const friends = (await home.directory.friends.list()).length;
      if (friends === 0) this.#folk.judge.fault(`${home.server} has no friends left`);
    }
    for (const text of this.#folk.mail.excess()) this.#folk.judge.fault(text);
  }
}
