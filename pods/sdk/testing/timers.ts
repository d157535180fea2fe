/**
 * Errands of a pod that wait for their time, in memory.
 *
 * @module
 */

import type { WirePost } from "../host.ts";

/** See the module. */
export class Timers {
  readonly #waiting: { readonly post: WirePost; readonly dueMs: number }[] = [];

  /** Whether one of this key waits. */
  has(key: string): boolean {
    return this.#waiting.some(({ post }) => post.key === key);
  }

  /** Keys and times of all that wait, the next ones first. */
  get all(): readonly (readonly [key: string | undefined, dueMs: number])[] {
    return this.#waiting.map(({ post, dueMs }) => [post.key, dueMs]);
  }

  /** Takes one, in place of another of its key. */
  take(post: WirePost, nowMs: number): void {
    if (post.key !== undefined) this.cancel(post.key);
    this.#waiting.push({ post, dueMs: nowMs + post.deadlineMs! });
    this.#waiting.sort((a, b) => a.dueMs - b.dueMs);
  }

  /** Ends the one of a key, if there is one. */
  cancel(key: string): void {
    const at = this.#waiting.findIndex(({ post }) => post.key === key);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  /** The next one that is due by then, which waits no more. */
  next(byMs: number): { readonly post: WirePost; readonly dueMs: number } | undefined {
    const [first] = this.#waiting;
    return first && first.dueMs <= byMs ? this.#waiting.shift() : undefined;
  }
}
