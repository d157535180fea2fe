/**
 * The data types of SSH (RFC 4251 section 5): what keys and agents are written in.
 *
 * @module
 */

import { type Bytes, concatBytes, encodeUtf8 } from "../bytes.ts";
import { PeriError } from "../errors.ts";

/** A `uint32`. */
export function encodeUint32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** A `string`: text as UTF-8, or bytes as they are, after their length. */
export function encodeString(content: string | Uint8Array): Bytes {
  const bytes = typeof content === "string" ? encodeUtf8(content) : content;
  return concatBytes([encodeUint32(bytes.length), bytes]);
}

/** An `mpint` that is not negative, from its big-endian bytes with or without leading zeros. */
export function encodeMpint(magnitude: Uint8Array): Bytes {
  const start = magnitude.findIndex((byte) => byte !== 0);
  if (start < 0) return encodeString(new Uint8Array(0));
  const digits = magnitude.subarray(start);
  // The top bit is the sign.
  return encodeString(digits[0]! < 0x80 ? digits : concatBytes([new Uint8Array(1), digits]));
}

/** Reads values one after the other. */
export class SshReader {
  #at = 0;

  /** @param what for errors: `SSH key` */
  constructor(private readonly bytes: Uint8Array, private readonly what: string) {}

  /** Whether all has been read. */
  get isAtEnd(): boolean {
    return this.#at === this.bytes.length;
  }

  /** @throws {PeriError} `damaged` when less than that is left. */
  uint32(): number {
    const { buffer, byteOffset } = this.take(4);
    return new DataView(buffer, byteOffset, 4).getUint32(0);
  }

  /** A view, not a copy. @throws {PeriError} `damaged` when less than it says is left. */
  string(): Uint8Array {
    return this.take(this.uint32());
  }

  /** A string as text. Bytes that are no UTF-8 never equal a text that is expected. */
  text(): string {
    return new TextDecoder().decode(this.string());
  }

  /** So many bytes, as a view. @throws {PeriError} `damaged` when fewer are left. */
  take(length: number): Uint8Array {
    if (length > this.bytes.length - this.#at) {
      throw new PeriError("damaged", { op: `read ${this.what}`, subject: "it is cut off" });
    }
    return this.bytes.subarray(this.#at, this.#at += length);
  }
}
