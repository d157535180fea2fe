/**
 * Who wants to know when the tables of a pod have changed.
 *
 * @module
 */

import { formatPodRef, type PodRef } from "../../model/words.ts";

/** Listeners of pods. Pods that nobody looks at cost nothing. */
export class Watchers {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Tells a listener of every change until the function that it gives is called. */
  watch(ref: PodRef, changed: () => void): () => void {
    const key = formatPodRef(ref);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    // The same function may listen twice.
    const listener = () => changed();
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }

  /** Something that a pod wrote is on disk. */
  tell(ref: PodRef): void {
    if (this.#listeners.size === 0) return;
    for (const listener of this.#listeners.get(formatPodRef(ref)) ?? []) listener();
  }
}
