/**
 * Fifty peripheries whose people become friends and part, move, renew and revoke, while servers crash
 * and are cut off, clocks are wrong and some servers lie; then some days of good weather, in which
 * everything must come right. All of it from one seed, in virtual time.
 *
 * @module
 */

import { MemoryClock } from "../../../runtime/adapters/memory/clock.ts";
import { SeededEntropy } from "../../../runtime/adapters/memory/entropy.ts";
import { MemoryPgp } from "../../../runtime/adapters/memory/pgp.ts";
import { MemoryNetwork } from "../../../runtime/adapters/memory/transport.ts";
import {
  MAX_BOOK_PER_FRIEND,
  MAX_PASSED_ON_PER_FRIEND,
  MAX_RECHECK_FRIENDS,
} from "../../../runtime/model/limits.ts";
import { parseServerUrl, type ServerUrl } from "../../../runtime/model/words.ts";
import { buildHome, type FolkWorld, type Home } from "./home.ts";
import { Judge } from "./judge.ts";
import { Liar, LIES } from "./liars.ts";
import { Mail } from "./mail.ts";
import { HEY, type Somebody, Truth } from "./truth.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How large and long a run is. */
export interface Size {
  readonly homes: number;
  readonly stormDays: number;
}

/** A day of troubles, for the test command. */
export const SHORT: Size = { homes: 50, stormDays: 1 };
/** Many, for a soak. */
export const LONG: Size = { homes: 50, stormDays: 6 };
/** Servers that lie, one for each way. */
const LIARS = LIES.length;
/** A friend's book is read from its beginning within this; then all is heard that was refused before. */
const CALM_DAYS = 9;

/** People whom each server looks for in the end. */
const SAMPLE = 8;

/** A server, and somebody whom it may find. */
interface Pair {
  readonly home: Home;
  readonly somebody: Somebody;
}

/** What a run came to. */
export interface Tale {
  readonly faults: readonly string[];
  readonly finds: number;
  readonly successes: number;
  /** Pairs of whom one may find the other in the end. */
  readonly mayFind: number;
  readonly messages: number;
}

/** Runs a world from a seed. */
export async function live(seed: string, size = SHORT): Promise<Tale> {
  const folk = new Folk(seed, size);
  await folk.build();
  await folk.storm();
  await folk.calm();
  const mayFind = await folk.reckon();
  const { judge: { faults, finds, successes }, mail } = folk;
  return {
    faults,
    finds,
    successes,
    mayFind,
    messages: mail.total,
  };
}

class Folk {
  readonly mail = new Mail();
  readonly judge: Judge;
  readonly #chance: SeededEntropy;
  readonly #clock = new MemoryClock();
  readonly #truth: Truth;
  readonly #world: FolkWorld;
  readonly #homes: Home[] = [];
  readonly #liars = new Map<Home, Liar>();
  /** Where each person's hey pod lives. */
  readonly #lives = new Map<Somebody, Home>();
  readonly #cut = new Set<string>();
  #isClear = false;

  constructor(readonly seed: string, readonly size: Size) {
    this.#chance = new SeededEntropy(`${seed} folk`);
    const weather = new SeededEntropy(`${seed} weather`);
    const pgp = new MemoryPgp(this.#clock, new SeededEntropy(`${seed} keys`));
    this.#truth = new Truth(pgp);
    this.judge = new Judge(this.#truth);
    this.#world = {
      seed,
      clock: this.#clock,
      network: new MemoryNetwork(),
      truth: this.#truth,
      passes: (from, { server }) => {
        if (this.#isClear) return "yes";
        if (this.#cut.has(pairOf(from.server, server)) || weather.happens(0.03)) return "lost";
        return weather.happens(0.02) ? "unheard" : "yes";
      },
      answered: (from, request, reply) => this.mail.answered(from.server, request, reply),
    };
  }

  /** Servers come up, of which some will lie, and become friends. */
  async build(): Promise<void> {
    const { homes } = this.size;
    for (let n = 0; n < homes; n++) {
      // A liar's owner claims the name of somebody else.
      const owner = await this.#truth.person(n < LIARS ? `person${n + LIARS}` : `person${n}`);
      const home = await buildHome(this.#world, parseServerUrl(`http://s${n}.example`), owner);
      this.#homes.push(home);
      await home.start();
      this.#settle(owner, home);
    }
    for (let n = 0; n < homes / 5; n++) {
      this.#settle(await this.#truth.person(`guest${n}`), this.#homes[n]!);
    }
    await this.#clock.advance(0);
    for (const [at, home] of this.#homes.entries()) {
      this.#befriend(home, this.#homes[(at + 1) % homes]!);
      for (let n = 0; n < 2; n++) this.#befriend(home, this.#pick(this.#homes));
    }
    await this.#clock.advance(DAY_MS);
    for (const [at, lie] of LIES.entries()) {
      const home = this.#homes[at]!;
      const victims = this.#truth.people.filter((one) => one !== home.owner);
      const liar = new Liar(home, lie, this.#seeded(lie), victims);
      await liar.begin();
      this.#liars.set(home, liar);
    }
  }

  #seeded(what: string): SeededEntropy {
    return new SeededEntropy(`${this.seed} ${what}`);
  }

  /** The time of changes and troubles. */
  async storm(): Promise<void> {
    const end = this.#clock.nowMs() + this.size.stormDays * DAY_MS;
    while (this.#clock.nowMs() < end) {
      this.#happen();
      await this.#clock.advance(this.#chance.below(20 * MINUTE_MS));
    }
  }

  /** Good weather for honest servers, and people who look whether all is as they left it. */
  async calm(): Promise<void> {
    this.#isClear = true;
    this.#cut.clear();
    for (const home of this.#homes) {
      home.skewMs = 0;
      await this.#restart(home);
    }
    for (const somebody of this.#lives.keys()) this.#announce(somebody);
    await this.#clock.advance(CALM_DAYS * DAY_MS);
  }

  /** People look for those they may find, a day apart so that all are asked: all must be right. */
  async reckon(): Promise<number> {
    const reach = this.#sample(await this.#reach());
    // Of whom a liar has told after the first look, nobody is asked before the third.
    for (let day = 0; day < 2; day++) {
      await this.#lookAll(reach);
      await this.#clock.advance(DAY_MS);
    }
    const warned = await this.#warned(reach);
    await this.#lookAll(reach);
    await this.#clock.advance(HOUR_MS);
    let mayFind = 0;
    for (const pair of reach) {
      const { home, somebody } = pair;
      const found = await this.judge.find(home, refOf(somebody));
      if (warned.has(pair)) this.judge.judgeRevoked(home, somebody, found);
      else if (!somebody.isRevoked && this.#isInForce(somebody)) {
        this.judge.judgeFound(home, somebody, found);
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
      const near = [home, ...this.#honest().filter(({ server }) => servers.includes(server))];
      const heard = near.map(({ directory: { book } }) => book.isRevoked(fingerprint));
      if ((await Promise.all(heard)).includes(true)) warned.add(pair);
    }
    return warned;
  }

  async #lookAll(reach: readonly Pair[]): Promise<void> {
    for (const { home, somebody } of reach) void this.judge.find(home, refOf(somebody));
    await this.#clock.advance(MINUTE_MS);
  }

  #happen(): void {
    const draw = this.#chance.below(100);
    if (draw < 40) return this.#look();
    if (draw < 55) return void this.#renew(this.#pick(this.#truth.people));
    if (draw < 61) return void this.#move(this.#pick(this.#truth.people));
    if (draw < 68) return this.#befriend(this.#pick(this.#homes), this.#pick(this.#homes));
    if (draw < 71) return void this.#part(this.#pick(this.#homes));
    if (draw < 78) return this.#crash(this.#pick(this.#homes));
    if (draw < 83) return this.#setClock(this.#pick(this.#homes));
    if (draw < 88) return this.#cutOff();
    if (draw < 90) return this.#steal(this.#pick(this.#truth.people));
    return this.#pushLies();
  }

  #look(): void {
    const home = this.#pick(this.#honest());
    if (home.isUp) void this.judge.find(home, refOf(this.#pick(this.#truth.people)));
  }

  /** A person signs a newer behalf, sometimes one that ends soon. */
  async #renew(somebody: Somebody): Promise<void> {
    const home = this.#lives.get(somebody)!;
    if (somebody.isRevoked || somebody.isStolen || !home.isUp) return;
    const nowMs = this.#clock.nowMs();
    const end = this.#chance.happens(0.3)
      ? { expiresMs: nowMs + (1 + this.#chance.below(200)) * HOUR_MS }
      : {};
    await this.#truth.issue(somebody, { endpoint: home.server, nowMs, ...end });
    this.#announce(somebody);
  }

  /** A person's pod moves to another server; the one before tells nobody. */
  async #move(somebody: Somebody): Promise<void> {
    const [from, to] = [this.#lives.get(somebody)!, this.#pick(this.#honest())];
    if (somebody.isRevoked || somebody.isStolen || !to.isUp || to === from) return;
    this.#lives.set(somebody, to);
    to.guests.add(somebody.key.fingerprint);
    await this.#truth.issue(somebody, { endpoint: to.server, nowMs: this.#clock.nowMs() });
    this.#announce(somebody);
    if (from.isUp) await from.directory.withdraw(refOf(somebody)).catch(() => undefined);
    if (from.owner !== somebody) from.guests.delete(somebody.key.fingerprint);
  }

  #settle(somebody: Somebody, home: Home): void {
    this.#lives.set(somebody, home);
    home.guests.add(somebody.key.fingerprint);
    const wishes = { endpoint: home.server, nowMs: this.#clock.nowMs() };
    void this.#truth.issue(somebody, wishes).then(() => this.#announce(somebody));
  }

  /** A server takes what its person has signed, unless its clock or its state is in the way. */
  #announce(somebody: Somebody): void {
    const home = this.#lives.get(somebody)!;
    const { behalf, introduction } = this.#truth.newest(refOf(somebody))!;
    if (!home.isUp) return;
    this.mail.announced(home.server);
    const told = { behalf, introduction: { ...introduction, certificate: somebody.certificate } };
    void home.directory.announce(told).catch(() => undefined);
  }

  #befriend(home: Home, other: Home): void {
    if (home === other || !home.isUp) return;
    const add = async (one: Home, friend: Home) => {
      await one.directory.befriend(await one.directory.meet(friend.server));
      this.mail.befriended(one.server, friend.server);
    };
    void add(home, other).catch(() => undefined);
    // Some friendships are on one side only.
    if (other.isUp && this.#chance.happens(0.8)) void add(other, home).catch(() => undefined);
  }

  async #part(home: Home): Promise<void> {
    if (!home.isUp) return;
    const friends = await home.directory.friends.list();
    if (friends.length < 3) return;
    await home.directory.friends.remove(this.#pick(friends).owner).catch(() => undefined);
  }

  #crash(home: Home): void {
    if (!home.isUp) return;
    home.crash();
    const downMs = this.#chance.happens(0.3) ? 48 * HOUR_MS : 2 * HOUR_MS;
    void this.#clock.sleep(this.#chance.below(downMs)).then(() => this.#restart(home));
  }

  /** What has moved away meanwhile is withdrawn, as a periphery does when it starts. */
  async #restart(home: Home): Promise<void> {
    if (!home.isUp) await home.start();
    for (const [somebody, at] of this.#lives) {
      const entry = at === home ? undefined : await home.directory.book.entry(refOf(somebody));
      if (entry?.from === "this server") await home.directory.withdraw(refOf(somebody));
    }
  }

  #setClock(home: Home): void {
    const [hours, days] = [this.#chance.below(40) - 20, this.#chance.below(9) - 4];
    home.skewMs = this.#chance.happens(0.6)
      ? 0
      : this.#chance.happens(0.7)
      ? hours * HOUR_MS
      : days * DAY_MS;
  }

  #cutOff(): void {
    const pair = pairOf(this.#pick(this.#homes).server, this.#pick(this.#homes).server);
    this.#cut.add(pair);
    void this.#clock.sleep(this.#chance.below(DAY_MS)).then(() => void this.#cut.delete(pair));
  }

  /** Somebody's key is copied; hours later they see it, and revoke it at their own server. */
  #steal(somebody: Somebody): void {
    const home = this.#lives.get(somebody)!;
    if (somebody.isStolen || this.#liars.has(home)) return;
    somebody.isStolen = true;
    void this.#clock.sleep(this.#chance.below(DAY_MS)).then(() => {
      somebody.certificate = this.#truth.pgp.revoke(somebody.key.secretKey);
      somebody.isRevoked = true;
      this.#announce(somebody);
    });
  }

  #pushLies(): void {
    const [home, liar] = this.#pick([...this.#liars]);
    const victim = this.#pick(this.#honest());
    if (home.isUp && victim.isUp) void liar.push(victim.server);
  }

  /** Some whom each server may find: all would take long and show the same. */
  #sample(reach: readonly Pair[]): readonly Pair[] {
    return this.#honest().flatMap((home) => {
      const pairs = reach.filter((pair) => pair.home === home);
      return Array.from({ length: SAMPLE }, () => this.#pick(pairs));
    });
  }

  /** Who may find whom: over at most three steps of friends who are honest. */
  async #reach(): Promise<Pair[]> {
    const friends = new Map<Home, Home[]>();
    for (const home of this.#honest()) {
      const servers = (await home.directory.friends.list()).map(({ server }) => server);
      friends.set(home, this.#honest().filter(({ server }) => servers.includes(server)));
    }
    return this.#honest().flatMap((home) => {
      let near = new Set([home]);
      for (let step = 0; step < 3; step++) {
        near = new Set([...near, ...[...near].flatMap((one) => friends.get(one)!)]);
      }
      const liars = [...this.#liars.keys()].map(({ owner }) => owner);
      return [...this.#lives].filter(([one, at]) => near.has(at) && !liars.includes(one))
        .map(([somebody]) => ({ home, somebody }));
    });
  }

  /** What liars may fill, and how much was said for what changed. */
  async #bounds(): Promise<void> {
    for (const home of this.#honest()) {
      for (const { key, value } of home.rows()) {
        if (key[0] !== "told" || key[1] === "this server") continue;
        const most = String(key[1]).startsWith("passed on")
          ? MAX_PASSED_ON_PER_FRIEND
          : MAX_BOOK_PER_FRIEND;
        if (Number(value) > most) {
          this.judge.fault(`${home.server}: ${key[1]} has ${value} entries`);
        }
      }
      const friends = (await home.directory.friends.list()).length;
      if (friends === 0) this.judge.fault(`${home.server} has no friends left`);
    }
    for (const text of this.mail.excess()) this.judge.fault(text);
  }

  #isInForce(somebody: Somebody): boolean {
    const { expiresMs } = this.#truth.newest(refOf(somebody))!.behalf;
    return expiresMs > this.#clock.nowMs();
  }

  #honest(): Home[] {
    return this.#homes.filter((home) => !this.#liars.has(home));
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#chance.below(items.length)]!;
  }
}

function refOf({ key }: Somebody) {
  return { person: key.fingerprint, pod: HEY };
}

function pairOf(a: ServerUrl, b: ServerUrl): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
