/**
 * A pod as authors write them, for tests: one answer, many answers, answers of friends, errors.
 *
 * @module
 */

import { Pod, TypedError, type u32 } from "../../../pods/sdk/mod.ts";

/** Something that was seen. */
export interface Sighting {
  readonly what: string;
  readonly count: u32;
  readonly note?: string;
}

/** Nothing of that name swims here. */
export class NoSuchThing extends TypedError<{ what: string }> {}

/** What swims in a pond. */
export default class Pond extends Pod {
  readonly #seen = this.table<Sighting>("seen");

  /** Tells of something that swims here; gives how many are known now.
   *  @param sighting what was seen */
  async report(sighting: Sighting): Promise<u32> {
    this.#seen.put(sighting.what, sighting);
    return await this.count();
  }

  /** How many kinds are known. */
  async count(): Promise<u32> {
    return (await this.#seen.list()).length;
  }

  /** Everything that was seen.
   *  @param least only what there is so much of */
  async *sightings(least: u32 = 0): AsyncIterable<Sighting> {
    for (const [, sighting] of await this.#seen.list()) {
      if (sighting.count >= least) yield sighting;
    }
  }

  /** How many there are of one kind.
   *  @throws {NoSuchThing} when nobody saw it */
  async of(what: string): Promise<u32> {
    const sighting = await this.#seen.get(what);
    if (sighting === undefined) throw new NoSuchThing({ what });
    return sighting.count;
  }

  /** How many kinds several people know, together. */
  async total(...people: string[]): Promise<u32> {
    const counts = await Promise.all(people.map((of) => this.peer({ of }).count()));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}
