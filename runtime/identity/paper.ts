/**
 * A locked secret key as lines to print: hex digits in groups of four, each line with its number and
 * a checksum of its own, so that whoever types or scans it is told which line to look at again.
 *
 * ```
 *   1: C586 0469 2B5A …  7F31A2
 * ```
 *
 * A line has up to 24 bytes; its check is the CRC-24 of RFC 9580 section 6.1 over the line's number
 * (u16, big-endian) and its bytes. The line `sum:` has the first 8 bytes of the SHA-256 of all.
 *
 * @module
 */

import { type Bytes, concatBytes, formatHex, parseHex, sha256 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { MAX_CERTIFICATE_BYTES } from "../model/limits.ts";

const LINE_BYTES = 24;
const SUM_BYTES = 8;
const DIGITS = "0123456789ABCDEF";
/** A page has 60 lines. */
const MAX_LINES = Math.ceil(MAX_CERTIFICATE_BYTES / LINE_BYTES);
/** Bad lines that are named before the rest is only counted. */
const MAX_NAMED = 10;
/** What scanners and eyes take for hex digits; 8 and B, 0 and D are left to the checks. */
const MISREAD: Readonly<Record<string, string>> = {
  O: "0",
  Q: "0",
  I: "1",
  L: "1",
  "|": "1",
  "!": "1",
  Z: "2",
  S: "5",
  "$": "5",
  G: "6",
};

/** Bytes as lines to print, without the last line's end. */
export function formatPaper(bytes: Uint8Array): string {
  const count = Math.ceil(bytes.length / LINE_BYTES);
  const width = String(count).length;
  const lines = Array.from({ length: count }, (_, index) => {
    const part = bytes.subarray(index * LINE_BYTES, (index + 1) * LINE_BYTES);
    const number = String(index + 1).padStart(width);
    return `${number}: ${formatGroups(part).padEnd(LINE_BYTES / 2 * 5)} ${
      checkOf(index + 1, part)
    }`;
  });
  return [...lines, `sum: ${formatGroups(sha256(bytes).subarray(0, SUM_BYTES))}`].join("\n");
}

/** A line of a key: its number, whose digits may be misread, too, and what follows. */
const LINE = /^\s*([\dOQIL|!ZS$G]{1,4})\s*[:;.]\s*(\S.*)$/gim;
/** A byte and its check; what has fewer is other text. */
const MIN_DIGITS = 8;

/** Whether a text has a printed key in it. */
export function isPaper(text: string): boolean {
  return /^\s*[1IL|!]\s*[:;.]\s*[0-9A-Z]{2}/im.test(text) && !text.includes("-----BEGIN PGP");
}

/**
 * The bytes of printed lines. Lines may come in any order and more than once, and other text between
 * them is passed over; a single wrong digit of a line is put right by its check.
 *
 * @throws {PeriError} `damaged`, naming every line that is missing or does not fit its check.
 */
export function parsePaper(text: string): Bytes {
  const good = new Map<number, Uint8Array>();
  const bad = new Set<number>();
  for (const [, number, content] of text.matchAll(LINE)) {
    const place = Number(hexIn(number!));
    if (!(place >= 1 && place <= MAX_LINES) || hexIn(content!).length < MIN_DIGITS) continue;
    const bytes = readLine(place, content!);
    if (bytes === undefined) bad.add(place);
    else good.set(place, bytes);
  }
  const last = Math.max(0, ...good.keys(), ...bad);
  const wrong = Array.from({ length: last }, (_, index) => index + 1)
    .filter((place) => !good.has(place));
  if (last === 0 || wrong.length > 0) throw unreadable(wrong, bad);
  const bytes = concatBytes(Array.from({ length: last }, (_, index) => good.get(index + 1)!));
  const sum = hexIn(/^\s*sum\s*[:;.](.*)$/im.exec(text)?.[1] ?? "");
  if (sum === formatHex(sha256(bytes).subarray(0, SUM_BYTES)).toUpperCase()) return bytes;
  throw new PeriError("damaged", {
    op: "read a printed key",
    subject: sum === ""
      ? `there are ${last} lines, but not the one that says sum:`
      : `all ${last} lines fit their checks, but not the sum: lines at the end are missing`,
    hint: "compare with the paper, down to the line that says sum:",
  });
}

/** Digits in a text; a letter that cannot be one stands for a digit that was not read. */
function hexIn(text: string): string {
  const digits = [...text.toUpperCase()].map((one) => MISREAD[one] ?? one);
  return digits.map((one) => DIGITS.includes(one) ? one : /[A-Z?*]/.test(one) ? "0" : "").join("");
}

function readLine(place: number, content: string): Uint8Array | undefined {
  const digits = hexIn(content);
  if (fits(place, digits)) return bytesIn(digits);
  const repaired: string[] = [];
  for (let at = 0; at < digits.length && digits.length <= 2 * LINE_BYTES + 6; at++) {
    for (const digit of DIGITS) {
      const other = digits.slice(0, at) + digit + digits.slice(at + 1);
      if (other !== digits && fits(place, other)) repaired.push(other);
    }
  }
  // Two ways to put it right are none.
  return repaired.length === 1 ? bytesIn(repaired[0]!) : undefined;
}

/** Behind its bytes a line has six digits of check. */
function bytesIn(digits: string): Bytes {
  return parseHex(digits.slice(0, -6).toLowerCase());
}

function fits(place: number, digits: string): boolean {
  const size = digits.length / 2 - 3;
  if (!Number.isInteger(size) || size < 1 || size > LINE_BYTES) return false;
  return checkOf(place, bytesIn(digits)) === digits.slice(-6);
}

function formatGroups(bytes: Uint8Array): string {
  return formatHex(bytes).toUpperCase().replace(/.{4}(?=.)/g, "$& ");
}

function checkOf(place: number, bytes: Uint8Array): string {
  const numbered = concatBytes([new Uint8Array([place >> 8, place & 0xff]), bytes]);
  return crc24(numbered).toString(16).toUpperCase().padStart(6, "0");
}

/** RFC 9580 section 6.1.1. */
export function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}

function unreadable(wrong: readonly number[], bad: ReadonlySet<number>): PeriError {
  const op = "read a printed key";
  if (wrong.length === 0) {
    const subject = "it has no lines that begin with a number and a colon";
    return new PeriError("damaged", { op, subject });
  }
  const named = wrong.slice(0, MAX_NAMED).map((place) =>
    bad.has(place) ? `line ${place} does not fit its check` : `line ${place} is missing`
  );
  const more = wrong.length > MAX_NAMED ? [`and ${wrong.length - MAX_NAMED} more`] : [];
  return new PeriError("damaged", {
    op,
    subject: [...named, ...more].join(", "),
    hint: "compare these lines with the paper, digit by digit",
  });
}
