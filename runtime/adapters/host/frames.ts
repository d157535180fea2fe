/**
 * Frames between a periphery and a pod host: length of the rest (u32, big-endian), then a list, as
 * CBOR, or as JSON when there are no bytes in it and it is short, which is several times as fast.
 *
 * @module
 */

import { type Bytes, decodeUtf8, encodeUtf8 } from "../../model/bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "../../model/cbor.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_DEPTH } from "../../model/limits.ts";

const HEAD_BYTES = 4;
/** `[`, with which no list in CBOR begins. */
const JSON_LIST = 0x5b;

/** Longest content in JSON, which writes some characters as six: what CBOR keeps short stays so. */
const MAX_JSON_BYTES = 1024 * 1024;
/** The same as it comes: UTF-8 has at most three bytes for each of those. */
const MAX_JSON_READ = 3 * MAX_JSON_BYTES;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `{` and, but for one bit, `[`. */
const OPENING = 0x7b;
/** `}` and, but for the same bit, `]`. */
const CLOSING = 0x7d;

/** One frame, ready to be written. @param hasBytes whether there may be bytes among the values */
export function encodeFrame(values: readonly Cbor[], hasBytes: boolean): Bytes {
  const content = (hasBytes ? undefined : encodeJson(values)) ?? encodeCbor(values);
  const frame = new Uint8Array(HEAD_BYTES + content.length);
  new DataView(frame.buffer).setUint32(0, content.length);
  frame.set(content, HEAD_BYTES);
  return frame;
}

/** Undefined when it is long. */
function encodeJson(values: readonly Cbor[]): Bytes | undefined {
  const text = JSON.stringify(values);
  return text.length > MAX_JSON_BYTES ? undefined : encodeUtf8(text);
}

/** Puts frames together from the pieces in which a stream brings them. */
export class FrameReader {
  readonly #maxBytes: number;
  /** The head while `#content` is undefined, then the content. */
  #buffer: Bytes = new Uint8Array(HEAD_BYTES);
  #filled = 0;
  #inHead = true;

  /** @param maxBytes longest content of a frame */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Values of the frames that are complete with this piece. The piece may be reused afterwards.
   *
   * @throws {PeriError} `too-large` for a long frame, before it has come; `damaged` for a content
   * that is neither CBOR nor JSON, or nested too deep. The reader is of no use afterwards.
   */
  *push(piece: Uint8Array): Generator<Cbor> {
    let at = 0;
    while (at < piece.length) {
      const part = piece.subarray(at, at + this.#buffer.length - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < this.#buffer.length) return;
      if (this.#inHead) this.#startContent();
      else yield this.#takeContent();
    }
  }

  #startContent(): void {
    const size = new DataView(this.#buffer.buffer).getUint32(0);
    if (size === 0) throw new PeriError("damaged", { op: "read frame", subject: "it is empty" });
    if (size > this.#maxBytes) {
      const subject = `${size} bytes, ${this.#maxBytes} allowed`;
      throw new PeriError("too-large", { op: "read frame", subject });
    }
    this.#reset(size);
    this.#inHead = false;
  }

  #takeContent(): Cbor {
    const isJson = this.#buffer[0] === JSON_LIST;
    const value = isJson
      ? parseContent(this.#buffer)
      : decodeCbor(this.#buffer, this.#maxBytes, "frame");
    this.#reset(HEAD_BYTES);
    this.#inHead = true;
    return value;
  }

  #reset(size: number): void {
    this.#buffer = new Uint8Array(size);
    this.#filled = 0;
  }
}

/** A few bytes of JSON become many of objects, so its length and depth are bounded before. */
function parseContent(content: Bytes): Cbor {
  if (content.length > MAX_JSON_READ || isDeeper(content, MAX_DEPTH)) {
    throw new PeriError("damaged", { op: "read frame", subject: "it is long or deep" });
  }
  try {
    return JSON.parse(decodeUtf8(content)) as Cbor;
  } catch (cause) {
    throw new PeriError("damaged", { op: "read frame", subject: "it is no JSON", cause });
  }
}

/** Whether a JSON text is nested deeper. A plain loop: leaping over its many short texts is slower. */
function isDeeper(content: Bytes, most: number): boolean {
  const { length } = content;
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < length; at++) {
    const byte = content[at]!;
    if (byte === QUOTE) isInText = !isInText;
    else if (isInText) {
      if (byte === BACKSLASH) at++;
    } else if ((byte | 0x20) === OPENING) {
      if (++depth > most) return true;
    } else if ((byte | 0x20) === CLOSING) depth--;
  }
  return false;
}
