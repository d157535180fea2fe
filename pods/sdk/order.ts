/**
 * The order of keys in a table.
 *
 * @module
 */

const SURROGATE = /[\ud800-\udfff]/;

/** Compares two texts by their UTF-8 bytes, which is the order of their code points. */
export function compareKeys(a: string, b: string): number {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  const size = Math.min(a.length, b.length);
  for (let at = 0; at < size; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** UTF-16 units in the order of the code points they begin: surrogates come last. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
