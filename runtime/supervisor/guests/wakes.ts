/**
 * Memory of pods that are awake, for people who have a share of it: who would take more waits until
 * another pod of theirs sleeps. Those without work are put to sleep for it at once.
 *
 * @module
 */

import type { ShareOf } from "../../model/share.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Rests } from "../life/rests.ts";

/** What the pods of one person take, and who wants to. */
interface Room {
  usedBytes: number;
  awake: number;
  /** The one that has rested longest first. */
  readonly resting: Set<AbortController>;
  readonly waiting: Set<Waiter>;
}

interface Waiter {
  readonly bytes: number;
  enter(): void;
}

/** Who is awake. */
export class Wakes {
  readonly #shareOf: ShareOf;
  readonly #rooms = new Map<Fingerprint, Room>();

  constructor(shareOf: ShareOf) {
    this.#shareOf = shareOf;
  }

  /**
   * Waits until a pod may be started that takes so much memory, in order of coming. One pod may
   * always, so that nobody waits for nothing.
   *
   * @returns to be called when it sleeps; undefined when `signal` was aborted first
   */
  enter(
    person: Fingerprint,
    bytes: number,
    signal: AbortSignal,
  ): Promise<(() => void) | undefined> {
    if (this.#shareOf(person) === undefined) return Promise.resolve(() => {});
    const room = this.#room(person);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        bytes,
        enter: () => {
          signal.removeEventListener("abort", giveUp);
          resolve(this.#begin(person, room, bytes));
        },
      };
      const giveUp = () => {
        room.waiting.delete(waiter);
        resolve(undefined);
        this.#admit(person, room);
      };
      if (signal.aborted) return resolve(undefined);
      signal.addEventListener("abort", giveUp, { once: true });
      room.waiting.add(waiter);
      this.#admit(person, room);
    });
  }

  /** A person has another share: who waits may have room now. */
  look(person: Fingerprint): void {
    const room = this.#rooms.get(person);
    if (room !== undefined) this.#admit(person, room);
  }

  /** Where pods of a person rest: not while another one of theirs waits. */
  rests(person: Fingerprint, rests: Pick<Rests, "begin">): Pick<Rests, "begin"> {
    if (this.#shareOf(person) === undefined) return rests;
    return {
      begin: (rest) => {
        const room = this.#room(person);
        const end = rests.begin(rest);
        room.resting.add(rest);
        this.#admit(person, room);
        return () => {
          room.resting.delete(rest);
          end();
        };
      },
    };
  }

  #begin(person: Fingerprint, room: Room, bytes: number): () => void {
    room.usedBytes += bytes;
    room.awake++;
    return () => {
      room.usedBytes -= bytes;
      room.awake--;
      this.#admit(person, room);
    };
  }

  /** Lets in who fits, in order; for the first who does not, one that rests is put to sleep. */
  #admit(person: Fingerprint, room: Room): void {
    const most = this.#shareOf(person)?.memoryBytes ?? Infinity;
    for (const waiter of room.waiting) {
      if (room.awake > 0 && room.usedBytes + waiter.bytes > most) {
        const [longest] = room.resting;
        if (longest !== undefined) room.resting.delete(longest);
        return longest?.abort();
      }
      room.waiting.delete(waiter);
      waiter.enter();
    }
  }

  #room(person: Fingerprint): Room {
    const room = this.#rooms.get(person) ??
      { usedBytes: 0, awake: 0, resting: new Set(), waiting: new Set() };
    this.#rooms.set(person, room);
    return room;
  }
}
