/**
 * Pace: errands that go on with a stream wait until most of what was given has left, so that a pod
 * gives a long list as fast as its caller takes it. They are rows until then, and survive restarts.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { toPeriError } from "../model/errors.ts";
import { MAX_STREAM_BACKLOG, PACE_BACKLOG } from "../model/limits.ts";
import type { Errand } from "../model/message.ts";
import {
  formatPodRef,
  parseFingerprint,
  parsePodName,
  parseResponseToken,
  type PodRef,
  type StreamRef,
} from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Log } from "../ports/log.ts";
import type { Residents } from "../ports/mailbox.ts";
import type { Key, Store } from "../ports/store.ts";
import type { Arrivals } from "./arrivals.ts";
import { rowsOfErrands } from "./errands.ts";
import { laneName } from "./lane.ts";
import { pagesOf } from "./pages.ts";
import { decodeErrand, keys } from "./rows.ts";

/** What {@link Pace} works with. */
export interface PaceOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  readonly arrivals: Arrivals;
  readonly residents: Pick<Residents, "all" | "wake">;
  /** Messages that wait from one pod to another. */
  backlog(from: PodRef, to: PodRef): number;
  /** So many have waited there since before. */
  recount(from: PodRef, to: PodRef, count: number): void;
}

/** After a failure of the store. */
const AGAIN_MS = 5_000;
/** Answers of a stream that wait are no more than this. */
const MAX_COUNTED = MAX_STREAM_BACKLOG;

/** See the module. */
export class Pace {
  readonly #options: PaceOptions;
  readonly #stopped = new AbortController();
  /** Streams with an errand that waits, by the lanes of their answers. */
  readonly #waiting = new Map<string, Map<string, StreamRef>>();

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Looks for errands of earlier. */
  async start(): Promise<void> {
    for (const { ref } of this.#options.residents.all()) await this.adopt(ref);
  }

  /** Looks for errands of a pod whose rows came from elsewhere or from before. */
  async adopt(pod: PodRef): Promise<void> {
    const { store, recount } = this.#options;
    const counted = new Set<string>();
    for await (const { key } of pagesOf<Bytes>(store, keys.paces(pod))) {
      const stream = streamOfKey(key);
      const { caller } = stream;
      const name = laneName(pod, caller);
      if (!counted.has(name)) {
        const rows = await store.list({ prefix: keys.lane(pod, caller), limit: MAX_COUNTED });
        recount(pod, caller, rows.length);
        counted.add(name);
      }
      this.added(pod, stream);
    }
  }

  /** An errand waits. */
  added(pod: PodRef, stream: StreamRef): void {
    const name = laneName(pod, stream.caller);
    const streams = this.#waiting.get(name) ?? new Map<string, StreamRef>();
    this.#waiting.set(name, streams);
    streams.set(stream.token, stream);
    this.left(pod, stream.caller);
  }

  /** Messages have left a lane. */
  left(from: PodRef, to: PodRef): void {
    if (this.#waiting.size === 0) return;
    const name = laneName(from, to);
    const streams = this.#waiting.get(name);
    if (!streams || this.#options.backlog(from, to) > PACE_BACKLOG) return;
    this.#waiting.delete(name);
    for (const stream of streams.values()) void this.#release(from, stream);
  }

  /** Forgets a pod that left. */
  drop(pod: PodRef): void {
    const prefix = `${formatPodRef(pod)} `;
    for (const name of this.#waiting.keys()) {
      if (name.startsWith(prefix)) this.#waiting.delete(name);
    }
  }

  /** Stops; errands that wait are seen at the next start. */
  stop(): void {
    this.#stopped.abort();
  }

  /** Gives the pod its errand; one whose stream has ended is gone. Never rejects. */
  async #release(pod: PodRef, stream: StreamRef): Promise<void> {
    const { store, log } = this.#options;
    const key = keys.pace(pod, stream);
    try {
      const row = await store.get<Bytes>(key);
      if (!row) return;
      await this.#give(pod, decodeErrand(row.value), { key, version: row.version });
    } catch (error) {
      // The next message that leaves looks at it again; there may be none.
      log.error("errand waits", toPeriError(error, "give an errand"), { pod: formatPodRef(pod) });
      const name = laneName(pod, stream.caller);
      const streams = this.#waiting.get(name) ?? new Map<string, StreamRef>();
      this.#waiting.set(name, streams.set(stream.token, stream));
      const { signal } = this.#stopped;
      await this.#options.clock.sleep(AGAIN_MS, signal);
      if (!signal.aborted) this.left(pod, stream.caller);
    }
  }

  async #give(
    pod: PodRef,
    errand: Errand,
    check: { readonly key: Key; readonly version: string },
  ): Promise<void> {
    const { store, clock, entropy, arrivals, residents } = this.#options;
    const nowMs = clock.nowMs();
    const places = await arrivals.takeErrands(pod, 1, nowMs);
    let committed = false;
    try {
      committed = await store.commit({
        checks: [check],
        puts: rowsOfErrands(pod, [errand], places.first, { entropy, nowMs }),
        deletes: [check.key],
      });
    } finally {
      places.settle(committed);
      // Committed or not: events that came meanwhile were held back behind this one.
      residents.wake(pod);
    }
  }
}

function streamOfKey(key: Key): StreamRef {
  const [person, pod, token] = key.slice(4).map(String) as [string, string, string];
  const caller = { person: parseFingerprint(person), pod: parsePodName(pod) };
  return { caller, token: parseResponseToken(token) };
}
