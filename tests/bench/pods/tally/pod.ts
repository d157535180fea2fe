/**
 * tally: counts, and does nothing, as often as a bench wants.
 *
 * @module
 */

import { Commands, Pod } from "../../../../pods/sdk/mod.ts";

/** What a bench says to it. */
class Verbs extends Commands {
  readonly #sum = this.table<number>("sum");

  /** Does nothing. */
  noop(): void {}

  /** Adds one and says the sum. */
  async add(): Promise<number> {
    const sum = (await this.#sum.get("all") ?? 0) + 1;
    this.#sum.put("all", sum);
    return sum;
  }
}

/** See the module. */
export default class Tally extends Pod {
  readonly verbs = new Verbs(this);
}
