/**
 * Servers and people of a simulated world, what they do of their own accord, and their weather.
 *
 * @module
 */

import { MemoryClock } from "../../../runtime/adapters/memory/clock.ts";
import { SeededEntropy } from "../../../runtime/adapters/memory/entropy.ts";
import { MemoryPgp } from "../../../runtime/adapters/memory/pgp.ts";
import { MemoryNetwork } from "../../../runtime/adapters/memory/transport.ts";
import { parseServerUrl, type ServerUrl } from "../../../runtime/model/words.ts";
import { buildHome, type FolkWorld, type Home } from "./home.ts";
import { Judge } from "./judge.ts";
import { Liar, LIES } from "./liars.ts";
import { Mail } from "./mail.ts";
import { HEY, type Somebody, Truth } from "./truth.ts";

const DAY_MS = 86_400_000;

/** Servers that lie, one for each way. */
const LIARS = LIES.length;
/** A friend's book is read from its beginning within this; then all is heard that was refused before. */
const CALM_DAYS = 9;

/** All of them. Every chance is drawn from the seed. */
export class Folk {
  readonly mail = new Mail();
  readonly judge: Judge;
  readonly chance: SeededEntropy;
  readonly clock = new MemoryClock();
  readonly truth: Truth;
  readonly #world: FolkWorld;
  readonly homes: Home[] = [];
  readonly liars = new Map<Home, Liar>();
  /** Where each person's hey pod lives. */
  readonly lives = new Map<Somebody, Home>();
  /** Ways between two servers on which nothing passes. */
  readonly cut = new Set<string>();
  #isClear = false;

  constructor(readonly seed: string, readonly size: number) {
    this.chance = new SeededEntropy(`${seed} folk`);
    const weather = new SeededEntropy(`${seed} weather`);
    const pgp = new MemoryPgp(this.clock, new SeededEntropy(`${seed} keys`));
    this.truth = new Truth(pgp);
    this.judge = new Judge(this.truth);
    this.#world = {
      seed,
      clock: this.clock,
      network: new MemoryNetwork(),
      truth: this.truth,
      passes: (from, { server }) => {
        if (this.#isClear) return "yes";
        if (this.cut.has(pairOf(from.server, server)) || weather.happens(0.03)) return "lost";
        return weather.happens(0.02) ? "unheard" : "yes";
      },
      answered: (from, request, reply) => this.mail.answered(from.server, request, reply),
    };
  }

  /** Servers come up, of which some will lie, and become friends. */
  async build(): Promise<void> {
    const homes = this.size;
    for (let n = 0; n < homes; n++) {
      // A liar's owner claims the name of somebody else.
      const owner = await this.truth.person(n < LIARS ? `person${n + LIARS}` : `person${n}`);
      const home = await buildHome(this.#world, parseServerUrl(`http://s${n}.example`), owner);
      this.homes.push(home);
      await home.start();
      this.#settle(owner, home);
    }
    for (let n = 0; n < homes / 5; n++) {
      this.#settle(await this.truth.person(`guest${n}`), this.homes[n]!);
    }
    await this.clock.advance(0);
    for (const [at, home] of this.homes.entries()) {
      this.befriend(home, this.homes[(at + 1) % homes]!);
      for (let n = 0; n < 2; n++) this.befriend(home, this.pick(this.homes));
    }
    await this.clock.advance(DAY_MS);
    for (const [at, lie] of LIES.entries()) {
      const home = this.homes[at]!;
      const victims = this.truth.people.filter((one) => one !== home.owner);
      const liar = new Liar(home, lie, this.#seeded(lie), victims);
      await liar.begin();
      this.liars.set(home, liar);
    }
  }

  #seeded(what: string): SeededEntropy {
    return new SeededEntropy(`${this.seed} ${what}`);
  }

  /** Good weather for honest servers, and people who look whether all is as they left it. */
  async calm(): Promise<void> {
    this.#isClear = true;
    this.cut.clear();
    for (const home of this.homes) {
      home.skewMs = 0;
      await this.restart(home);
    }
    for (const somebody of this.lives.keys()) this.announce(somebody);
    await this.clock.advance(CALM_DAYS * DAY_MS);
  }

  #settle(somebody: Somebody, home: Home): void {
    this.lives.set(somebody, home);
    home.guests.add(somebody.key.fingerprint);
    const wishes = { endpoint: home.server, nowMs: this.clock.nowMs() };
    void this.truth.issue(somebody, wishes).then(() => this.announce(somebody));
  }

  /** A server takes what its person has signed, unless its clock or its state is in the way. */
  announce(somebody: Somebody): void {
    const home = this.lives.get(somebody)!;
    const { behalf, introduction } = this.truth.newest(refOf(somebody))!;
    if (!home.isUp) return;
    this.mail.announced(home.server);
    const told = { behalf, introduction: { ...introduction, certificate: somebody.certificate } };
    void home.directory.announce(told).catch(() => undefined);
  }

  befriend(home: Home, other: Home): void {
    if (home === other || !home.isUp) return;
    const add = async (one: Home, friend: Home) => {
      await one.directory.befriend(await one.directory.meet(friend.server));
      this.mail.befriended(one.server, friend.server);
    };
    void add(home, other).catch(() => undefined);
    // Some friendships are on one side only.
    if (other.isUp && this.chance.happens(0.8)) void add(other, home).catch(() => undefined);
  }

  /** What has moved away meanwhile is withdrawn, as a periphery does when it starts. */
  async restart(home: Home): Promise<void> {
    if (!home.isUp) await home.start();
    for (const [somebody, at] of this.lives) {
      const entry = at === home ? undefined : await home.directory.book.entry(refOf(somebody));
      if (entry?.from === "this server") await home.directory.withdraw(refOf(somebody));
    }
  }

  isInForce(somebody: Somebody): boolean {
    const { expiresMs } = this.truth.newest(refOf(somebody))!.behalf;
    return expiresMs > this.clock.nowMs();
  }

  honest(): Home[] {
    return this.homes.filter((home) => !this.liars.has(home));
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.chance.below(items.length)]!;
  }
}

/** The address of somebody's hey pod. */
export function refOf({ key }: Somebody) {
  return { person: key.fingerprint, pod: HEY };
}

/** A name for the way between two servers. */
export function pairOf(a: ServerUrl, b: ServerUrl): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
