/**
 * The periphery's own log. Pods have theirs (`peri pod logs`).
 *
 * @module
 */

/** One value of a log record. */
export type LogValue = string | number | boolean | undefined;

/** Writes records. Nothing secret and no payload goes in. */
export interface Log {
  /** `event` is a constant phrase (`delivered`, `pod stopped`); what varies is in `fields`. */
  info(event: string, fields?: Readonly<Record<string, LogValue>>): void;
  /** Something to look at, though nobody lost anything. */
  warn(event: string, fields?: Readonly<Record<string, LogValue>>): void;
  /** Something failed; `cause` may be any thrown value. */
  error(event: string, cause: unknown, fields?: Readonly<Record<string, LogValue>>): void;
}
