/**
 * All lanes of this periphery on the sender's side.
 *
 * A pod is held by one process at a time, so what its rows say is remembered after one reading.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { LANE_BLOCK, MAX_IDLE_LANES } from "../model/limits.ts";
import { epochFromBytes, type PodRef } from "../model/words.ts";
import { type Entropy, fraction } from "../ports/entropy.ts";
import type { Store } from "../ports/store.ts";
import { type BufferRoom, Lane, laneName } from "./lane.ts";
import { decodeTo, encodeTo, keys, laneOfKey, type ToRow } from "./rows.ts";

/** Loads, keeps and forgets lanes. */
export class Lanes {
  readonly #store: Store;
  readonly #entropy: Entropy;
  readonly #lanes = new Map<string, Lane>();
  readonly #loading = new Map<string, Promise<Lane>>();
  readonly #reserving = new Map<Lane, Promise<void>>();
  readonly #room: BufferRoom = { bytes: 0 };

  constructor(store: Store, entropy: Entropy) {
    this.#store = store;
    this.#entropy = entropy;
  }

  /** The lane between two pods, pinned: the caller counts `pins` down when done with it. */
  async pin(from: PodRef, to: PodRef): Promise<Lane> {
    const name = laneName(from, to);
    const lane = this.#lanes.get(name);
    if (!lane) return await this.#loaded(name, from, to);
    lane.pins++;
    return lane;
  }

  /**
   * Reserves numbers on disk until the lane has this many to give. A commit of its own, once per
   * block: so the commits that use the numbers may come in any order, or never.
   */
  async reserve(lane: Lane, count: number): Promise<void> {
    while (!lane.hasNumbers(count)) {
      const running = this.#reserving.get(lane) ?? this.#reserve(lane, count);
      this.#reserving.set(lane, running);
      await running;
    }
  }

  /** The lanes in which something waits in the store, one after the other. */
  async *waiting(from: PodRef): AsyncGenerator<PodRef> {
    const prefix = keys.outboxes(from);
    let start: { start?: ReturnType<typeof keys.lane> } = {};
    for (;;) {
      const [first] = await this.#store.list<Bytes>({ prefix, ...start, limit: 1 });
      if (!first) return;
      const to = laneOfKey(first.key);
      yield to;
      // The first key behind every key of this lane: sequences are finite numbers.
      start = { start: keys.outbox(from, to, Infinity) };
    }
  }

  /** Messages that wait from one pod to another, as far as this process has seen. */
  backlog(from: PodRef, to: PodRef): number {
    return this.#lanes.get(laneName(from, to))?.backlog ?? 0;
  }

  /** So many messages have waited there since before this process. */
  recount(from: PodRef, to: PodRef, count: number): void {
    const lane = this.#lanes.get(laneName(from, to));
    if (lane) lane.backlog = Math.max(lane.backlog, count);
  }

  /** Whether a message has been delivered whose row may still be there. */
  isDelivered(from: PodRef, to: PodRef, sequence: number): boolean {
    return this.#lanes.get(laneName(from, to))?.isDelivered(sequence) ?? false;
  }

  /** Forgets what a pod's rows said, because it left or its rows came from elsewhere. */
  drop(pod: PodRef): void {
    for (const [name, lane] of this.#lanes) {
      if (lane.from.person !== pod.person || lane.from.pod !== pod.pod) continue;
      lane.retire();
      this.#lanes.delete(name);
    }
  }

  /** Pinned at once: a lane that is forgotten and in use gives its numbers a second time. */
  async #loaded(name: string, from: PodRef, to: PodRef): Promise<Lane> {
    const running = this.#loading.get(name) ?? this.#load(from, to);
    this.#loading.set(name, running);
    try {
      const lane = await running;
      lane.pins++;
      this.#lanes.set(name, lane);
      this.#evict();
      return lane;
    } finally {
      this.#loading.delete(name);
    }
  }

  async #load(from: PodRef, to: PodRef): Promise<Lane> {
    const entry = await this.#store.get<Bytes>(keys.to(from, to));
    const row: ToRow = entry
      ? this.#goOn(decodeTo(entry.value))
      : { epoch: epochFromBytes(this.#entropy.bytes(16)), sequence: 0, introduced: 0 };
    return new Lane(from, to, row, entry !== undefined, this.#room);
  }

  /**
   * The row may be from an older copy, and numbers behind it in use. The test of that (`Lane.together`)
   * sees a mark above its own number, so two lives of one copy do not begin with the same number.
   */
  #goOn({ epoch, introduced, sequence: last, unproven = last + 1 }: ToRow): ToRow {
    const skipped = Math.floor(fraction(this.#entropy) * LANE_BLOCK);
    return { epoch, introduced, sequence: last + skipped, unproven };
  }

  async #reserve(lane: Lane, count: number): Promise<void> {
    const row = lane.reserving(Math.max(LANE_BLOCK, count));
    try {
      const key = keys.to(lane.from, lane.to);
      await this.#store.commit({ puts: [{ key, value: encodeTo(row) }] });
      lane.reserved(row);
    } finally {
      this.#reserving.delete(lane);
    }
  }

  #evict(): void {
    if (this.#lanes.size <= MAX_IDLE_LANES) return;
    for (const [name, lane] of this.#lanes) {
      if (lane.isIdle) this.#lanes.delete(name);
      if (this.#lanes.size <= MAX_IDLE_LANES / 2) return;
    }
  }
}
