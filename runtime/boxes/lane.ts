/**
 * One lane on its sender's side: numbers, places that wait for their commit, and the front of what
 * waits to be delivered. The whole backlog stands in the store; a lane holds a bounded part of it.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { MAX_BUFFER_BYTES, MAX_LANE_BUFFER } from "../model/limits.ts";
import { formatPodRef, type LaneEpoch, type PodRef } from "../model/words.ts";
import type { Entry, Range } from "../ports/store.ts";
import type { Lettered } from "./body.ts";
import { decodeWaiting, keys, type ToRow } from "./rows.ts";
import { type Traced, tracedOf } from "./trace.ts";

/** A message in its lane, as its bundle will hold it. */
export interface Waiting {
  readonly sequence: number;
  readonly expiresMs: number;
  readonly bytes: Bytes;
  /** What traces say of it. */
  readonly traced?: Traced;
}

/** Bytes of messages in memory, counted over all lanes. */
export interface BufferRoom {
  bytes: number;
}

/** Messages that have numbers and wait for their commit. */
interface Place {
  readonly first: number;
  readonly waiting: readonly Waiting[];
  state: "planned" | "kept" | "dropped";
}

const PAGE = 200;
/** Read at once while memory is short. */
const TIGHT_PAGE = 8;

/** What names a lane in this process. */
export function laneName(from: PodRef, to: PodRef): string {
  return `${formatPodRef(from)} ${formatPodRef(to)}`;
}

/** See the module. Everything but {@link fill} is synchronous, so a lane is never half changed. */
export class Lane {
  readonly from: PodRef;
  readonly to: PodRef;
  readonly name: string;
  /** Holders that keep the lane in memory. */
  pins = 0;
  /** Messages that came to wait since the lane was loaded and still do. */
  backlog = 0;
  #row: ToRow;
  /** From this number on the recipient may know other messages by the same numbers. */
  #unproven: number;
  /** Messages below this number were placed before the lane was loaded. */
  readonly #born: number;
  #next: number;
  /** All up to this number are reserved on disk. */
  #reserved: number;
  readonly #places: Place[] = [];
  #buffer: Waiting[] = [];
  /** Everything up to here was in the buffer or is gone. */
  #cursor = 0;
  #hasMore: boolean;
  /** Messages that have been delivered, and whose rows stay until there is a commit to go with. */
  readonly #clearing = new Set<number>();
  #filling: Promise<void> | undefined;
  /** Counts how often the memory was given back: what was being read then comes too late. */
  #forgotten = 0;
  #isRetired = false;
  readonly #room: BufferRoom;

  /** @param known whether the store has a row of this lane, and so maybe messages */
  constructor(from: PodRef, to: PodRef, row: ToRow, known: boolean, room: BufferRoom) {
    this.from = from;
    this.to = to;
    this.name = laneName(from, to);
    this.#row = row;
    this.#unproven = row.unproven ?? Infinity;
    this.#reserved = row.sequence;
    this.#next = this.#born = row.sequence + 1;
    this.#hasMore = known;
    this.#room = room;
  }

  /** What the lane's row says, or is about to say. */
  get row(): ToRow {
    return this.#row;
  }

  /** Whether this many numbers can be taken now. */
  hasNumbers(count: number): boolean {
    return this.#next + count - 1 <= this.#reserved;
  }

  /** The row to write so that `count` more numbers are reserved; grows whenever it is asked. */
  reserving(count: number): ToRow {
    return this.#row = { ...this.#row, sequence: this.#row.sequence + count };
  }

  /** A row of this lane is on disk. */
  reserved(row: ToRow): void {
    this.#reserved = Math.max(this.#reserved, row.sequence);
  }

  /** The row to write so that the recipient counts as knowing the behalf with this serial. */
  introducing(serial: number): ToRow {
    return this.#row = { ...this.#row, introduced: serial };
  }

  /**
   * Those from the front that may travel together. Whether the row came from an older copy only the
   * recipient can tell: until it has, one of the numbers given since goes alone, and is the test.
   * Of those in files, whose replies are long in coming, more may go.
   */
  together(messages: readonly Waiting[], most = 1): readonly Waiting[] {
    const at = messages.findIndex(({ sequence }) => sequence >= this.#unproven);
    return at === -1 ? messages : messages.slice(0, at === 0 ? most : at);
  }

  /** Whether the reply to this message shows if the lane's numbers are new to the recipient. */
  isTest(sequence: number | undefined): boolean {
    return sequence !== undefined && sequence >= this.#unproven;
  }

  /**
   * Whether a message may be the one that the recipient knows by its number, if it knows one. It is
   * not when the number was given by this lane: an older copy cannot hold it. Of one that was read
   * with the row nobody can say.
   */
  isInDoubt(sequence: number): boolean {
    return this.isTest(sequence) && sequence < this.#born;
  }

  /** Whether the recipient has yet to show that the lane's numbers are new to it. */
  get isUnproven(): boolean {
    return this.#unproven !== Infinity;
  }

  /** The row to write when the test has passed or, with a new epoch, failed; then {@link proven}. */
  proving(epoch: LaneEpoch = this.#row.epoch): ToRow {
    const { sequence, introduced } = this.#row;
    return this.#row = { epoch, sequence, introduced };
  }

  /** Whether that row is on disk; if not, all is as before. */
  proven(isOnDisk: boolean, { epoch, unproven }: ToRow): void {
    if (isOnDisk) this.#unproven = Infinity;
    else this.#row = { ...this.#row, epoch, ...(unproven === undefined ? {} : { unproven }) };
  }

  /** Takes numbers for messages; `make` is called with each of them in order. */
  place<Item>(items: readonly Item[], make: (item: Item, sequence: number) => Waiting): Place {
    const first = this.#next;
    const waiting = items.map((item) => make(item, this.#next++));
    const place: Place = { first, waiting, state: "planned" };
    this.#places.push(place);
    return place;
  }

  /**
   * The commit of a place has ended. Messages go on in the order of their numbers, whatever the
   * order of the commits: the recipient takes a number that comes late for one it has seen.
   */
  settle(place: Place, committed: boolean): void {
    place.state = committed ? "kept" : "dropped";
    while (this.#places.length > 0 && this.#places[0]!.state !== "planned") {
      const { state, waiting } = this.#places.shift()!;
      if (state === "dropped") continue;
      this.backlog += waiting.length;
      this.#enqueue(waiting);
    }
  }

  /** Whether something may wait to be delivered. */
  get isWaiting(): boolean {
    if (this.#isRetired) return false;
    return this.#buffer.length > 0 || this.#hasMore || this.#filling !== undefined;
  }

  /** Whether it can be forgotten. */
  get isIdle(): boolean {
    return this.pins === 0 && this.#places.length === 0 && !this.isWaiting;
  }

  /** The store may hold messages of this lane that nobody told it about. */
  refresh(): void {
    this.forget();
    this.#hasMore = true;
  }

  /** Whether its sender has left. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** Its sender has left: nothing waits in it any more. A lane of the same name is another one. */
  retire(): void {
    this.#isRetired = true;
    this.#keep([]);
  }

  /** How many messages are in memory. */
  get buffered(): number {
    return this.#buffer.length;
  }

  /** Reads on when there are no more in memory than `ahead` messages, which are under way. */
  async fill(list: (range: Range) => Promise<Entry<Bytes>[]>, ahead = 0): Promise<void> {
    // Who asks while a reading is under way waits for what it brings, or would ask for ever.
    while (this.#filling) await this.#filling;
    if (this.#buffer.length > ahead || !this.#hasMore) return;
    this.#filling = this.#read(list).finally(() => this.#filling = undefined);
    await this.#filling;
  }

  /** Below this number nothing will come to wait any more; at or over it something still may. */
  get end(): number {
    return this.#places[0]?.first ?? this.#next;
  }

  /** Messages at the front or behind the first `skip`, at least one when there is any. */
  front(maxMessages: number, maxBytes: number, skip = 0): Waiting[] {
    let end = skip;
    for (let bytes = 0; end < this.#buffer.length && end - skip < maxMessages; end++) {
      bytes += this.#buffer[end]!.bytes.length;
      if (end > skip && bytes > maxBytes) break;
    }
    return this.#buffer.slice(skip, end);
  }

  /** Messages that are gone from the store. */
  drop(gone: readonly Waiting[]): void {
    const numbers = new Set(gone.map(({ sequence }) => sequence));
    this.backlog = Math.max(0, this.backlog - numbers.size);
    this.#keep(this.#buffer.filter(({ sequence }) => !numbers.has(sequence)));
  }

  /** Messages that are on the other side's disk; their rows go later. */
  delivered(messages: readonly Waiting[]): void {
    this.drop(messages);
    for (const { sequence } of messages) this.#clearing.add(sequence);
  }

  /** Their rows are gone, or are those of messages that are sent once more. */
  cleared(messages: readonly Waiting[]): void {
    for (const { sequence } of messages) this.#clearing.delete(sequence);
  }

  /** Whether a message has been delivered whose row may still be there. */
  isDelivered(sequence: number): boolean {
    return this.#clearing.has(sequence);
  }

  /** Gives the memory back; the messages are read again. */
  forget(): void {
    this.#forgotten++;
    const first = this.#buffer[0];
    if (!first) return;
    this.#keep([]);
    this.#cursor = first.sequence - 1;
    this.#hasMore = true;
  }

  #enqueue(waiting: readonly Waiting[]): void {
    if (this.#isRetired) return;
    const bytes = sizeOf(waiting);
    const fits = this.#buffer.length + waiting.length <= MAX_LANE_BUFFER &&
      this.#room.bytes + bytes <= MAX_BUFFER_BYTES;
    // While the store holds earlier ones, and while it is being read, order comes from there.
    if (this.#hasMore || this.#filling || !fits) {
      this.#hasMore = true;
      return;
    }
    this.#buffer.push(...waiting);
    this.#room.bytes += bytes;
    this.#cursor = waiting.at(-1)?.sequence ?? this.#cursor;
  }

  async #read(list: (range: Range) => Promise<Entry<Bytes>[]>): Promise<void> {
    const { from, to } = this;
    const { end } = this;
    const limit = this.#room.bytes < MAX_BUFFER_BYTES ? PAGE : TIGHT_PAGE;
    this.#hasMore = false;
    const forgotten = this.#forgotten;
    try {
      const rows = await list({
        prefix: keys.lane(from, to),
        start: keys.outbox(from, to, this.#cursor + 1),
        end: keys.outbox(from, to, end),
        limit,
      });
      if (this.#isRetired) return;
      if (this.#forgotten !== forgotten) {
        this.#hasMore = true;
        return;
      }
      const found = rows.map(({ value }) => waitingOf(value));
      this.#buffer.push(...found);
      this.#room.bytes += sizeOf(found);
      this.#cursor = found.at(-1)?.sequence ?? this.#cursor;
      if (rows.length === limit) this.#hasMore = true;
    } catch (error) {
      this.#hasMore = true;
      throw error;
    }
  }

  #keep(left: Waiting[]): void {
    this.#room.bytes -= sizeOf(this.#buffer) - sizeOf(left);
    this.#buffer = left;
  }
}

/** The message of a row. @throws {PeriError} `damaged`. */
export function waitingOf(bytes: Bytes): Waiting {
  return waitingFrom(decodeWaiting(bytes), bytes);
}

/** A message with the bytes it has in a bundle. */
export function waitingFrom(message: Lettered, bytes: Bytes): Waiting {
  const { sequence, expiresMs } = message;
  const traced = tracedOf(message);
  return traced ? { sequence, expiresMs, bytes, traced } : { sequence, expiresMs, bytes };
}

function sizeOf(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

export type { Place };
