/**
 * What was posted and what became of it, as the disks say in the end.
 *
 * @module
 */

import type { MemoryDisk } from "../../runtime/adapters/memory/store.ts";
import type { Outcome, Post } from "../../runtime/model/message.ts";
import { formatPodRef, type PodRef, type ResponseToken } from "../../runtime/model/words.ts";
import type { Resident } from "../../runtime/ports/mailbox.ts";
import type { House } from "./house.ts";
import { deedsOn } from "./pod.ts";

/** A post. */
export interface Posted {
  readonly from: PodRef;
  readonly post: Post;
  /** The call that was opened in the commit that promised this post. */
  readonly proof: ResponseToken;
  /** By the time of the world. */
  readonly postedMs: number;
  /** `maybe`: its poster crashed before it knew; `forgotten`: its poster lost it with its disk. */
  state: "kept" | "refused" | "maybe" | "forgotten";
  /** Its poster wanted to cancel it, or took its key for another one. */
  isCancelled?: boolean;
  /** It is posted by an errand, at its own time. */
  readonly isLoose?: boolean;
}

/** What became of a post. */
export interface Fate extends Posted {
  /** Nothing kept it from arriving in time. */
  readonly isDeliverable: boolean;
  /** Nothing kept all its answers from coming back either. */
  readonly isAnswerable: boolean;
  /** The disk of its poster was replaced by an older copy. */
  readonly isFromRestored: boolean;
  /** Places in the record of the recipient. */
  readonly effects: readonly number[];
  /** Times it took effect on each disk that the recipient has lost since. */
  readonly lostEffects: readonly number[];
  readonly answers: readonly Told[];
}

/** An answer as its poster was told. */
export interface Told {
  readonly outcome: Outcome;
  readonly index: number;
  readonly end: boolean;
}

/** A whole run. */
export interface Ledger {
  readonly fates: readonly Fate[];
  /** Rows that should be gone, as text. */
  readonly leftovers: readonly string[];
  /** Most messages that waited for a caller when a stream went on at its pace. */
  readonly mostWaiting: number;
  /** What was wrong with errands that waited for their time. */
  readonly alarmed: readonly string[];
}

/** Where posts come from and go to. */
export interface Place {
  readonly residents: readonly Resident[];
  readonly house: House;
  readonly disk: MemoryDisk;
  /** Disks that were replaced by an older copy. */
  readonly lost: readonly MemoryDisk[];
  /** When it came up from the last such copy, by the time of the world. */
  readonly restoredMs: number;
  readonly isDead: boolean;
}

const LASTING = ["deed", "from", "to", "dead", "trace"];

/**
 * Reads what became of every post.
 *
 * @param patientMs posts with this deadline have had the time to arrive
 * @param alarmed what was wrong with errands that waited for their time
 */
export function readLedger(
  posted: readonly Posted[],
  places: readonly Place[],
  patientMs: number,
  alarmed: readonly string[],
): Ledger {
  const records = new Records(places);
  const living = places.filter(({ isDead }) => !isDead);
  const rows = living.flatMap(({ disk }) => disk.rows());
  const leftovers = rows.filter(({ key }) => !LASTING.includes(String(key[3])));
  const pods = living.flatMap(({ house }) => [...house.pods.values()]);
  return {
    fates: posted.map((entry) => records.fateOf(entry, patientMs)),
    leftovers: leftovers.map(({ key }) => key.join(" ")),
    mostWaiting: Math.max(...pods.map(({ mostWaiting }) => mostWaiting)),
    alarmed,
  };
}

/** What all pods have written down, by pod and token. */
class Records {
  readonly #effects = new Map<string, number[]>();
  readonly #lostEffects = new Map<string, number[]>();
  readonly #answers = new Map<string, Told[]>();
  readonly #places = new Map<string, Place>();

  constructor(places: readonly Place[]) {
    for (const place of places) {
      for (const { ref } of place.residents) this.#read(place, ref);
    }
  }

  fateOf(entry: Posted, patientMs: number): Fate {
    const { from, post: { to, token, deadlineMs, function: name }, postedMs } = entry;
    const sender = this.#places.get(formatPodRef(from))!;
    const recipient = this.#places.get(formatPodRef(to));
    const isPatient = deadlineMs >= patientMs && name !== "missing";
    const isSound = (place?: Place) => place && postedMs > place.restoredMs && !place.isDead;
    const isDeliverable = isPatient && isSound(sender) === true && isSound(recipient) === true;
    const [there, here] = [`${formatPodRef(to)} ${token}`, `${formatPodRef(from)} ${token}`];
    return {
      ...entry,
      isDeliverable,
      isAnswerable: isDeliverable && recipient?.lost.length === 0,
      isFromRestored: sender.lost.length > 0,
      effects: this.#effects.get(there) ?? [],
      lostEffects: this.#lostEffects.get(there) ?? [],
      answers: this.#answers.get(here) ?? [],
    };
  }

  #read(place: Place, ref: PodRef): void {
    const own = formatPodRef(ref);
    this.#places.set(own, place);
    deedsOn(place.disk, ref).forEach(({ token, answer: outcome, index = 0, end = true }, at) => {
      if (outcome) add(this.#answers, `${own} ${token}`, { outcome, index, end });
      else add(this.#effects, `${own} ${token}`, at);
    });
    for (const disk of place.lost) {
      const counts = new Map<string, number>();
      for (const { token, answer } of deedsOn(disk, ref)) {
        if (!answer) counts.set(token, (counts.get(token) ?? 0) + 1);
      }
      for (const [token, count] of counts) add(this.#lostEffects, `${own} ${token}`, count);
    }
  }
}

function add<Value>(map: Map<string, Value[]>, name: string, value: Value): void {
  const values = map.get(name) ?? [];
  map.set(name, values);
  values.push(value);
}
