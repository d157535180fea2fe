/**
 * Agenda: what the plan of one run does to errands that wait for their time. Pure.
 *
 * @module
 */

import type { Errand } from "../model/message.ts";
import type { PodRef } from "../model/words.ts";
import type { Change, Key } from "../ports/store.ts";
import { encodeErrand, keys } from "./rows.ts";

/** What a plan that is not committed yet makes of a key. */
export interface Planned {
  /** Without it there is none any more. */
  readonly dueMs?: number;
}

/** See the module. */
export class Agenda {
  /** What it makes of the errands of these keys. */
  readonly keys = new Map<string, Planned>();
  readonly #puts = new Map<string, { readonly dueMs: number; readonly errand: Errand }>();
  readonly #deletes: Key[] = [];
  /** How many more wait with it. */
  grown = 0;

  /** The errand of a key, which is due then, ends. */
  end(pod: PodRef, key: string, dueMs: number): void {
    this.grown--;
    this.keys.set(key, {});
    this.#puts.delete(key);
    this.#deletes.push(keys.later(pod, dueMs, key), keys.when(pod, key));
  }

  /** An errand of a key without one begins to wait. */
  begin(key: string, dueMs: number, errand: Errand): void {
    this.grown++;
    this.keys.set(key, { dueMs });
    this.#puts.set(key, { dueMs, errand });
  }

  /** Its rows; what is written is not deleted as well. */
  change(pod: PodRef): Change {
    const puts = [...this.#puts].flatMap(([key, { dueMs, errand }]) => [
      { key: keys.later(pod, dueMs, key), value: encodeErrand(errand) },
      { key: keys.when(pod, key), value: dueMs },
    ]);
    const written = new Set(puts.map(({ key }) => JSON.stringify(key)));
    return { puts, deletes: this.#deletes.filter((key) => !written.has(JSON.stringify(key))) };
  }
}
