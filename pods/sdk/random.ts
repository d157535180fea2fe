/**
 * Random numbers of a run: the same seed gives the same numbers, so a run can be repeated.
 *
 * @module
 */

/**
 * Numbers from 0 up to 1 from a seed of 32 bits (mulberry32). Good for ids and choices; not
 * for secrets.
 */
export function openRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = state + 0x6d2b79f5 >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 0x1_0000_0000;
  };
}
