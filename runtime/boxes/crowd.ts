/**
 * Courtesy between lanes: while single messages come and go, a backlog beside them travels in small
 * bundles, for everything that is done to a bundle (sealing, a commit, opening) is done in one piece
 * and the others wait behind it.
 *
 * @module
 */

import { MAX_BUNDLE_MESSAGES } from "../model/limits.ts";
import type { Lane } from "./lane.ts";

/** So long after a single message others are courteous to the next one. */
const COURTESY_MS = 1_000;
/** Up to so many messages in a bundle are no backlog. */
const FEW = 8;
/** Messages in a bundle of a backlog that has others beside it. */
const COURTEOUS_MESSAGES = 32;

/** See the module. Pure but for what it is told. */
export class Crowd {
  /** The lanes of which few messages were sent last, two different ones, the newest first. */
  #few: { readonly lane: Lane; readonly atMs: number }[] = [];

  /** A bundle of a lane is under way. */
  sent(lane: Lane, messages: number, atMs: number): void {
    if (messages > FEW) return;
    const other = this.#few.find((one) => one.lane !== lane);
    this.#few = [{ lane, atMs }, ...other ? [other] : []];
  }

  /** Most messages of a lane's next bundle. */
  room(lane: Lane, nowMs: number): number {
    // A clock that is set back must not make it last.
    const isNow = ({ atMs }: { readonly atMs: number }) => Math.abs(nowMs - atMs) < COURTESY_MS;
    const isBeside = this.#few.some((one) => one.lane !== lane && isNow(one));
    return isBeside ? COURTEOUS_MESSAGES : MAX_BUNDLE_MESSAGES;
  }
}
