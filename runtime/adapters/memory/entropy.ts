/**
 * Chance from a seed, for tests and simulations. Not fit for secrets.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Bytes } from "../../model/bytes.ts";
import type { Entropy } from "../../ports/entropy.ts";

/** The same seed gives the same bytes. */
export class SeededEntropy implements Entropy {
  readonly #seed: string;
  #count = 0;
  #pool = new Uint8Array(0);

  constructor(seed: string | number) {
    this.#seed = String(seed);
  }

  bytes(size: number): Bytes {
    const out = new Uint8Array(size);
    for (let at = 0; at < size;) {
      if (this.#pool.length === 0) this.#pool = this.#more();
      const part = this.#pool.subarray(0, size - at);
      out.set(part, at);
      at += part.length;
      this.#pool = this.#pool.subarray(part.length);
    }
    return out;
  }

  /** A whole number from 0 up to, and without, `end`. */
  below(end: number): number {
    return new DataView(this.bytes(4).buffer).getUint32(0) % end;
  }

  /** Whether something with this probability happens. */
  happens(probability: number): boolean {
    return this.below(1_000_000) < probability * 1_000_000;
  }

  #more(): Uint8Array<ArrayBuffer> {
    const text = `${this.#seed}/${this.#count++}`;
    return new Uint8Array(createHash("sha512").update(text).digest());
  }
}
