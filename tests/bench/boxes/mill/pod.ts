/**
 * mill: posts and takes as many messages as a bench wants.
 *
 * @module
 */

import { Commands, Pod, type Table, type u32 } from "../../../../pods/sdk/mod.ts";
import { Grain } from "./generated.ts";

const PLACES = 1_000;

/** Messages one after the other, each posted when the one before it is answered. */
type Chain = {
  readonly name: string;
  readonly person: string;
  readonly bytes: number;
  /** Messages that come after this one. */
  readonly left: number;
};

/** Takes messages. */
class Bin extends Grain {
  readonly #kept = this.table<string>("kept");

  async leave(text: string): Promise<void> {
    await Promise.resolve(this.#kept.put(`${Math.floor(this.run.random() * PLACES)}`, text));
  }
}

/** Posts messages. */
class Verbs extends Commands {
  readonly #ended: Table<number> = this.table("ended");
  readonly #leave = this.posts("", Grain, "leave");
  readonly #next = this.posts("next", Grain, "leave", (chain: Chain, outcome) => {
    if ("error" in outcome) this.run.log("error", outcome.error.message);
    if (chain.left > 0) this.#post({ ...chain, left: chain.left - 1 });
    else this.#ended.put(chain.name, this.run.nowMs);
  });

  /** Begins so many chains of messages. */
  chain(name: string, person: string, width: u32, length: u32, bytes: u32): void {
    for (let at = 0; at < width; at++) {
      this.#post({ name: `${name} ${at}`, person, bytes, left: length - 1 });
    }
  }

  /** Posts messages at once; with a name the last of them is a chain. */
  burst(name: string, person: string, count: u32, bytes: u32): void {
    const text = "x".repeat(bytes);
    for (let at = name === "-" ? 0 : 1; at < count; at++) void this.#leave(person, [text]);
    if (name !== "-") this.#post({ name: `${name} 0`, person, bytes, left: 0 });
  }

  /** Says how many chains have ended, and when. */
  async ended(name: string): Promise<void> {
    const ended = await this.#ended.list({ prefix: `${name} ` });
    this.run.print(JSON.stringify([ended.length, Math.max(0, ...ended.map(([, ms]) => ms))]));
  }

  #post(chain: Chain): void {
    void this.#next(chain.person, ["x".repeat(chain.bytes)], { note: chain });
  }
}

/** The pod. */
export default class Mill extends Pod {
  /** @hidden */
  readonly bin = new Bin(this);
  readonly verbs = new Verbs(this);
}
