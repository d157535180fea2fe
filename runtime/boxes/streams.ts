/**
 * Streams that wait for the answers of pods living here. Their rows change with the commits of
 * their pod's runs and in no other way: a cancel and a deadline come to the pod as events, and it
 * is the run for them that ends the stream. So one pod's streams have one writer.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { MAX_STREAM_BACKLOG, MAX_STREAMS, MAX_STREAMS_PER_CALLER } from "../model/limits.ts";
import type { Reply, StreamWork } from "../model/message.ts";
import { formatPodRef, formatStreamHandle, type PodRef, type StreamRef } from "../model/words.ts";
import { type Change, mergeChanges, type Store } from "../ports/store.ts";
import { pagesOf } from "./pages.ts";
import { decodeOwed, keys, type OwedStream } from "./rows.ts";
import { notTaken, StreamDraft, tooManyStreams } from "./stream.ts";

/** What {@link Streams} works with. */
export interface StreamsOptions {
  readonly store: Store;
  /** Messages that wait from one pod to another. */
  backlog(from: PodRef, to: PodRef): number;
  /** A stream of this pod is due then. */
  due(pod: PodRef, dueMs: number): void;
  /** Streams of this pod that may wait at once; absent: `MAX_STREAMS`. */
  most?(pod: PodRef): number;
}

/** What a run does to streams, ready to be committed with it. */
export interface PlannedStreams {
  readonly change: Change;
  /** Answers, which have yet to get their places in their lanes. */
  readonly replies: readonly Reply[];
  /** To be called once, after the commit. */
  settle(committed: boolean): void;
}

/** See the module. */
export class Streams {
  readonly #options: StreamsOptions;
  /** Rows as plans that are not committed yet leave them. */
  readonly #planned = new Map<string, StreamDraft>();
  readonly #counts = new Map<string, Promise<Counts>>();

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /**
   * Plans what a run does to streams.
   *
   * @throws {PeriError} `invalid` for an answer to a stream that is not open, an item that is not of
   * its type or a second call with the token of an open one, `too-large` for an item over its bound.
   */
  async plan(pod: PodRef, work: StreamWork, nowMs: number): Promise<PlannedStreams> {
    const replies: Reply[] = [];
    const drafts = await this.#drafts(pod, work, replies, nowMs);
    const of = (ref: StreamRef) => drafts.get(formatStreamHandle(ref))!;
    const { opened, ended, answers } = work;
    if (opened) {
      of(opened).open(opened);
      if (await this.#isFull(pod, opened.caller)) {
        of(opened).close(tooManyStreams());
        work.full?.();
      }
    }
    for (const answer of answers) {
      // A caller that has cancelled wants no more.
      const isEnded = ended && formatStreamHandle(ended) === formatStreamHandle(answer);
      if (!isEnded) of(answer).answer(answer.part, work);
    }
    if (ended) of(ended).end();
    this.#closeUntaken(pod, drafts.values());
    return this.#place(pod, [...drafts.values()], replies);
  }

  /** Forgets what a pod's rows said, because it left or its rows came from elsewhere. */
  drop(pod: PodRef): void {
    this.#counts.delete(formatPodRef(pod));
    const prefix = `${formatPodRef(pod)} `;
    for (const name of this.#planned.keys()) {
      if (name.startsWith(prefix)) this.#planned.delete(name);
    }
  }

  async #drafts(
    pod: PodRef,
    { opened, ended, answers }: StreamWork,
    replies: Reply[],
    nowMs: number,
  ): Promise<Map<string, StreamDraft>> {
    const refs = new Map<string, StreamRef>();
    for (
      const { caller, token } of [opened, ended, ...answers].filter((ref) => ref !== undefined)
    ) {
      const ref = { caller, token };
      refs.set(formatStreamHandle(ref), ref);
    }
    const drafts = [...refs].map(async ([handle, ref]) =>
      [handle, new StreamDraft(ref, await this.#read(pod, ref), replies, nowMs)] as const
    );
    return new Map(await Promise.all(drafts));
  }

  async #read(pod: PodRef, ref: StreamRef): Promise<OwedStream | undefined> {
    const planned = this.#planned.get(nameOf(pod, ref));
    if (planned) return planned.after;
    const row = await this.#options.store.get<Bytes>(keys.owed(pod, ref));
    return row && decodeOwed(row.value);
  }

  #closeUntaken(pod: PodRef, drafts: Iterable<StreamDraft>): void {
    for (const draft of drafts) {
      const { caller } = draft.ref;
      const isUntaken = draft.after && draft.after !== draft.before &&
        this.#options.backlog(pod, caller) >= MAX_STREAM_BACKLOG;
      if (isUntaken) draft.close(notTaken(caller));
    }
  }

  #place(pod: PodRef, drafts: readonly StreamDraft[], replies: readonly Reply[]): PlannedStreams {
    const changed = drafts.filter(({ before, after }) => before !== after);
    for (const draft of changed) this.#planned.set(nameOf(pod, draft.ref), draft);
    return {
      change: mergeChanges(changed.map((draft) => draft.change(pod))),
      replies,
      settle: (committed) => {
        for (const draft of changed) this.#settle(pod, draft, committed);
      },
    };
  }

  #settle(pod: PodRef, draft: StreamDraft, committed: boolean): void {
    const name = nameOf(pod, draft.ref);
    if (this.#planned.get(name) === draft) this.#planned.delete(name);
    if (!committed) return;
    const { before, after, ref } = draft;
    const grown = (after ? 1 : 0) - (before ? 1 : 0);
    void this.#counts.get(formatPodRef(pod))?.then((counts) => counts.add(ref.caller, grown));
    if (after && after.dueMs !== before?.dueMs) this.#options.due(pod, after.dueMs);
  }

  async #isFull(pod: PodRef, caller: PodRef): Promise<boolean> {
    const name = formatPodRef(pod);
    const counting = this.#counts.get(name) ?? this.#count(pod);
    this.#counts.set(name, counting);
    counting.catch(() => this.#counts.delete(name));
    return (await counting).isFull(caller, this.#options.most?.(pod) ?? MAX_STREAMS);
  }

  async #count(pod: PodRef): Promise<Counts> {
    const counts = new Counts();
    for await (const { key } of pagesOf(this.#options.store, keys.oweds(pod))) {
      counts.addNamed(`${key[4]}/${key[5]}`, 1);
    }
    return counts;
  }
}

/** How many streams wait, by caller. */
class Counts {
  readonly #callers = new Map<string, number>();
  #all = 0;

  isFull(caller: PodRef, most: number): boolean {
    const count = this.#callers.get(formatPodRef(caller)) ?? 0;
    return this.#all >= most || count >= MAX_STREAMS_PER_CALLER;
  }

  add(caller: PodRef, count: number): void {
    this.addNamed(formatPodRef(caller), count);
  }

  addNamed(caller: string, count: number): void {
    this.#all += count;
    const left = (this.#callers.get(caller) ?? 0) + count;
    if (left > 0) this.#callers.set(caller, left);
    else this.#callers.delete(caller);
  }
}

function nameOf(pod: PodRef, ref: StreamRef): string {
  return `${formatPodRef(pod)} ${formatStreamHandle(ref)}`;
}
