/**
 * The twin of the C pod: the same capability, from a class.
 *
 * @module
 */

import { Pod, type u32, type u64 } from "../../../../pods/sdk/mod.ts";

/** So many at a place. */
export interface Seen {
  place: string;
  count: u32;
}

/** Birds that people have seen. */
export default class Sightings extends Pod {
  readonly #places = this.table<number>("places");

  /** Tells of a sighting; how many of all were seen there by now. */
  async report(sighting: Seen): Promise<u32> {
    const { place, count } = sighting;
    const all = (await this.#places.get(place) ?? 0) + count;
    this.#places.put(place, all);
    return all;
  }

  /** How many were seen at all places. */
  async total(): Promise<u64> {
    const counts = (await this.#places.list()).map(([, count]) => count);
    return counts.reduce((sum, count) => sum + BigInt(count), 0n);
  }

  /** The first hundred places with what was seen there, in order of name. */
  async *places(): AsyncIterable<Seen> {
    for (const [place, count] of await this.#places.list({ limit: 100 })) yield { place, count };
  }
}
