/**
 * The marks of lanes on the recipient's side, remembered after one reading.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { MAX_IDLE_LANES } from "../model/limits.ts";
import { formatPodRef, type PodRef } from "../model/words.ts";
import type { Store } from "../ports/store.ts";
import { decodeMarks, keys, type Mark } from "./rows.ts";

/** Reads marks; each lane is used by one caller at a time. */
export class MarkBook {
  readonly #store: Store;
  readonly #known = new Map<string, readonly Mark[]>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The marks of a lane, newest epoch first. */
  async read(to: PodRef, from: PodRef): Promise<readonly Mark[]> {
    const known = this.#known.get(nameOf(to, from));
    if (known) return known;
    const entry = await this.#store.get<Bytes>(keys.from(to, from));
    const marks = entry ? decodeMarks(entry.value) : [];
    this.written(to, from, marks);
    return marks;
  }

  /** The marks of a lane are on disk. */
  written(to: PodRef, from: PodRef, marks: readonly Mark[]): void {
    const name = nameOf(to, from);
    this.#known.delete(name);
    this.#known.set(name, marks);
    if (this.#known.size <= MAX_IDLE_LANES) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }

  /** Forgets what a pod's rows said, because it left or its rows came from elsewhere. */
  drop(to: PodRef): void {
    const prefix = `${formatPodRef(to)} `;
    for (const name of this.#known.keys()) if (name.startsWith(prefix)) this.#known.delete(name);
  }
}

function nameOf(to: PodRef, from: PodRef): string {
  return `${formatPodRef(to)} ${formatPodRef(from)}`;
}
