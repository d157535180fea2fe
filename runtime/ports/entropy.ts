/**
 * Chance, passed in so that a network can be simulated from a seed.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";

/** A source of unpredictable bytes. */
export interface Entropy {
  /** `size` bytes, 1 to 65,536, fit for keys and tokens. */
  bytes(size: number): Bytes;
}

/** A number in [0, 1) for jitter. */
export function fraction(entropy: Entropy): number {
  return new DataView(entropy.bytes(4).buffer).getUint32(0) / 2 ** 32;
}
