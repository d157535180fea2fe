/**
 * Places in the inboxes: numbers in order of arrival, and how much waits from whom.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { MAX_INBOX_MESSAGES, MAX_INBOX_PER_SENDER } from "../model/limits.ts";
import { formatPodRef, type PodRef } from "../model/words.ts";
import type { Store } from "../ports/store.ts";
import { decodeEvent, keys } from "./rows.ts";

/** Numbers that wait for their commit. */
export interface Arrived {
  /** The first of the numbers; they have no gaps. */
  readonly first: number;
  /** To be called once, after the commit. */
  settle(committed: boolean): void;
}

const PAGE = 100;

/** The inboxes of all pods that live here, as numbers. */
export class Arrivals {
  readonly #store: Store;
  readonly #boxes = new Map<string, Promise<Box>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** How many more messages a pod takes from a sender. */
  async room(pod: PodRef, sender: PodRef): Promise<number> {
    return (await this.#box(pod)).room(formatPodRef(sender));
  }

  /** How many messages of a sender wait. */
  async count(pod: PodRef, sender: PodRef): Promise<number> {
    return (await this.#box(pod)).count(formatPodRef(sender));
  }

  /**
   * Numbers for messages that come in together, by sender. `nowMs` keeps numbers from being given
   * twice after a restart with an empty inbox.
   */
  async take(pod: PodRef, senders: readonly PodRef[], nowMs: number): Promise<Arrived> {
    return (await this.#box(pod)).take(senders.map(formatPodRef), nowMs);
  }

  /** No event from this number on may be given to the pod yet: an earlier one may still come. */
  async end(pod: PodRef): Promise<number> {
    return (await this.#box(pod)).end();
  }

  /** An event is handled. */
  removed(pod: PodRef, arrival: number): void {
    void this.#boxes.get(formatPodRef(pod))?.then((box) => box.remove(arrival));
  }

  /** Forgets what was counted, because the pod left or its rows came from elsewhere. */
  drop(pod: PodRef): void {
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
    const box = new Box();
    for (let after = -1;;) {
      const rows = await this.#store.list<Bytes>({
        prefix: keys.inboxes(pod),
        start: keys.inbox(pod, after + 1),
        limit: PAGE,
      });
      for (const { key, value } of rows) {
        after = key.at(-1) as number;
        box.add(after, formatPodRef(decodeEvent(pod, after, value).message.from));
      }
      if (rows.length < PAGE) return box;
    }
  }
}

class Box {
  readonly #senders = new Map<number, string>();
  readonly #counts = new Map<string, number>();
  /** Numbers given out whose commits have not ended, lowest first. */
  readonly #open = new Set<number>();
  #last = 0;

  add(arrival: number, sender: string): void {
    this.#last = Math.max(this.#last, arrival);
    this.#senders.set(arrival, sender);
    this.#counts.set(sender, (this.#counts.get(sender) ?? 0) + 1);
  }

  remove(arrival: number): void {
    const sender = this.#senders.get(arrival);
    if (sender === undefined) return;
    this.#senders.delete(arrival);
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

  take(senders: readonly string[], nowMs: number): Arrived {
    const first = this.#last === 0 ? nowMs * 1000 : this.#last + 1;
    senders.forEach((sender, index) => this.add(first + index, sender));
    if (senders.length > 0) this.#open.add(first);
    return {
      first,
      settle: (committed) => {
        this.#open.delete(first);
        if (!committed) senders.forEach((_, index) => this.remove(first + index));
      },
    };
  }

  end(): number {
    for (const lowest of this.#open) return lowest;
    return Infinity;
  }
}
