/**
 * Numbers and strings of the SSH file transfer protocol (draft-ietf-secsh-filexfer-02), read with
 * their bounds and written.
 *
 * @module
 */

import { decodeUtf8, encodeUtf8 } from "../../../model/bytes.ts";

/** A packet that is not what the protocol says. It has no answer, or one that says so. */
export class BadPacket extends Error {
  override readonly name: string = "BadPacket";
}

/** Reads what is in a packet. @throws {BadPacket} when it is shorter than it says */
export class PacketReader {
  #at = 0;
  readonly #view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that have not been read. */
  get left(): number {
    return this.bytes.length - this.#at;
  }

  /** One byte. */
  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  /** Four bytes, big end first. */
  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** @throws {BadPacket} above 2^53, where no file is so long */
  u64(): number {
    const at = this.#take(8);
    const value = this.#view.getUint32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4);
    if (Number.isSafeInteger(value)) return value;
    throw new BadPacket("a number above 2^53");
  }

  /** A view of the packet, valid as long as that is. */
  string(maxBytes: number): Uint8Array {
    const length = this.u32();
    if (length > maxBytes) throw new BadPacket(`a string of ${length} bytes`);
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  /** @throws {BadPacket} also when it is not UTF-8 */
  text(maxBytes: number): string {
    const bytes = this.string(maxBytes);
    try {
      return decodeUtf8(bytes);
    } catch {
      throw new BadPacket("a text that is not UTF-8");
    }
  }

  #take(bytes: number): number {
    if (bytes > this.left) throw new BadPacket("it ends early");
    const at = this.#at;
    this.#at += bytes;
    return at;
  }
}

/** Writes a packet with its length before it. */
export class PacketWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #at = 4;

  /** @param room bytes it has at first */
  constructor(type: number, room = 256) {
    this.#bytes = new Uint8Array(room);
    this.#view = new DataView(this.#bytes.buffer);
    this.byte(type);
  }

  /** One byte. */
  byte(value: number): this {
    this.#room(1);
    this.#bytes[this.#at++] = value;
    return this;
  }

  /** Four bytes, big end first. */
  u32(value: number): this {
    this.#room(4);
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
    return this;
  }

  /** Eight bytes, big end first. */
  u64(value: number): this {
    return this.u32(Math.floor(value / 0x1_0000_0000)).u32(value % 0x1_0000_0000);
  }

  /** Bytes with their length before them. */
  string(value: Uint8Array): this {
    this.u32(value.length).#room(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** A text as UTF-8, with its length before it. */
  text(value: string): this {
    return this.string(encodeUtf8(value));
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#at;
  }

  /** The packet. Nothing is written afterwards. */
  end(): Uint8Array<ArrayBuffer> {
    this.#view.setUint32(0, this.#at - 4);
    return this.#bytes.subarray(0, this.#at);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at + bytes));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
