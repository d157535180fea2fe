/**
 * What a change and a lookup cost in messages and bytes, counted in a network in good weather in which
 * everybody has the same number of friends.
 *
 * @module
 */

import { MemoryClock } from "../../../runtime/adapters/memory/clock.ts";
import { SeededEntropy } from "../../../runtime/adapters/memory/entropy.ts";
import { MemoryPgp } from "../../../runtime/adapters/memory/pgp.ts";
import { MemoryNetwork } from "../../../runtime/adapters/memory/transport.ts";
import { parseServerUrl } from "../../../runtime/model/words.ts";
import { buildHome, type FolkWorld, type Home } from "./home.ts";
import { HEY, type Somebody, Truth } from "./truth.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Messages that were answered, with what they asked and said. */
export interface Spent {
  readonly messages: number;
  readonly bytes: number;
}

/** What things cost in one network. */
export interface Cost {
  /** A day in which nothing changes. */
  readonly quietDay: Spent;
  /** One change, until all have heard of it who do: a day more than a quiet one. */
  readonly change: Spent;
  /** Looking for a friend of a friend's friend, whom the book does not know. */
  readonly lookup: Spent;
  /** Rows of the book of one server. */
  readonly rows: number;
}

/**
 * Counts in a ring of servers where each has as friends those that are nearest to it.
 *
 * @param friends even; of each server
 */
export async function countCost(homes: number, friends: number): Promise<Cost> {
  const ring = await Ring.open(homes, friends);
  await ring.pass(3 * DAY_MS);
  const quietDay = await ring.spend(() => ring.pass(DAY_MS));
  const changed = await ring.spend(async () => {
    await ring.change(0);
    await ring.pass(DAY_MS);
  });
  const lookup = await ring.spend(() => ring.look(0, Math.floor(friends / 2) * 3));
  const change = {
    messages: changed.messages - quietDay.messages,
    bytes: changed.bytes - quietDay.bytes,
  };
  return { quietDay, change, lookup, rows: ring.rows() };
}

class Ring {
  readonly #clock = new MemoryClock();
  readonly #truth = new Truth(new MemoryPgp(this.#clock, new SeededEntropy("ring")));
  readonly #homes: Home[] = [];
  readonly #people: Somebody[] = [];
  #messages = 0;
  #bytes = 0;

  static async open(homes: number, friends: number): Promise<Ring> {
    const ring = new Ring();
    const world: FolkWorld = {
      seed: "ring",
      clock: ring.#clock,
      network: new MemoryNetwork(),
      truth: ring.#truth,
      passes: () => "yes",
      answered: (_from, { path, body }, reply) => {
        ring.#messages++;
        ring.#bytes += path.length + (body?.length ?? 0) + reply.body.length;
      },
    };
    for (let n = 0; n < homes; n++) await ring.#build(world, n);
    for (let n = 0; n < homes; n++) {
      for (let step = 1; step <= friends / 2; step++) {
        await ring.#befriend(n, n + step);
        await ring.#befriend(n + step, n);
      }
    }
    return ring;
  }

  pass(delayMs: number): Promise<void> {
    return this.#clock.advance(delayMs);
  }

  async spend(go: () => Promise<void>): Promise<Spent> {
    const [messages, bytes] = [this.#messages, this.#bytes];
    await go();
    return { messages: this.#messages - messages, bytes: this.#bytes - bytes };
  }

  /** Somebody signs a newer behalf. */
  async change(at: number): Promise<void> {
    const home = this.#homes[at]!;
    const wishes = { endpoint: home.server, nowMs: this.#clock.nowMs() };
    await home.directory.announce(await this.#truth.issue(this.#people[at]!, wishes));
  }

  /** @throws {PeriError} when nobody is found. */
  async look(from: number, at: number): Promise<void> {
    const { fingerprint } = this.#people[at % this.#people.length]!.key;
    const found = this.#homes[from]!.directory.lookup.find({ person: fingerprint, pod: HEY });
    await this.pass(1_000);
    await found;
  }

  rows(): number {
    return this.#homes[0]!.rows().filter(({ key }) => key[0] === "book").length;
  }

  async #build(world: FolkWorld, n: number): Promise<void> {
    const owner = await this.#truth.person(`person${n}`);
    const home = await buildHome(world, parseServerUrl(`http://s${n}.example`), owner);
    this.#homes.push(home);
    this.#people.push(owner);
    await home.start();
    await this.change(n);
  }

  async #befriend(one: number, other: number): Promise<void> {
    const [a, b] = [one, other].map((at) => this.#homes[at % this.#homes.length]!);
    await a!.directory.befriend(await a!.directory.meet(b!.server));
  }
}
