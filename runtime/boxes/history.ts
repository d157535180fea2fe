/**
 * The history of messages: every hop of a call with its time and outcome, put together from the
 * traces of its pod and from what still waits. A hop that the other side has to vouch for says how.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { KEEP_TRACES_MS } from "../model/limits.ts";
import { formatPodRef, type PodRef, type ResponseToken } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import type { LaneState } from "./passage.ts";
import { pagesOf } from "./pages.ts";
import { decodeWaiting, keys, laneOfKey } from "./rows.ts";
import { type Trace, type Traced, tracedOf } from "./trace.ts";
import type { Traces } from "./traces.ts";

/** One step of a message. */
export interface Hop {
  readonly hop: "posted" | "waits" | "sent" | "taken" | "answered" | "lost" | "dropped" | "again";
  readonly atMs: number;
  /** Where to, why, or what came of it. */
  readonly detail: string;
  /** What the other side has vouched for it with; absent for what this side did. */
  readonly vouched?: "receipt" | "signature";
  /** How often it was tried in vain, and when it is tried again. */
  readonly tries?: number;
  readonly nextMs?: number;
}

/** A call with its hops in the order of their times. */
export interface Story {
  readonly token: ResponseToken;
  readonly from: PodRef;
  readonly to: PodRef;
  /** `interface#function`; empty when nobody knows any more. */
  readonly what: string;
  readonly postedMs: number;
  /** The last hop. */
  readonly state: Hop["hop"];
  readonly hops: readonly Hop[];
}

/** What {@link History} works with. */
export interface HistoryOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly traces: Traces;
  /** How a lane gets on. */
  state(from: PodRef, to: PodRef): LaneState;
}

/** Rows and traces looked at for the latest messages. */
const MAX_LOOKED = 2_000;

/** See the module. */
export class History {
  readonly #options: HistoryOptions;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** The latest calls of a pod, those with the latest hop first. */
  latest(pod: PodRef, most: number): Promise<Story[]> {
    return this.#gather(pod, () => true, MAX_LOOKED).then((found) => found.slice(0, most));
  }

  /** Calls of a pod whose token begins so. */
  find(pod: PodRef, prefix: string): Promise<Story[]> {
    return this.#gather(pod, (token) => token.startsWith(prefix), Infinity);
  }

  async #gather(
    pod: PodRef,
    wants: (token: ResponseToken) => boolean,
    most: number,
  ): Promise<Story[]> {
    const drafts = new Map<ResponseToken, Draft>();
    const draftOf = (token: ResponseToken, to: PodRef) =>
      drafts.getOrInsertComputed(token, () => new Draft(token, pod, to));
    let looked = 0;
    for await (const trace of this.#options.traces.read(pod, this.#sinceMs())) {
      for (const { token, ...known } of callsOf(trace)) {
        if (wants(token)) draftOf(token, trace.to).add(trace, known);
      }
      if (++looked >= most) break;
    }
    looked = 0;
    for await (const { key, value } of pagesOf<Bytes>(this.#options.store, keys.outboxes(pod))) {
      const traced = tracedOf(decodeWaiting(value));
      const to = laneOfKey(key);
      if (traced && wants(traced.token)) {
        draftOf(traced.token, to).wait(traced, this.#options.state(pod, to));
      }
      if (++looked >= most) break;
    }
    const found = [...drafts.values()].map((draft) => draft.story());
    return found.sort((a, b) => b.hops.at(-1)!.atMs - a.hops.at(-1)!.atMs);
  }

  #sinceMs(): number {
    return this.#options.clock.nowMs() - KEEP_TRACES_MS;
  }
}

/** The calls of a trace, with what it alone says of each. */
function callsOf(trace: Trace): readonly (Partial<Traced> & Known)[] {
  return trace.kind === "answered"
    ? trace.answers.map(({ token, end, error }) => ({ token, answer: error ?? "ok", isItem: !end }))
    : trace.calls;
}

interface Known {
  readonly token: ResponseToken;
  readonly answer?: string;
  /** It is one of many, and not the last. */
  readonly isItem?: boolean;
}

class Draft {
  #postedMs = 0;
  #what = "";
  readonly #hops: Hop[] = [];
  #waits: Hop | undefined;
  /** Answers of a stream, of which the latest is met first: one hop for all of them. */
  #items = 0;
  #lastItemMs = 0;

  constructor(
    readonly token: ResponseToken,
    readonly from: PodRef,
    readonly to: PodRef,
  ) {}

  add(trace: Trace, known: Partial<Traced & Known>): void {
    const { postedMs = 0, what = "", answer = "", isItem = false } = known;
    this.#know(postedMs, what);
    const { kind, atMs } = trace;
    if (isItem) {
      this.#items++;
      this.#lastItemMs ||= atMs;
      return;
    }
    if (kind === "taken") {
      const { sentMs, tries, by } = trace;
      const times = tries > 1 ? `, sent ${tries} times` : "";
      this.#hops.push({ hop: "taken", atMs, detail: formatPodRef(this.to), vouched: "receipt" });
      this.#hops.push({ hop: "sent", atMs: sentMs, detail: `${by}${times}` });
    } else if (kind === "answered") {
      this.#hops.push({ hop: kind, atMs, detail: answer, vouched: "signature" });
    } else if (kind === "again") {
      this.#hops.push({ hop: kind, atMs, detail: "" });
    } else {
      this.#hops.push({ hop: kind, atMs, detail: trace.error.subject });
    }
  }

  wait({ postedMs, what }: Traced, { reason = "", server, tries, nextMs }: LaneState): void {
    this.#know(postedMs, what);
    const detail = [server && `for ${server}`, reason].filter(Boolean).join(": ");
    const next = nextMs === undefined ? {} : { nextMs };
    this.#waits = { hop: "waits", atMs: postedMs, detail, tries, ...next };
  }

  story(): Story {
    const { token, from, to } = this;
    // Traces come latest first; hops of one moment stand in the order in which they happen.
    const hops = [...this.#items > 0 ? [this.#itemsHop()] : [], ...this.#hops.toReversed()]
      .sort((a, b) => a.atMs - b.atMs);
    if (this.#postedMs > 0) hops.unshift({ hop: "posted", atMs: this.#postedMs, detail: from.pod });
    if (this.#waits) hops.push(this.#waits);
    const state = hops.at(-1)!.hop;
    return { token, from, to, what: this.#what, postedMs: this.#postedMs, state, hops };
  }

  #itemsHop(): Hop {
    const detail = this.#items === 1 ? "1 item" : `${this.#items} items`;
    return { hop: "answered", atMs: this.#lastItemMs, detail, vouched: "signature" };
  }

  /** A message driven again was posted when it was posted first. */
  #know(postedMs: number, what: string): void {
    const earliest = Math.min(this.#postedMs || Infinity, postedMs || Infinity);
    this.#postedMs = earliest === Infinity ? 0 : earliest;
    this.#what ||= what;
  }
}
