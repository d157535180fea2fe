/**
 * The WebAssembly binary format as far as peri reads and writes it: integers, names, sections.
 *
 * @module
 */

import { type Bytes, concatBytes, encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";

/** One section: `start` is its id byte, `body` its first content byte, `end` the byte after it. */
export interface Section {
  readonly id: number;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

/** Longest name read, in bytes. Those of wit-bindgen and componentize-qjs are far below. */
const MAX_NAME_BYTES = 1_000;

/** A component that cannot be what it says; the hint tells where components come from. */
export function refuseComponent(subject: string, cause?: unknown): PeriError {
  return new PeriError("invalid", {
    op: "read component",
    subject,
    hint: "peri pod build FOLDER writes the .wasm file of a pod; peri pod new begins one",
    cause,
  });
}

/** Reads forward through bytes and never past `end`. */
export class Reader {
  constructor(readonly bytes: Uint8Array, public at: number, readonly end: number) {}

  /** @throws {PeriError} `invalid` at the end. */
  byte(): number {
    if (this.at >= this.end) throw refuseComponent("it ends in the middle");
    return this.bytes[this.at++]!;
  }

  /** An unsigned LEB128 of 32 bits. @throws {PeriError} `invalid` when longer or cut off. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw refuseComponent("an integer in it is too large");
  }

  /** Steps over one LEB128 of at most 64 bits. */
  skipInteger(): void {
    for (let length = 0; length < 10; length++) {
      if (this.byte() < 0x80) return;
    }
    throw refuseComponent("an integer in it is too large");
  }

  /** Steps over `count` bytes. */
  skip(count: number): void {
    if (count > this.end - this.at) throw refuseComponent("it ends in the middle");
    this.at += count;
  }

  /** A name: its length and UTF-8. */
  name(): string {
    const size = this.u32();
    if (size > MAX_NAME_BYTES) throw refuseComponent("a name in it is too long");
    this.skip(size);
    return new TextDecoder().decode(this.bytes.subarray(this.at - size, this.at));
  }
}

/**
 * The sections after the eight bytes of the head, in order.
 *
 * @throws {PeriError} `invalid` when they do not fill the bytes exactly.
 */
export function readSections(bytes: Uint8Array): Section[] {
  const reader = new Reader(bytes, 8, bytes.length);
  const sections: Section[] = [];
  while (reader.at < bytes.length) {
    const start = reader.at;
    const id = reader.byte();
    const size = reader.u32();
    const body = reader.at;
    reader.skip(size);
    sections.push({ id, start, body, end: reader.at });
  }
  return sections;
}

/** Unsigned LEB128 of an integer below 2^32. */
export function encodeU32(value: number): Bytes {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? low | 0x80 : low);
  } while (value > 0);
  return new Uint8Array(bytes);
}

/** A name: its length and UTF-8. */
export function encodeName(name: string): Bytes {
  const text = encodeUtf8(name);
  return concatBytes([encodeU32(text.length), text]);
}

/** A section: id, size, content. */
export function encodeSection(id: number, parts: readonly Uint8Array[]): Bytes {
  const content = concatBytes(parts);
  return concatBytes([new Uint8Array([id]), encodeU32(content.length), content]);
}
