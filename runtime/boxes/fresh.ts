/**
 * Events of one inbox as they came in, kept until their pod takes them, so that what is on disk
 * needs not be read back. Whatever is missing here is read.
 *
 * @module
 */

import { MAX_FRESH_BYTES, MAX_FRESH_EVENTS } from "../model/limits.ts";
import type { Body, InboxEvent } from "../model/message.ts";

/** Bytes of fresh events, counted over all inboxes. */
export interface FreshRoom {
  bytes: number;
}

/** What an event takes besides its payload, about. */
const EVENT_BYTES = 1_024;

/** See the module. */
export class Fresh {
  readonly #room: FreshRoom;
  readonly #events = new Map<number, InboxEvent>();
  /** Whether the pod has been given all that was on disk before, so that only new ones follow. */
  #isCaughtUp = false;

  constructor(room: FreshRoom) {
    this.#room = room;
  }

  /** Keeps an event that is on disk, while there is room. */
  keep(event: InboxEvent): void {
    const bytes = sizeOf(event);
    if (this.#events.size >= MAX_FRESH_EVENTS || this.#room.bytes + bytes > MAX_FRESH_BYTES) return;
    this.#room.bytes += bytes;
    this.#events.set(event.arrival, event);
  }

  /**
   * The events behind `after`, which wait as `arrivals` (rising); undefined when they must be read.
   * A pod that begins anew (`after` below 0) may have worked on some before: what the store says of
   * that counts.
   */
  take(after: number, arrivals: Iterable<number>, limit: number): InboxEvent[] | undefined {
    if (after < 0) this.clear();
    if (!this.#isCaughtUp) return undefined;
    const found: InboxEvent[] = [];
    for (const arrival of arrivals) {
      if (arrival <= after) continue;
      if (found.length === limit) break;
      const event = this.#events.get(arrival);
      if (!event) return undefined;
      found.push(event);
    }
    for (const { arrival } of found) this.#drop(arrival);
    return found;
  }

  /** Events up to this one were read and given to the pod; `isAll`: there were no others. */
  given(last: number, isAll: boolean): void {
    for (const arrival of this.#events.keys()) if (arrival <= last) this.#drop(arrival);
    this.#isCaughtUp ||= isAll;
  }

  /** Gives the memory back; the pod must read. */
  clear(): void {
    this.#isCaughtUp = false;
    for (const arrival of this.#events.keys()) this.#drop(arrival);
  }

  #drop(arrival: number): void {
    const event = this.#events.get(arrival);
    if (event) this.#room.bytes -= sizeOf(event);
    this.#events.delete(arrival);
  }
}

function sizeOf({ message: { body }, continuation }: InboxEvent): number {
  return EVENT_BYTES + 2 * (textOf(body).length + (continuation?.note.length ?? 0));
}

function textOf(body: Body): string {
  if (body.kind === "call") return body.payload;
  if (body.kind === "cancel") return "";
  return "ok" in body.outcome ? body.outcome.ok : body.outcome.error.subject;
}
