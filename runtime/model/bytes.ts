/**
 * Bytes and their texts. Pure; nothing here allocates more than a small multiple of its input.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { PeriError } from "./errors.ts";

/** Bytes that own an ordinary (not shared) buffer, as Web APIs want them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of a text. */
export function encodeUtf8(text: string): Bytes {
  return encoder.encode(text) as Bytes;
}

/**
 * Text of UTF-8 bytes.
 *
 * @throws {PeriError} `damaged` when the bytes are not valid UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new PeriError("damaged", { op: "read text", subject: "bytes that are not UTF-8", cause });
  }
}

/** Number of UTF-8 bytes of a text, which are not made; a lone surrogate counts as U+FFFD. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}

/** Lower-case hexadecimal text of bytes. */
export function formatHex(bytes: Uint8Array): string {
  return bytes.toHex();
}

/**
 * Bytes of a hexadecimal text of either case.
 *
 * @throws {PeriError} `invalid` when the text is not hexadecimal.
 */
export function parseHex(text: string): Bytes {
  try {
    return Uint8Array.fromHex(text) as Bytes;
  } catch (cause) {
    throw new PeriError("invalid", { op: "read hexadecimal", subject: text.slice(0, 80), cause });
  }
}

/** URL-safe base64 without padding (RFC 4648 section 5). */
export function formatBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * Bytes of an unpadded URL-safe base64 text (RFC 4648 section 5).
 *
 * @throws {PeriError} `invalid` when the text is not such base64.
 */
export function parseBase64Url(text: string): Bytes {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" }) as Bytes;
  } catch (cause) {
    throw new PeriError("invalid", { op: "read base64url", subject: text.slice(0, 80), cause });
  }
}

/** Standard base64 with padding (RFC 4648 section 4). */
export function formatBase64(bytes: Uint8Array): string {
  return bytes.toBase64();
}

/**
 * Bytes of a padded standard base64 text (RFC 4648 section 4).
 *
 * @throws {PeriError} `invalid` when the text is not such base64.
 */
export function parseBase64(text: string): Bytes {
  try {
    return Uint8Array.fromBase64(text) as Bytes;
  } catch (cause) {
    throw new PeriError("invalid", { op: "read base64", subject: text.slice(0, 80), cause });
  }
}

/** One array of all parts, in order. */
export function concatBytes(parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/** Whether two byte strings are equal; takes the same time wherever they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** SHA-256 of bytes, 32 bytes (FIPS 180-4). */
export function sha256(bytes: Uint8Array): Bytes {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

/** HMAC-SHA-256 of bytes, 32 bytes (RFC 2104). */
export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Bytes {
  return new Uint8Array(createHmac("sha256", key).update(bytes).digest());
}
