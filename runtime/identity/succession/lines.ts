/**
 * Signed texts of lines `name: value` in one exact form, so that a signature is over one meaning and
 * one text has one hash.
 *
 * @module
 */

import { encodeUtf8, formatHex, sha256 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_STATEMENT_BYTES } from "../../model/limits.ts";

declare const statement: unique symbol;
/** SHA-256 of a statement's text, 64 lower-case hex digits. */
export type StatementId = string & { readonly [statement]: true };

const SECOND_MS = 1_000;
/** The last second of the year 9999, the last that fits the format. */
const MAX_TIME_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** The name of a statement: the hash of its text. */
export function idOf(document: string): StatementId {
  return formatHex(sha256(encodeUtf8(document))) as StatementId;
}

/** Lines of a text, taken one after the other. */
export class Lines {
  readonly #lines: readonly string[];
  #at = 0;

  /** @param what names the text in errors */
  constructor(private readonly what: string, text: string) {
    this.#lines = text.split("\n");
  }

  /** Takes a line that says just this. @throws {PeriError} `damaged`. */
  begin(line: string): void {
    if (this.#lines[this.#at++] !== line) throw this.torn(`it does not begin with "${line}"`);
  }

  /** The value of the next line, which must have this name. @throws {PeriError} `damaged`. */
  take(name: string): string {
    const value = this.takeIf(name);
    if (value !== undefined) return value;
    throw this.torn(`line ${this.#at + 1} is not "${name}: …"`);
  }

  /** The value of the next line when it has this name. */
  takeIf(name: string): string | undefined {
    const line = this.#lines[this.#at] ?? "";
    if (!line.startsWith(`${name}: `)) return undefined;
    this.#at++;
    return line.slice(name.length + 2);
  }

  /** A whole number of the next line. @throws {PeriError} `damaged`. */
  number(name: string): number {
    return Number(this.take(name));
  }

  /** The hash of another statement. @throws {PeriError} `damaged`. */
  id(value: string): StatementId {
    if (/^[0-9a-f]{64}$/.test(value)) return value as StatementId;
    throw this.torn("a hash is not 64 hexadecimal digits");
  }

  /** A time in whole seconds. @throws {PeriError} `damaged`. */
  time(name: string): number {
    const value = this.take(name);
    const timeMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? Date.parse(value) : NaN;
    if (timeMs >= 0 && timeMs <= MAX_TIME_MS) return timeMs;
    throw this.torn(`${JSON.stringify(value.slice(0, 40))} is not a time`);
  }

  /** The error for a text that is not what it should be. */
  torn(subject: string, cause?: unknown): PeriError {
    return new PeriError("damaged", { op: `read a ${this.what}`, subject, cause });
  }
}

/**
 * Reads a text whose one exact form `format` writes.
 *
 * @throws {PeriError} `too-large` over `MAX_STATEMENT_BYTES`, `damaged` for any other text.
 */
export function readExact<Value>(
  what: string,
  text: string,
  read: (lines: Lines) => Value,
  format: (value: Value) => string,
): Value {
  const lines = new Lines(what, text.slice(0, MAX_STATEMENT_BYTES + 1));
  if (text.length > MAX_STATEMENT_BYTES) {
    const subject = `${text.length} characters, ${MAX_STATEMENT_BYTES} allowed`;
    throw new PeriError("too-large", { op: `read a ${what}`, subject });
  }
  try {
    const value = read(lines);
    if (format(value) !== text) throw lines.torn("it is not written in its one exact form");
    return value;
  } catch (cause) {
    if (cause instanceof PeriError && cause.kind === "invalid") {
      throw lines.torn(cause.subject, cause);
    }
    throw cause;
  }
}

/** A time as the texts have it, cut to whole seconds. */
export function formatTime(timeMs: number): string {
  return new Date(wholeSeconds(timeMs)).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** A time cut to whole seconds. */
export function wholeSeconds(timeMs: number): number {
  return Math.floor(timeMs / SECOND_MS) * SECOND_MS;
}
