/**
 * Who stands in whose place, in memory: asked for every envelope that comes and goes.
 *
 * @module
 */

import { MAX_SUCCESSORS } from "../model/limits.ts";
import type { Succession } from "../identity/succession/succession.ts";
import type { Fingerprint } from "../model/words.ts";

/** Successors and those before them. */
export class Heirs {
  readonly #next = new Map<Fingerprint, Fingerprint>();
  readonly #before = new Map<Fingerprint, Set<Fingerprint>>();
  readonly #stolen = new Set<Fingerprint>();

  /** Keys that were left because others may sign with them. */
  get stolen(): ReadonlySet<Fingerprint> {
    return this.#stolen;
  }

  /** Somebody's successor, or that there is none. */
  set(person: Fingerprint, succession: Pick<Succession, "to" | "reason"> | undefined): void {
    const heir = succession?.to;
    if (succession?.reason === "stolen") this.#stolen.add(person);
    else this.#stolen.delete(person);
    const old = this.#next.get(person);
    if (old !== undefined) {
      const before = this.#before.get(old)!;
      before.delete(person);
      if (before.size === 0) this.#before.delete(old);
    }
    this.#next.delete(person);
    if (heir === undefined) return;
    this.#next.set(person, heir);
    this.#before.set(heir, (this.#before.get(heir) ?? new Set()).add(person));
  }

  /**
   * The last of those who follow, as far as one goes; the person when there is none.
   *
   * @param until goes no further than this one
   */
  lastOf(person: Fingerprint, until?: Fingerprint): Fingerprint {
    const line = this.followersOf(person);
    const end = until === undefined ? -1 : [person, ...line].indexOf(until);
    return end < 0 ? line.at(-1) ?? person : until!;
  }

  /** Those who have followed a person, the first of them first; at most `MAX_SUCCESSORS`. */
  followersOf(person: Fingerprint): Fingerprint[] {
    const line: Fingerprint[] = [];
    let next = this.#next.get(person);
    while (next !== undefined && next !== person && line.length < MAX_SUCCESSORS) {
      line.push(next);
      next = this.#next.get(next);
    }
    return line;
  }

  /** Those in whose place a person stands, the latest first; at most `MAX_SUCCESSORS`. */
  formersOf(person: Fingerprint): Fingerprint[] {
    const found = [person];
    for (let at = 0; at < found.length && found.length <= MAX_SUCCESSORS; at++) {
      for (const former of this.#before.get(found[at]!) ?? []) {
        if (!found.includes(former)) found.push(former);
      }
    }
    return found.slice(1, MAX_SUCCESSORS + 1);
  }
}
