/**
 * Loads OpenPGP.js when it is first needed and sets it up once for the whole process.
 *
 * @module
 */

import type * as openpgp from "openpgp";

/** The library's exports. */
export type Library = typeof openpgp;

/** Argon2 of a foreign secret key may use 2^21 KiB (2 GiB), what RFC 9580 section 3.7.1.4 recommends. */
const MAX_ARGON2_EXPONENT = 21;

let loading: Promise<Library> | undefined;

/** The library, loaded on the first call: it takes 60 ms that most commands do not need. */
export function library(): Promise<Library> {
  return loading ??= load();
}

async function load(): Promise<Library> {
  const loaded = await import("openpgp");
  const { config } = loaded;
  // The salt notation costs 70 bytes a signature and makes them irreproducible; Ed25519 needs none.
  config.nonDeterministicSignaturesViaNotation = false;
  // Compressed packets are refused, so that no small envelope unfolds into a large one.
  config.maxDecompressedMessageSize = 0;
  config.maxArgon2MemoryExponent = MAX_ARGON2_EXPONENT;
  return loaded;
}
