/**
 * Which of the moments that have passed are made up for, and which comes next. Pure.
 *
 * @module
 */

import { type Beat, countBetween, lastUntil, nextAfter } from "./rhythm.ts";

/**
 * What becomes of moments at which the pod could not run, because its server was down, because it
 * was stopped or because the run before went on: one late run for all of them (`once`), one for each
 * (`all`, at most the last hundred), or none (`skip`).
 */
export type CatchUp = "once" | "all" | "skip";

/** What a run of a schedule is for. */
export interface Occasion {
  /** When it was due: milliseconds since 1970 UTC. */
  readonly dueMs: number;
  /** Moments before that have had no run and will have none. */
  readonly missed: number;
}

/** Most runs that make up for what was missed. */
const MAX_MADE_UP = 100;
/** What is not later than this is in time, or than half of the distance to the next moment. */
const GRACE_MS = 5 * 60_000;

/**
 * What is to be run now, if anything.
 *
 * @param lastMs the last moment that had its run; those after it are open
 */
export function chooseOccasion(
  beat: Beat,
  lastMs: number,
  nowMs: number,
  catchUp: CatchUp,
): Occasion | undefined {
  const open = countBetween(beat, lastMs, nowMs);
  if (open === 0) return undefined;
  const dueMs = lastUntil(beat, nowMs);
  if (catchUp === "all") {
    const missed = Math.max(0, open - MAX_MADE_UP);
    return { dueMs: nextAfter(beat, lastMs) + missed * beat.stepMs, missed };
  }
  if (catchUp === "skip" && isLate(dueMs, nowMs, beat.stepMs)) return undefined;
  return { dueMs, missed: open - 1 };
}

/** Whether it is too late for a moment. @param stepMs until the next one; without it there is none */
export function isLate(dueMs: number, nowMs: number, stepMs = Infinity): boolean {
  return nowMs - dueMs > Math.min(GRACE_MS, stepMs / 2);
}
