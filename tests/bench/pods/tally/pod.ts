/**
 * tally: counts, and does nothing, as often as a bench wants.
 *
 * @module
 */

import { Capability, Commands, Pod, type u32 } from "../../../../pods/sdk/mod.ts";

/** What others may ask. */
class Sums extends Capability {
  readonly #sum = this.table<number>("sum");

  /** Adds to the sum and says it. */
  async add(by: u32): Promise<u32> {
    const sum = (await this.#sum.get("all") ?? 0) + by;
    this.#sum.put("all", sum);
    return sum;
  }
}

/** What a bench says to it. */
class Verbs extends Commands {
  /** Does nothing. */
  noop(): void {}
}

/** See the module. */
export default class Tally extends Pod {
  readonly sums = new Sums(this);
  readonly verbs = new Verbs(this);
}
