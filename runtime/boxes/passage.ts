/**
 * Where a lane is on its way, from the moment something waits in it until nothing does.
 *
 * @module
 */

import type { Courier } from "./courier.ts";
import type { ErrorRecord } from "../model/errors.ts";
import type { Lane } from "./lane.ts";
import type { Ahead } from "./seal.ts";

/** The way of one lane. */
export interface Passage {
  readonly lane: Lane;
  failures: number;
  /** How often its messages were sent since one was delivered, and when last. */
  tries: number;
  sentMs: number;
  /** When it goes on, and what lets it go on earlier, while it rests. */
  nextMs: number | undefined;
  alarm: AbortController | undefined;
  introduce: boolean;
  /** Rests in a row that hearing of its server has ended in vain. */
  woken: number;
  /** Why it did not go on the last time. */
  reason: string | undefined;
  /** The last try found nobody who knows the recipient, or a server where it does not live. */
  isNotHere: boolean;
  /** What has to be put right by a person before it can go on. */
  error: ErrorRecord | undefined;
  courier: Courier | undefined;
  /** Somebody asked for it before it had a courier. */
  isHurried: boolean;
  /** What was sealed while the bundle before it was under way. */
  ahead: Ahead | undefined;
}

/** How a lane gets on. */
export interface LaneState {
  /** How often its messages were tried in vain since the start of the server. */
  readonly tries: number;
  /** Why they still wait. */
  readonly reason?: string;
  /** What may help. */
  readonly hint?: string;
  /** Where they go, as far as it is known. */
  readonly server?: string;
  /** When they are tried again. */
  readonly nextMs?: number;
}

/** The beginning of a lane's way. */
export function beginPassage(lane: Lane): Passage {
  return {
    lane,
    failures: 0,
    tries: 0,
    sentMs: 0,
    woken: 0,
    nextMs: undefined,
    alarm: undefined,
    introduce: false,
    reason: undefined,
    isNotHere: false,
    error: undefined,
    courier: undefined,
    isHurried: false,
    ahead: undefined,
  };
}
