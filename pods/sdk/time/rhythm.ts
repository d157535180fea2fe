/**
 * Rhythms: the moments at which something is due again and again. Pure.
 *
 * @module
 */

import { Refusal } from "../refusal.ts";
import { DAY_MS, type Duration, readDuration } from "./duration.ts";

/** Every so long, or every day at a time of UTC: `"1h"`, `{ minutes: 10 }`, `{ daily: "07:30" }`. */
export type Rhythm = Duration | { readonly daily: string };

/** Shortest time from one moment to the next. */
export const MIN_STEP_MS = 1_000;

/** Moments at equal distances. */
export interface Beat {
  /** One of them, or where they are counted from. */
  readonly anchorMs: number;
  readonly stepMs: number;
}

/** A rhythm as a row holds it; the same for rhythms that are the same. */
export function formatRhythm(rhythm: Rhythm): string {
  if (typeof rhythm === "object" && "daily" in rhythm) return `daily ${readDaily(rhythm.daily)}`;
  const stepMs = readDuration(rhythm);
  if (stepMs >= MIN_STEP_MS) return `every ${stepMs}`;
  const subject = `${stepMs} ms is less than ${MIN_STEP_MS}`;
  throw new Refusal("invalid", { op: "read a rhythm", subject });
}

/** The moments of a rhythm; without a time of day of its own it begins at `fromMs`. */
export function beatOf(formatted: string, fromMs: number): Beat {
  const [kind, ms] = formatted.split(" ");
  if (kind === "daily") return { anchorMs: Number(ms), stepMs: DAY_MS };
  return { anchorMs: fromMs, stepMs: Number(ms) };
}

/** The first moment after one. */
export function nextAfter({ anchorMs, stepMs }: Beat, afterMs: number): number {
  return anchorMs + (Math.floor((afterMs - anchorMs) / stepMs) + 1) * stepMs;
}

/** The last moment up to one, itself included. */
export function lastUntil({ anchorMs, stepMs }: Beat, untilMs: number): number {
  return anchorMs + Math.floor((untilMs - anchorMs) / stepMs) * stepMs;
}

/** How many moments come after one up to another, itself included; 0 when time went back. */
export function countBetween(beat: Beat, afterMs: number, untilMs: number): number {
  const first = nextAfter(beat, afterMs);
  return Math.max(0, Math.floor((untilMs - first) / beat.stepMs) + 1);
}

/** Milliseconds from midnight. */
function readDaily(text: string): number {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  const ms = (Number(hours) * 60 + Number(minutes)) * 60_000;
  if (Number(hours) < 24 && Number(minutes) < 60) return ms;
  const subject = `${JSON.stringify(text)} is no time of day`;
  throw new Refusal("invalid", { op: "read a rhythm", subject, hint: 'as "07:30", in UTC' });
}
