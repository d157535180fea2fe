/**
 * Standard input of a run: bytes that have come and whether more may come.
 *
 * @module
 */

import { Refusal } from "./refusal.ts";

const NEWLINE = 10;

/** Bytes waiting to be read. */
export class InputBuffer {
  #chunks: Uint8Array[] = [];
  #size = 0;
  #ended = false;

  /** Adds a piece; an empty one is the end. */
  push(data: Uint8Array): void {
    if (data.length === 0) this.#ended = true;
    if (this.#ended) return;
    this.#chunks.push(data.slice());
    this.#size += data.length;
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true;
  }

  /** Whether nothing more will come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes waiting. */
  get size(): number {
    return this.#size;
  }

  /** Takes up to and with the next newline; undefined when there is none. */
  takeLine(): Uint8Array | undefined {
    const all = this.#joined();
    const end = all.indexOf(NEWLINE);
    return end < 0 ? undefined : this.#take(all, end + 1);
  }

  /** Takes everything that waits. */
  takeAll(): Uint8Array {
    return this.#take(this.#joined(), this.#size);
  }

  /** @throws {Refusal} `too-large` when more than `maxBytes` wait. */
  bound(maxBytes: number): void {
    if (this.#size <= maxBytes) return;
    const subject = `more than ${maxBytes} bytes came`;
    throw new Refusal("too-large", { op: "read standard input", subject });
  }

  #take(all: Uint8Array, size: number): Uint8Array {
    this.#chunks = [all.subarray(size)];
    this.#size = all.length - size;
    return all.subarray(0, size);
  }

  #joined(): Uint8Array {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1) return first!;
    const all = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [all];
    return all;
  }
}
