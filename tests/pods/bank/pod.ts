/**
 * A pod that moves money between accounts, on ways that take several runs. All of it together is
 * the same at every moment.
 *
 * @module
 */

import { Commands, peer, Pod, type u32 } from "../../../pods/sdk/mod.ts";
import { Bank as Desk } from "./client.ts";

/** Money that has left an account and come to none. */
interface Way {
  readonly to: string;
  readonly amount: number;
}

/** What its person may say. */
class Verbs extends Commands {
  readonly #orders = this.table<string>("orders");
  readonly #accounts = this.table<number>("accounts");
  readonly #ways = this.table<Way>("ways");
  readonly #move = this.posts("move", Desk, "move", this.#done.bind(this));

  /** Opens accounts with so much in each, if there are none. */
  async open(amount: u32, ...names: string[]): Promise<void> {
    for (const name of names) {
      if (!await this.#accounts.has(name)) this.#accounts.put(name, amount);
    }
  }

  /** Has money moved, once, however often it is said. */
  async order(id: string, from: string, to: string, amount: u32): Promise<void> {
    if (await this.#orders.has(id)) return;
    this.#orders.put(id, "open");
    const owner = await this.run.owner();
    await this.#move([{ person: owner, pod: "bank" }], [id, from, to, amount], { note: id });
  }

  /** All accounts, what is on its way, and which orders are done. */
  async books(): Promise<string> {
    const ways = (await this.#ways.list()).map(([, { amount }]) => amount);
    const orders = (await this.#orders.list()).filter(([, state]) => state === "done");
    const accounts = Object.fromEntries(await this.#accounts.list());
    return JSON.stringify({ accounts, ways, done: orders.map(([id]) => id) });
  }

  #done(id: string): void {
    this.#orders.put(id, "done");
  }
}

/** Keeps accounts. */
export default class Bank extends Pod {
  readonly verbs = new Verbs(this);
  readonly #accounts = this.table<number>("accounts");
  readonly #ways = this.table<Way>("ways");

  /** Takes money from an account and awaits that it has come to the other. */
  async move(id: string, from: string, to: string, amount: u32): Promise<string> {
    this.#accounts.put(from, (await this.#accounts.get(from) ?? 0) - amount);
    this.#ways.put(id, { to, amount });
    const left = await peer(this, Desk, { of: await this.run.owner() }).credit(id);
    return `${id}: ${left} on their way`;
  }

  /** What is on its way comes to its account. */
  async credit(id: string): Promise<u32> {
    const way = await this.#ways.get(id);
    if (way === undefined) throw new Error(`${id} is on no way`);
    this.#accounts.put(way.to, (await this.#accounts.get(way.to) ?? 0) + way.amount);
    this.#ways.delete(id);
    return await this.#ways.count();
  }
}
