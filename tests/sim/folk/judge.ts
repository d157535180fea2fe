/**
 * What is promised of a directory, held against the truth.
 *
 * At any moment: whoever is found was asked for, has signed what is found, is in force by the clock of
 * who asks, is never older than what the same server knew before, and is not known there to be
 * revoked. In the end, when the weather has been good for some days: everybody finds whom they may
 * find, where they are now; nobody is believed whose key is revoked.
 *
 * @module
 */

import { PeriError } from "../../../runtime/model/errors.ts";
import { formatPodRef, type PodRef } from "../../../runtime/model/words.ts";
import type { Known } from "../../../runtime/identity/behalf.ts";
import type { Home } from "./home.ts";
import { HEY, type Somebody, type Truth } from "./truth.ts";

/** What came of looking for somebody. */
export type Found = { readonly known: Known } | { readonly error: unknown };

/** See the module. */
export class Judge {
  readonly faults: string[] = [];
  finds = 0;
  successes = 0;
  readonly #best = new Map<string, number>();

  constructor(private readonly truth: Truth) {}

  /** Looks for a pod and holds what comes of it against what must be so at any moment. */
  async find(home: Home, ref: PodRef): Promise<Found> {
    this.finds++;
    const { lookup, book } = home.directory;
    const wasRevoked = await book.isRevoked(ref.person);
    try {
      const known = await lookup.find(ref);
      this.successes++;
      if (wasRevoked) {
        this.#fault(home, ref, "was found, though it is known that the key is revoked");
      }
      this.#check(home, ref, known);
      return { known };
    } catch (error) {
      if (!(error instanceof PeriError) || error.kind === "internal") {
        this.#fault(home, ref, `was not found: ${error}`);
      }
      return { error };
    }
  }

  /** Everybody who may be found must be, where they are now. */
  judgeFound(home: Home, somebody: Somebody, found: Found): void {
    const ref = { person: somebody.key.fingerprint, pod: HEY };
    const newest = this.truth.newest(ref)!;
    if ("error" in found) {
      if (!somebody.isStolen) this.#fault(home, ref, `may be found, and is not: ${found.error}`);
      return;
    }
    const { serial, endpoint } = found.known.behalf;
    // With the key of a person a thief can say what they like, until it is revoked.
    if (somebody.isStolen || serial === newest.behalf.serial) return;
    const now = `serial ${newest.behalf.serial} at ${newest.behalf.endpoint}`;
    this.#fault(home, ref, `was found at ${endpoint} by serial ${serial}, but it is ${now}`);
  }

  /** Nobody is found whose revocation can be heard of. */
  judgeRevoked(home: Home, somebody: Somebody, found: Found): void {
    const ref = { person: somebody.key.fingerprint, pod: HEY };
    if ("known" in found) this.#fault(home, ref, "was found, but the key is revoked");
  }

  /** Something else that must not be. */
  fault(text: string): void {
    this.faults.push(text);
  }

  #check(home: Home, ref: PodRef, { behalf, introduction }: Known): void {
    const name = formatPodRef(ref);
    if (formatPodRef(behalf) !== name) this.#fault(home, ref, `gave ${formatPodRef(behalf)}`);
    if (this.truth.signed(introduction.document) === undefined) {
      this.#fault(home, ref, "was found by what its person never signed");
    }
    if (behalf.expiresMs <= home.nowMs()) this.#fault(home, ref, "was found by what has expired");
    const key = `${home.server} ${name}`;
    const best = this.#best.get(key) ?? 0;
    if (behalf.serial < best) {
      this.#fault(home, ref, `was found by serial ${behalf.serial} after ${best}`);
    }
    this.#best.set(key, Math.max(best, behalf.serial));
  }

  #fault(home: Home, ref: PodRef, text: string): void {
    this.faults.push(`${home.server}: ${ref.person.slice(0, 8)}/${ref.pod} ${text}`);
  }
}
