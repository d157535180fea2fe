/**
 * UTF-8 (RFC 3629) for an engine without TextEncoder and TextDecoder. QuickJS takes microseconds
 * for every step of a loop, so the work is left to what it has built in: URI escapes are UTF-8.
 *
 * @module
 */

import { Refusal } from "../refusal.ts";

const ASCII = /^[\0-\x7f]*$/;

/** UTF-8 bytes of a text; lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const isAscii = ASCII.test(text);
  return bytesOf(isAscii ? text : unescape(encodeURIComponent(text.toWellFormed())));
}

/** Number of UTF-8 bytes of a text. */
export function sizeUtf8(text: string): number {
  return ASCII.test(text) ? text.length : encodeUtf8(text).length;
}

/**
 * Text of UTF-8 bytes.
 *
 * @throws {Refusal} `invalid` when they are not UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  const units = atob(bytes.toBase64());
  if (ASCII.test(units)) return units;
  try {
    return decodeURIComponent(escape(units));
  } catch {
    throw new Refusal("invalid", { op: "read text", subject: "bytes that are not UTF-8" });
  }
}

/** Bytes of a text whose characters are all below U+0100. */
function bytesOf(units: string): Uint8Array {
  return Uint8Array.fromBase64(btoa(units));
}
