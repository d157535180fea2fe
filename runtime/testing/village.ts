/**
 * People with peripheries of their own, on one network in memory.
 *
 * @module
 */

import { type Duration, readDuration } from "../../pods/sdk/time/duration.ts";
import { MemoryClock, settled } from "../adapters/memory/clock.ts";
import { SeededEntropy } from "../adapters/memory/entropy.ts";
import { MemoryPgp } from "../adapters/memory/pgp.ts";
import { MemoryNetwork } from "../adapters/memory/transport.ts";
import { parseServerUrl } from "../model/words.ts";
import type { Pgp } from "../ports/pgp.ts";
import { borrowGlobals } from "./globals.ts";
import { Shelf } from "./guests.ts";
import { House, type Owner, type World } from "./house.ts";
import { Villager } from "./villager.ts";
import { Ways, type Weather } from "./weather.ts";

/** How a village is made. */
export interface VillageOptions {
  /** What all chance comes from: the same one gives the same run. Default 1. */
  readonly seed?: number | string;
}

/** Most time of the village that passes while something is awaited. */
const PATIENCE_MS = 24 * 3_600_000;
/** Most time that {@link Village.settle} lets pass. */
const SETTLE_MS = 60_000;
/** Turns of the event loop that a pod may work without any time passing. */
const MAX_TURNS = 100;
const NAME = /^[a-z][a-z0-9]{0,31}$/;

/** A village without people. Dispose of it (`await using`) to end its peripheries. */
export function openVillage(options: VillageOptions = {}): Village {
  return new Village(options);
}

/**
 * See {@link openVillage}. Its time stands still unless something is awaited that needs it to pass,
 * or {@link Village.pass} moves it.
 */
export class Village implements AsyncDisposable {
  readonly seed: string;
  /** What peripheries logged as errors of their own: `server: event: why`. */
  readonly errors: string[] = [];
  readonly #clock = new MemoryClock();
  readonly #network = new MemoryNetwork();
  readonly #pgp: MemoryPgp;
  readonly #ways: Ways;
  readonly #shelf = new Shelf();
  readonly #people = new Map<string, Villager>();
  readonly #globals = borrowGlobals();

  constructor({ seed = 1 }: VillageOptions) {
    this.seed = String(seed);
    this.#pgp = new MemoryPgp(this.#clock, new SeededEntropy(`${seed} keys`));
    this.#ways = new Ways(this.#clock, new SeededEntropy(`${seed} weather`));
  }

  /** What time it is: milliseconds since 1970 UTC. */
  get nowMs(): number {
    return this.#clock.nowMs();
  }

  /**
   * Somebody with a key and a periphery of their own that runs.
   *
   * @param name lower-case letters and digits; other pods find them by it
   * @throws {Error} when nobody could be told from somebody by it.
   */
  async person(name: string): Promise<Villager> {
    this.#checkName(name);
    const url = parseServerUrl(`http://${name}.example`);
    const owner = await makeOwner(this.#pgp, name);
    const house = new House(this.#world(), this.#shelf, url, owner, `${this.seed} ${name}`);
    house.link = this.#ways.link(url);
    await house.open();
    const villager = new Villager(name, house as House & { owner: Owner }, {
      shelf: this.#shelf,
      drive: (work, what) => this.#drive(work, what),
    });
    await villager.claim();
    this.#people.set(name, villager);
    return villager;
  }

  /** People who all know each other, in the order of their names. */
  async friends<const Names extends readonly string[]>(
    ...names: Names
  ): Promise<{ [Place in keyof Names]: Villager }> {
    const people: Villager[] = [];
    for (const name of names) {
      const newcomer = await this.person(name);
      for (const other of people) await this.befriend(newcomer, other);
      people.push(newcomer);
    }
    await this.settle();
    return people as { [Place in keyof Names]: Villager };
  }

  /** Makes two people friends of each other; they find each other by name from now on. */
  async befriend(a: Villager, b: Villager): Promise<void> {
    await a.addFriend(b);
    await b.addFriend(a);
  }

  /** Lets so many milliseconds pass. */
  async advance(delayMs: number): Promise<void> {
    const end = this.nowMs + delayMs;
    for (;;) {
      await this.#work();
      const nextMs = this.#clock.untilNextMs();
      if (nextMs === undefined || this.nowMs + nextMs > end) break;
      await this.#clock.step();
    }
    await this.#clock.advance(end - this.nowMs);
    await this.#work();
  }

  /** Lets time pass: `await village.pass("1 day")`. */
  async pass(duration: Duration): Promise<void> {
    await this.advance(readDuration(duration));
  }

  /**
   * Lets time pass until no message is on its way any more, at most a minute: what cannot be
   * delivered is tried again for longer than that.
   */
  async settle(): Promise<void> {
    const end = this.nowMs + SETTLE_MS;
    for (;;) {
      await settled();
      const isBusy = [...this.#people.values()].some((person) => person.hasMail);
      const nextMs = this.#clock.untilNextMs();
      if (!isBusy || nextMs === undefined || this.nowMs + nextMs > end) return;
      await this.#clock.step();
    }
  }

  /** Nothing passes between two people's servers any more, until {@link heal}. */
  cut(a: Villager, b: Villager): void {
    this.#ways.cut(a.url, b.url);
  }

  /** Undoes {@link cut}. */
  heal(a: Villager, b: Villager): void {
    this.#ways.heal(a.url, b.url);
  }

  /** What happens to requests between servers from now on; `{}` is fine weather. */
  weather(weather: Weather): void {
    this.#ways.turn(weather);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.weather({});
    for (const person of this.#people.values()) await person.stop();
    this.#globals[Symbol.dispose]();
  }

  /** No time passes while a pod works on what came, unless that needs time. */
  async #work(): Promise<void> {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      await settled();
      if (![...this.#people.values()].some((person) => person.hasWork)) return;
    }
  }

  #world(): World {
    return {
      clock: this.#clock,
      network: this.#network,
      pgp: this.#pgp,
      errors: this.errors,
      drive: (work, what) => this.#drive(work, what),
    };
  }

  /** Lets time pass until a promise is settled. */
  async #drive<Value>(work: Promise<Value>, what: string): Promise<Value> {
    let isOver = false;
    work.then(() => isOver = true, () => isOver = true);
    const end = this.nowMs + PATIENCE_MS;
    for (;;) {
      // A second look: what comes from another thread of Deno settles a turn later.
      for (let turn = 0; turn < 2 && !isOver; turn++) await settled();
      if (isOver) return await work;
      if (this.nowMs < end && await this.#clock.step()) continue;
      throw new Error(`${what} has not come to an end after a day of the village's time`);
    }
  }

  #checkName(name: string): void {
    if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name such as alice`);
    // People are found by a part of what they are called.
    const near = [...this.#people.keys()].find((one) => one.includes(name) || name.includes(one));
    if (near === undefined) return;
    throw new Error(`${name} could be taken for ${near}: give them names without each other's`);
  }
}

async function makeOwner(pgp: Pgp, name: string): Promise<Owner> {
  const key = await pgp.makePersonKey({ userId: name, passphrase: "" });
  const secretKey = await pgp.unlock(key.secretKey, "");
  return { fingerprint: key.fingerprint, certificate: key.certificate, secretKey };
}
