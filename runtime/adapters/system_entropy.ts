/**
 * The machine's source of chance.
 *
 * @module
 */

import type { Entropy } from "../ports/entropy.ts";

/** Bytes from the operating system's generator. */
export const systemEntropy: Entropy = {
  bytes: (size) => crypto.getRandomValues(new Uint8Array(size)),
};
