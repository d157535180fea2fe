/**
 * mill: posts and takes as many messages as a bench wants.
 *
 * @module
 */

import { Pod, type Run } from "../../../../pods/sdk/mod.ts";
import { grain } from "./generated.ts";

const PLACES = 1_000;

/** Messages one after the other, each posted when the one before it is answered. */
type Chain = {
  readonly name: string;
  readonly person: string;
  readonly bytes: number;
  /** Messages that come after this one. */
  readonly left: number;
};

/** The pod. */
export default class Mill extends Pod {
  readonly #kept = this.table<string>("kept");
  readonly #ended = this.table<number>("ended");
  readonly #next = this.continuation<Chain, void>("next", (chain, answer) => {
    if ("error" in answer) this.run.log("error", JSON.stringify(answer.error));
    if (chain.left > 0) this.#post({ ...chain, left: chain.left - 1 });
    else this.#ended.put(chain.name, this.run.nowMs);
  });

  constructor(run: Run) {
    super(run);
    this.offer(grain, {
      leave: (text) => this.#kept.put(`${Math.floor(this.run.random() * PLACES)}`, text),
    });
    this.verb(
      "chain",
      "<name> <person> <width> <length> <bytes>",
      "Begins so many chains of messages.",
      ([name, person, width, length, bytes]) => {
        for (let at = 0; at < Number(width); at++) {
          const chain = { name: `${name} ${at}`, person: person!, bytes: Number(bytes) };
          this.#post({ ...chain, left: Number(length) - 1 });
        }
      },
    );
    this.verb(
      "burst",
      "<name> <person> <count> <bytes>",
      "Posts messages at once; with a name the last of them is a chain.",
      ([name, person, count, bytes]) => {
        const to = { person: person!, pod: this.run.about.name };
        const text = "x".repeat(Number(bytes));
        for (let at = name === "-" ? 0 : 1; at < Number(count); at++) {
          void this.run.post(grain.leave, to, [text]);
        }
        if (name !== "-") {
          this.#post({ name: `${name} 0`, person: person!, bytes: Number(bytes), left: 0 });
        }
      },
    );
    this.verb("ended", "<name>", "Says how many chains have ended, and when.", async ([name]) => {
      const ended = await this.#ended.list({ prefix: `${name} ` });
      this.run.print(JSON.stringify([ended.length, Math.max(0, ...ended.map(([, ms]) => ms))]));
    });
  }

  #post(chain: Chain): void {
    const to = { person: chain.person, pod: this.run.about.name };
    const note = { ...chain };
    void this.run.post(grain.leave, to, ["x".repeat(chain.bytes)], { then: this.#next, note });
  }
}
