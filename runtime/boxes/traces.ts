/**
 * The traces of all pods that live here: a ring of rows for each, the oldest of which go first, and
 * none of which outlasts `KEEP_TRACES_MS` by much.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { KEEP_TRACES_MS, MAX_TRACES } from "../model/limits.ts";
import { formatPodRef, type PodRef } from "../model/words.ts";
import type { Change, Key, Store } from "../ports/store.ts";
import { keys } from "./rows.ts";
import { decodeTrace, encodeTrace, type Trace } from "./trace.ts";

/** Old rows are looked for once in so many new ones, and so many are looked at: never a backlog. */
const SWEEP_EVERY = 64;
const SWEEP_ROWS = 128;
const PAGE = 200;

/** Places of one pod's traces. */
interface Ring {
  next: number;
}

/** See the module. */
export class Traces {
  readonly #store: Store;
  readonly #rings = new Map<string, Promise<Ring>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * What writes a trace, to be part of the commit in which it happens. Nothing for a trace of no
   * messages.
   *
   * @throws {PeriError} of the store.
   */
  async plan(pod: PodRef, trace: Trace): Promise<Change> {
    const { length } = trace.kind === "answered" ? trace.answers : trace.calls;
    if (length === 0) return {};
    const ring = await this.#ring(pod);
    const place = ring.next++;
    const old = place % SWEEP_EVERY === 0 ? await this.#old(pod, trace.atMs - KEEP_TRACES_MS) : [];
    const over = place >= MAX_TRACES ? [keys.trace(pod, place - MAX_TRACES)] : [];
    return {
      puts: [{ key: keys.trace(pod, place), value: encodeTrace(trace) }],
      deletes: [...old, ...over],
    };
  }

  /** Everything that happened to calls of a pod since then, the latest first. */
  async *read(pod: PodRef, sinceMs: number): AsyncGenerator<Trace> {
    let end: { end?: Key } = {};
    for (;;) {
      const range = { prefix: keys.traces(pod), ...end, limit: PAGE, reverse: true };
      const rows = await this.#store.list<Bytes>(range);
      for (const { key, value } of rows) {
        end = { end: key };
        const trace = decodeTrace(value);
        if (trace.atMs >= sinceMs) yield trace;
      }
      if (rows.length < PAGE) return;
    }
  }

  /** Forgets a pod that left, or whose rows came from elsewhere. */
  drop(pod: PodRef): void {
    this.#rings.delete(formatPodRef(pod));
  }

  async #old(pod: PodRef, beforeMs: number): Promise<Key[]> {
    const range = { prefix: keys.traces(pod), limit: SWEEP_ROWS };
    const rows = await this.#store.list<Bytes>(range);
    return rows.filter(({ value }) => decodeTrace(value).atMs < beforeMs).map(({ key }) => key);
  }

  #ring(pod: PodRef): Promise<Ring> {
    const name = formatPodRef(pod);
    const known = this.#rings.get(name);
    if (known) return known;
    const ring = this.#load(pod);
    this.#rings.set(name, ring);
    ring.catch(() => this.#rings.delete(name));
    return ring;
  }

  async #load(pod: PodRef): Promise<Ring> {
    const [last] = await this.#store.list({ prefix: keys.traces(pod), limit: 1, reverse: true });
    return { next: last ? (last.key.at(-1) as number) + 1 : 1 };
  }
}
