/**
 * What the rest of a periphery may ask of its directory.
 *
 * @module
 */

import type { Introduction, Known } from "../identity/behalf.ts";
import type { Bytes } from "../model/bytes.ts";
import type { Fingerprint, PodRef } from "../model/words.ts";

/** Finds and learns the behalfs of pods anywhere. */
export interface Directory {
  /**
   * The behalf in force of a pod: from the book, else from friends, else from the person's home. Of a
   * person with a successor that of the successor's pod with the same name. Of one in the book others
   * are asked once a day whether there is a newer one, in the background.
   *
   * @param isDoubted its server does not take what is sent: others are asked before this resolves,
   * every `RECHECK_DOUBTED_MS` at most
   * @throws {PeriError} `not-found` when nobody asked knows it, `expired` when it is known but no
   * longer valid and nobody has a newer one, `denied` when its person has revoked it or their key and
   * nobody has a newer one, `unreachable` when nobody could be asked.
   */
  find(ref: PodRef, isDoubted?: boolean): Promise<Known>;
  /**
   * The behalf in force of a pod that is in the book, as the server it names says now: it may be
   * newer than the one in the book. None when that server does not answer or knows nothing of it.
   * What was asked is remembered for `FRESH_BEHALF_MS`. Rejects only as the store does.
   */
  refresh(ref: PodRef): Promise<Known | undefined>;
  /** The behalf in force of a pod from the book alone; the network is not asked. */
  recall(ref: PodRef): Promise<Known | undefined>;
  /**
   * Checks an introduction without keeping it, before who brought it is known to hold its key.
   *
   * @throws {PeriError} `denied` when a signature does not hold, `expired`, `damaged`.
   */
  check(introduction: Introduction): Promise<Known>;
  /**
   * Checks an introduction and keeps it when it is newer. Returns what is in force afterwards,
   * which may be a newer one than was given. `from` says who told, for `peri who`.
   *
   * @throws {PeriError} `denied` when a signature does not hold, `expired`, `damaged`, `conflict`
   * when another behalf with this serial is known.
   */
  learn(introduction: Introduction, from: string): Promise<Known>;
  /** An address as it leads now: that of the person's successor, if there is one. */
  current(ref: PodRef): Promise<PodRef>;
  /** Keys in whose place a person stands, the latest first. */
  formersOf(person: Fingerprint): Promise<readonly Fingerprint[]>;
  /** What says so, with what is known of the person's own recovery; empty without formers. */
  lineagesOf(person: Fingerprint): Promise<readonly Bytes[]>;
  /** Checks lineages and keeps what holds of those about people in the book. */
  learnLineages(lineages: readonly Bytes[]): Promise<void>;
}
