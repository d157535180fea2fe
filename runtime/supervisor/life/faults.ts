/**
 * What a pod's failures cost it: ever longer pauses, and at last that it stays stopped.
 *
 * @module
 */

import { PeriError, toPeriError } from "../../model/errors.ts";
import {
  MAX_FAULTS,
  REFUSED_CAP_MS,
  RESTART_CAP_MS,
  RESTART_FIRST_MS,
} from "../../model/limits.ts";
import type { TurnsEnd, TurnsReason } from "../turn/terms.ts";

/** Failures of one pod since it last did something well. */
export class Faults {
  #row = 0;
  #own = 0;
  #refused = 0;
  #restarts = 0;
  #last: string | undefined;

  /** Times it was started again since the server started. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Failures in a row. */
  get inRow(): number {
    return this.#row;
  }

  /** Why it broke last, in words. */
  get last(): string | undefined {
    return this.#last;
  }

  /** Whether it is of no use to start it again. */
  get isHopeless(): boolean {
    return this.#own >= MAX_FAULTS;
  }

  /** How long it is left alone before the next start. */
  get pauseMs(): number {
    const broken = this.#row === 0 ? 0 : RESTART_FIRST_MS * 2 ** (this.#row - 1);
    // One refused run among good ones costs nobody else a wait.
    const refused = this.#refused <= 1 ? 0 : RESTART_FIRST_MS * 2 ** (this.#refused - 2);
    return Math.max(Math.min(broken, RESTART_CAP_MS), Math.min(refused, REFUSED_CAP_MS));
  }

  /** A turn has happened, or its person wants all to be forgotten. */
  forgive(): void {
    this.#row = this.#own = this.#refused = 0;
  }

  /** It could not be worked on, for a reason that is not its own. */
  failed(): void {
    this.#row++;
  }

  /** What a run did may not happen, and it begins anew. */
  refused(): void {
    this.#refused++;
  }

  /** Its instance has ended. */
  broke(end: TurnsEnd): void {
    this.#row++;
    this.#restarts++;
    if (isOwnFault(end)) this.#own++;
    this.#last = describeEnd(end.reason);
  }
}

/** Whether the pod itself is to blame for an end, or may be. */
export function isOwnFault({ reason, cause }: Pick<TurnsEnd, "reason" | "cause">): boolean {
  // A neighbour may have ended the process; alone it shows who did.
  if (reason === "shared") return false;
  if (reason !== "start") return true;
  const { kind } = toPeriError(cause, "start a pod");
  return kind === "damaged" || kind === "invalid" || kind === "not-found" ||
    kind === "missing-implementation";
}

/** Whether an end is a bound that a run met, and not a visitor who has gone. */
export function isRefusal({ reason, cause }: Pick<TurnsEnd, "reason" | "cause">): boolean {
  return reason === "refused" && cause instanceof PeriError;
}

/** Why turns ended, for people. */
export function describeEnd(reason: TurnsReason): string {
  switch (reason) {
    case "time":
      return "time: it computed too long without coming back";
    case "memory":
      return "memory: it used more than it may";
    case "trap":
      return "trap: it broke";
    case "host":
      return "host: the process it ran in ended";
    case "shared":
      return "host: the process it ran in with other pods ended";
    case "start":
      return "start: it could not be started";
    default:
      return reason;
  }
}
