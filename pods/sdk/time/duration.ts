/**
 * Lengths of time and moments as authors write them.
 *
 * @module
 */

import { Refusal } from "../refusal.ts";

/** How long: milliseconds, a text such as `"90 s"`, `"1h 30m"` or `"2 days"`, or its parts. */
export type Duration = number | string | {
  readonly weeks?: number;
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly ms?: number;
};

/** A moment: milliseconds since 1970 UTC, or a `Date`. */
export type Moment = number | Date;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** Of the calendar of UTC, which knows no summer time. */
export const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** Longest time that a pod may wait; as `MAX_LATER_MS` of the periphery. */
export const MAX_WAIT_MS = 3653 * DAY_MS;

const PARTS = {
  weeks: WEEK_MS,
  days: DAY_MS,
  hours: HOUR_MS,
  minutes: MINUTE_MS,
  seconds: SECOND_MS,
  ms: 1,
} as const;

const UNITS: readonly (readonly [name: RegExp, ms: number])[] = [
  [/^(w|weeks?)$/, WEEK_MS],
  [/^(d|days?)$/, DAY_MS],
  [/^(h|hours?)$/, HOUR_MS],
  [/^(m|min|minutes?)$/, MINUTE_MS],
  [/^(s|sec|seconds?)$/, SECOND_MS],
  [/^(ms|milliseconds?)$/, 1],
];

/**
 * A length of time in whole milliseconds, rounded up.
 *
 * @throws {Refusal} `invalid` for what is none, is negative or longer than ten years.
 */
export function readDuration(duration: Duration): number {
  const ms = typeof duration === "number"
    ? duration
    : typeof duration === "string"
    ? readText(duration)
    : sumOf(duration);
  if (ms !== undefined && ms >= 0 && ms <= MAX_WAIT_MS) return Math.ceil(ms);
  const text = typeof duration === "number" ? String(duration) : JSON.stringify(duration);
  const subject = `${text} is no time of at most ten years`;
  throw new Refusal("invalid", { op: "read a duration", subject, hint: 'as "90 s" or "1h 30m"' });
}

/**
 * A moment in milliseconds since 1970 UTC.
 *
 * @throws {Refusal} `invalid` for no moment, and for one more than ten years from now.
 */
export function readMoment(moment: Moment, nowMs: number): number {
  const ms = typeof moment === "number" ? moment : moment.getTime();
  const op = "read a moment";
  if (!Number.isFinite(ms)) {
    throw new Refusal("invalid", { op, subject: "it is no moment in time" });
  }
  if (ms - nowMs <= MAX_WAIT_MS) return ms;
  const subject = `${ms} ms since 1970 is more than ten years from now`;
  throw new Refusal("invalid", { op, subject });
}

function readText(text: string): number | undefined {
  const parts = [...text.matchAll(/\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*,?/gy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  if (parts.length === 0 || length < text.length) return undefined;
  let ms = 0;
  for (const [, count, name] of parts) {
    const unit = UNITS.find(([unit]) => unit.test(name!));
    if (unit === undefined) return undefined;
    ms += Number(count) * unit[1];
  }
  return ms;
}

function sumOf(duration: Exclude<Duration, number | string>): number | undefined {
  let ms = 0;
  for (const [name, count] of Object.entries(duration)) {
    if (!(name in PARTS) || count === undefined) return undefined;
    ms += count * PARTS[name as keyof typeof PARTS];
  }
  return ms;
}
