/**
 * Frames between a periphery and a pod host: length of the rest (u32, big-endian), CBOR.
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "../../model/cbor.ts";
import { PeriError } from "../../model/errors.ts";

const HEAD_BYTES = 4;

/** One frame, ready to be written. */
export function encodeFrame(value: Cbor): Bytes {
  const content = encodeCbor(value);
  const frame = new Uint8Array(HEAD_BYTES + content.length);
  new DataView(frame.buffer).setUint32(0, content.length);
  frame.set(content, HEAD_BYTES);
  return frame;
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
   * that is not CBOR. The reader is of no use afterwards.
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
    const value = decodeCbor(this.#buffer, this.#maxBytes, "frame");
    this.#reset(HEAD_BYTES);
    this.#inHead = true;
    return value;
  }

  #reset(size: number): void {
    this.#buffer = new Uint8Array(size);
    this.#filled = 0;
  }
}
