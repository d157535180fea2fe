/**
 * Places in the inboxes: numbers in order of arrival, and how much waits from whom.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { MAX_INBOX_MESSAGES, MAX_INBOX_PER_SENDER } from "../model/limits.ts";
import type { InboxEvent, Message } from "../model/message.ts";
import { formatPodRef, type PodRef } from "../model/words.ts";
import type { Store } from "../ports/store.ts";
import { Fresh, type FreshRoom } from "./fresh.ts";
import { decodeEvent, keys } from "./rows.ts";

/** Numbers that wait for their commit. */
export interface Arrived {
  /** The first of the numbers; they have no gaps. */
  readonly first: number;
  /** To be called once, after the commit; events that are given here need not be read back. */
  settle(committed: boolean, events?: readonly InboxEvent[]): void;
}

const PAGE = 100;
/** Errands are counted apart from all senders. */
const ERRANDS = "errands";
/** A full inbox is asked again after this, at the earliest and at the latest. */
const FULL_FIRST_MS = 50;
const FULL_CAP_MS = 5_000;

/** The inboxes of all pods that live here, as numbers. */
export class Arrivals {
  readonly #store: Store;
  readonly #boxes = new Map<string, Promise<Box>>();
  readonly #room: FreshRoom = { bytes: 0 };

  constructor(store: Store) {
    this.#store = store;
  }

  /** How many more messages a pod takes from a sender. */
  async room(pod: PodRef, sender: PodRef): Promise<number> {
    return (await this.#box(pod)).room(formatPodRef(sender));
  }

  /** When a sender is to ask again for whom there was no room, by how fast the pod works. */
  async retryAfterMs(pod: PodRef, nowMs: number): Promise<number> {
    return (await this.#box(pod)).retryAfterMs(nowMs);
  }

  /** How many errands of a pod wait. What it sends itself is not among them. */
  async errands(pod: PodRef): Promise<number> {
    return (await this.#box(pod)).count(ERRANDS);
  }

  /**
   * Numbers for messages that come in together, by sender. `nowMs` keeps numbers from being given
   * twice after a restart with an empty inbox.
   */
  async take(pod: PodRef, senders: readonly PodRef[], nowMs: number): Promise<Arrived> {
    return (await this.#box(pod)).take(senders.map(formatPodRef), nowMs);
  }

  /** Numbers for so many errands of a pod; as {@link take}. */
  async takeErrands(pod: PodRef, count: number, nowMs: number): Promise<Arrived> {
    return (await this.#box(pod)).take(Array<string>(count).fill(ERRANDS), nowMs);
  }

  /** Events of a pod after an arrival number, oldest first. */
  async waiting(pod: PodRef, after: number, limit: number): Promise<InboxEvent[]> {
    const box = await this.#box(pod);
    const fresh = box.fresh.take(after, box.arrivals(), limit);
    if (fresh) return fresh;
    const { end, isSettled } = box;
    const rows = await this.#store.list<Bytes>({
      prefix: keys.inboxes(pod),
      start: keys.inbox(pod, after + 1),
      end: keys.inbox(pod, Math.max(end, after + 1)),
      limit,
    });
    const events = rows.map(({ key, value }) => decodeEvent(pod, key.at(-1) as number, value));
    const isAll = rows.length < limit && isSettled;
    box.fresh.given(events.at(-1)?.arrival ?? after, isAll);
    return events;
  }

  /** An event is handled. */
  removed(pod: PodRef, arrival: number): void {
    void this.#boxes.get(formatPodRef(pod))?.then((box) => box.remove(arrival));
  }

  /** Forgets what was counted, because the pod left or its rows came from elsewhere. */
  drop(pod: PodRef): void {
    void this.#boxes.get(formatPodRef(pod))?.then((box) => box.fresh.clear(), () => {});
    this.#boxes.delete(formatPodRef(pod));
  }

  #box(pod: PodRef): Promise<Box> {
    const name = formatPodRef(pod);
    const known = this.#boxes.get(name);
    if (known) return known;
    const box = this.#load(pod);
    this.#boxes.set(name, box);
    box.catch(() => this.#boxes.delete(name));
    return box;
  }

  async #load(pod: PodRef): Promise<Box> {
    const box = new Box(this.#room);
    for (let after = -1;;) {
      const rows = await this.#store.list<Bytes>({
        prefix: keys.inboxes(pod),
        start: keys.inbox(pod, after + 1),
        limit: PAGE,
      });
      for (const { key, value } of rows) {
        after = key.at(-1) as number;
        box.add(after, senderOf(decodeEvent(pod, after, value).message));
      }
      if (rows.length < PAGE) return box;
    }
  }
}

/** What a pod's periphery tells it in its own name has no place in a lane. */
function senderOf({ from, to, sequence }: Message): string {
  const name = formatPodRef(from);
  return sequence === 0 && name === formatPodRef(to) ? ERRANDS : name;
}

class Box {
  readonly fresh: Fresh;
  readonly #senders = new Map<number, string>();
  readonly #counts = new Map<string, number>();
  /** Numbers given out whose commits have not ended, lowest first. */
  readonly #open = new Set<number>();
  #last = 0;
  #handled = 0;
  /** When a sender was last told to come again, and what had been handled by then. */
  #told = { atMs: -Infinity, handled: 0, waitMs: 0 };

  constructor(room: FreshRoom) {
    this.fresh = new Fresh(room);
  }

  /** Numbers that wait, rising, up to the first whose commit has not ended: an earlier may come. */
  *arrivals(): Generator<number> {
    const { end } = this;
    for (const arrival of this.#senders.keys()) {
      if (arrival >= end) return;
      yield arrival;
    }
  }

  add(arrival: number, sender: string): void {
    this.#last = Math.max(this.#last, arrival);
    this.#senders.set(arrival, sender);
    this.#counts.set(sender, (this.#counts.get(sender) ?? 0) + 1);
  }

  remove(arrival: number): void {
    const sender = this.#senders.get(arrival);
    if (sender === undefined) return;
    this.#senders.delete(arrival);
    this.#handled++;
    const count = (this.#counts.get(sender) ?? 0) - 1;
    if (count > 0) this.#counts.set(sender, count);
    else this.#counts.delete(sender);
  }

  count(sender: string): number {
    return this.#counts.get(sender) ?? 0;
  }

  room(sender: string): number {
    const left = MAX_INBOX_PER_SENDER - this.count(sender);
    return Math.max(0, Math.min(left, MAX_INBOX_MESSAGES - this.#senders.size));
  }

  /** The time in which half of a sender's room gets free; ever longer while nothing is handled. */
  retryAfterMs(nowMs: number): number {
    const told = this.#told;
    const passedMs = nowMs - told.atMs;
    // Several senders ask at once, and clocks are set back.
    if (passedMs >= 0 && passedMs < told.waitMs) return told.waitMs;
    const done = this.#handled - told.handled;
    const halfMs = done > 0 ? passedMs * MAX_INBOX_PER_SENDER / 2 / done : 2 * told.waitMs;
    const isLongAgo = !(passedMs >= 0 && passedMs <= 2 * FULL_CAP_MS);
    const wishMs = isLongAgo ? FULL_FIRST_MS : Math.round(halfMs);
    const waitMs = Math.min(FULL_CAP_MS, Math.max(FULL_FIRST_MS, wishMs));
    this.#told = { atMs: nowMs, handled: this.#handled, waitMs };
    return waitMs;
  }

  take(senders: readonly string[], nowMs: number): Arrived {
    const first = this.#last === 0 ? nowMs * 1000 : this.#last + 1;
    senders.forEach((sender, index) => this.add(first + index, sender));
    if (senders.length > 0) this.#open.add(first);
    return {
      first,
      settle: (committed, events = []) => {
        this.#open.delete(first);
        if (committed) events.forEach((event) => this.fresh.keep(event));
        else senders.forEach((_, index) => this.remove(first + index));
      },
    };
  }

  /**
   * No event from this number on may be given to the pod yet: one with a lower number may still
   * come, also when both get their numbers while the store is being read.
   */
  get end(): number {
    for (const lowest of this.#open) return lowest;
    return this.#last + 1;
  }

  /** Whether no commit is under way. */
  get isSettled(): boolean {
    return this.#open.size === 0;
  }
}
