/**
 * Pieces of a stream to packets.
 *
 * @module
 */

import type { Bytes } from "../../../model/bytes.ts";
import { BadPacket } from "./bytes.ts";

/** Longest packet that is taken, as OpenSSH's server has it. */
export const MAX_PACKET_BYTES = 256 * 1024;
const LENGTH_BYTES = 4;

/** Collects pieces until they are packets. What it holds is less than a packet and a piece. */
export class Packets {
  #bytes: Bytes = new Uint8Array(64 * 1024);
  #from = 0;
  #to = 0;

  /** Adds what has come. */
  push(piece: Uint8Array): void {
    this.#room(piece.length);
    this.#bytes.set(piece, this.#to);
    this.#to += piece.length;
  }

  /**
   * The next packet without its length, valid until the next {@link Packets.push}; undefined when it
   * has not come yet.
   *
   * @throws {BadPacket} when it is empty or too long
   */
  next(): Bytes | undefined {
    const held = this.#to - this.#from;
    if (held < LENGTH_BYTES) return undefined;
    const [a, b, c, d] = this.#bytes.subarray(this.#from, this.#from + LENGTH_BYTES);
    const length = ((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0;
    if (length === 0 || length > MAX_PACKET_BYTES) {
      throw new BadPacket(`a packet of ${length} bytes`);
    }
    if (held < LENGTH_BYTES + length) return undefined;
    const start = this.#from + LENGTH_BYTES;
    this.#from = start + length;
    return this.#bytes.subarray(start, this.#from);
  }

  #room(bytes: number): void {
    const held = this.#to - this.#from;
    if (this.#to + bytes <= this.#bytes.length) return;
    const rest = this.#bytes.subarray(this.#from, this.#to);
    if (held + bytes > this.#bytes.length) {
      this.#bytes = new Uint8Array(Math.max(2 * this.#bytes.length, held + bytes));
      this.#bytes.set(rest);
    } else this.#bytes.copyWithin(0, this.#from, this.#to);
    this.#from = 0;
    this.#to = held;
  }
}
