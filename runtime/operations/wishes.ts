/**
 * What an operation was asked for: fields of JSON from outside, read one by one.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { concatBytes, parseBase64 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { JsonRecord } from "../model/control.ts";
import { type Fingerprint, parsePodName, type PodRef } from "../model/words.ts";
import type { Session } from "../ports/session.ts";

/** Longest text of one field, in UTF-16 units; certificates have their own bound. */
const MAX_TEXT = 4_096;
/** Words of a command line. */
const MAX_WORDS = 10_000;

function misfit(name: string, what: string): PeriError {
  return new PeriError("invalid", { op: "read what was asked for", subject: `${name} is ${what}` });
}

/** A text. @throws {PeriError} `invalid` when it is missing, none or too long. */
export function textOf(args: JsonRecord, name: string): string {
  const value = args[name];
  if (typeof value !== "string") throw misfit(name, "missing");
  if (value.length > MAX_TEXT) throw misfit(name, `longer than ${MAX_TEXT} characters`);
  return value;
}

/** A text that may be missing. @throws {PeriError} `invalid` for anything else. */
export function optionalTextOf(args: JsonRecord, name: string): string | undefined {
  return args[name] === undefined || args[name] === null ? undefined : textOf(args, name);
}

/** A number from 0 up that may be missing. @throws {PeriError} `invalid` for anything else. */
export function optionalNumberOf(args: JsonRecord, name: string): number | undefined {
  const value = args[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !(value >= 0)) throw misfit(name, "not a number from 0");
  return value;
}

/** Whether a switch is set; a missing one is not. @throws {PeriError} `invalid` for anything else. */
export function switchOf(args: JsonRecord, name: string): boolean {
  const value = args[name] ?? false;
  if (typeof value !== "boolean") throw misfit(name, "neither true nor false");
  return value;
}

/** A list of words. @throws {PeriError} `invalid` for anything else. */
export function wordsOf(args: JsonRecord, name: string): readonly string[] {
  const value = args[name];
  const fits = Array.isArray(value) && value.length <= MAX_WORDS &&
    value.every((word) => typeof word === "string");
  if (!fits) throw misfit(name, "not a list of words");
  return value as readonly string[];
}

/** Bytes in base64. @throws {PeriError} `invalid` for anything else, `too-large` over the bound. */
export function bytesOf(args: JsonRecord, name: string, maxBytes: number): Bytes {
  const value = args[name];
  if (typeof value !== "string") throw misfit(name, "missing");
  if (value.length > maxBytes * 2) {
    const subject = `${name} has more than ${maxBytes} bytes`;
    throw new PeriError("too-large", { op: "read what was asked for", subject });
  }
  return parseBase64(value);
}

/** The person who acts. @throws {PeriError} `denied` when there is none. */
export function actorOf({ person }: Session): Fingerprint {
  if (person !== undefined) return person;
  throw new PeriError("denied", {
    op: "act for a person",
    subject: "this server belongs to nobody yet",
    hint: "peri claim",
  });
}

/** The pod of the acting person that the field `pod` names. @throws {PeriError} `invalid`, `denied`. */
export function podOf(args: JsonRecord, session: Session): PodRef {
  return { person: actorOf(session), pod: parsePodName(textOf(args, "pod")) };
}

/** All of the standard input. @throws {PeriError} `too-large` over the bound. */
export async function readInput(session: Session, maxBytes: number, op: string): Promise<Bytes> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of session.input) {
    size += piece.length;
    if (size > maxBytes) {
      throw new PeriError("too-large", { op, subject: `more than ${maxBytes} bytes came in` });
    }
    pieces.push(piece);
  }
  return concatBytes(pieces);
}
