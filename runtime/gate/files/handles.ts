/**
 * What a session has open. Handles are numbers of this session and mean nothing in another.
 *
 * @module
 */

import type { Entry } from "./pod.ts";
import { type Reading, refuse, type Work } from "./work.ts";

/** Handles of one session. */
export const MAX_HANDLES = 256;

/** A folder that is being listed. */
export interface Listing {
  readonly kind: "listing";
  readonly pages: AsyncIterator<readonly Entry[]>;
  /** What was asked of the pod and not given yet. */
  entries: readonly Entry[];
  /** Of these, how many were given. */
  given: number;
}

/** A file that is open, and whether all that is written goes to its end. */
export interface OpenFile {
  readonly kind: "file";
  readonly file: Reading | Work;
  readonly isAppending: boolean;
  /** It may be read. */
  readonly isReadable: boolean;
}

/** See the module. */
export class Handles {
  readonly #open = new Map<number, OpenFile | Listing>();
  #last = 0;

  /** @throws {PeriError} `busy` when too many are open */
  check(): void {
    if (this.#open.size >= MAX_HANDLES) throw refuse("busy", `${MAX_HANDLES} files are open`);
  }

  /** Opens something; its handle. */
  add(opened: OpenFile | Listing): number {
    this.#open.set(++this.#last, opened);
    return this.#last;
  }

  /** @throws {PeriError} `invalid` for what is not open, or no file */
  file(handle: number): OpenFile {
    const opened = this.#open.get(handle);
    if (opened?.kind === "file") return opened;
    throw refuse("invalid", "no file is open by this handle");
  }

  /** @throws {PeriError} `invalid` for what is not open, or no folder */
  listing(handle: number): Listing {
    const opened = this.#open.get(handle);
    if (opened?.kind === "listing") return opened;
    throw refuse("invalid", "no folder is open by this handle");
  }

  /** Forgets one. @throws {PeriError} `invalid` for what is not open */
  take(handle: number): OpenFile | Listing {
    const opened = this.#open.get(handle);
    if (opened === undefined) throw refuse("invalid", "nothing is open by this handle");
    this.#open.delete(handle);
    return opened;
  }

  /** Forgets all. */
  takeAll(): (OpenFile | Listing)[] {
    const all = [...this.#open.values()];
    this.#open.clear();
    return all;
  }
}
