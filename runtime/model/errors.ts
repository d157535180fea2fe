/**
 * The one error type of peri. Its kinds are the same in process, on the wire (PROTOCOL.md,
 * "Errors") and as exit codes of the `peri` command (README, "Exit codes").
 *
 * @module
 */

/** Every kind of failure, with the exit code it becomes. Append-only: meanings never change. */
export const EXIT_CODES = {
  internal: 1,
  invalid: 2,
  "not-found": 3,
  exists: 4,
  denied: 5,
  expired: 6,
  "missing-implementation": 7,
  "too-large": 8,
  "over-quota": 9,
  busy: 10,
  unreachable: 11,
  conflict: 12,
  damaged: 13,
} as const;

/** What went wrong, from the closed list of kinds. */
export type ErrorKind = keyof typeof EXIT_CODES;

/** What an error says beyond its kind. */
export interface ErrorDetails {
  /** What was attempted, as a short phrase in the infinitive: `install pod`. */
  readonly op: string;
  /** The value it was attempted on, and why it failed. Never a secret. */
  readonly subject: string;
  /** What to type next. */
  readonly hint?: string;
  /** The error underneath; shown only in the server's log. */
  readonly cause?: unknown;
}

/** An error as it crosses a process or the network: bounded text only. */
export interface ErrorRecord {
  readonly kind: ErrorKind;
  readonly op: string;
  readonly subject: string;
  readonly hint?: string;
}

/** Longest `op`, `subject` or `hint` taken from outside, in UTF-16 units. */
const MAX_TEXT = 1_000;

/** A refusal or failure a person can act on. */
export class PeriError extends Error {
  override readonly name = "PeriError";
  readonly op: string;
  readonly subject: string;
  readonly hint: string | undefined;

  constructor(readonly kind: ErrorKind, details: ErrorDetails) {
    super(`cannot ${details.op}: ${details.subject}`, { cause: details.cause });
    this.op = details.op;
    this.subject = details.subject;
    this.hint = details.hint;
  }

  /** The exit code of the `peri` command for this error. */
  get exitCode(): number {
    return EXIT_CODES[this.kind];
  }

  /** The part of this error that may cross a process or the network. */
  toRecord(): ErrorRecord {
    const { kind, op, subject, hint } = this;
    return hint === undefined ? { kind, op, subject } : { kind, op, subject, hint };
  }
}

/** Whether a text is one of the kinds. */
export function isErrorKind(text: unknown): text is ErrorKind {
  return typeof text === "string" && Object.hasOwn(EXIT_CODES, text);
}

/** The error behind a record from outside; unknown kinds become `internal`, long texts are cut. */
export function errorFromRecord(record: unknown): PeriError {
  const fields = (typeof record === "object" && record !== null ? record : {}) as Record<
    string,
    unknown
  >;
  const text = (value: unknown, fallback: string) =>
    typeof value === "string" ? value.slice(0, MAX_TEXT) : fallback;
  const details = {
    op: text(fields.op, "do that"),
    subject: text(fields.subject, "no reason given"),
  };
  const hint = typeof fields.hint === "string" ? { hint: text(fields.hint, "") } : {};
  return new PeriError(isErrorKind(fields.kind) ? fields.kind : "internal", {
    ...details,
    ...hint,
  });
}

/** Any thrown value as a {@link PeriError}; what is not one becomes `internal` and keeps its cause. */
export function toPeriError(thrown: unknown, op: string): PeriError {
  if (thrown instanceof PeriError) return thrown;
  const subject = thrown instanceof Error ? thrown.message : String(thrown);
  return new PeriError("internal", { op, subject, cause: thrown });
}
