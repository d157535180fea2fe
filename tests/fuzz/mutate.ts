/**
 * Bytes and values that are almost right.
 *
 * @module
 */

import type { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { type Bytes, concatBytes } from "../../runtime/model/bytes.ts";

/** Heads of CBOR items that promise much, nest or are not allowed. */
const NASTY = [
  "9bffffffffffffffff",
  "bf",
  "7f",
  "fb7ff8000000000000",
  "c0",
  "f7",
  "1bffffffffffffffff",
];

/** One to four small changes: flipped bits, cuts, repeats, insertions. */
export function mutate(bytes: Bytes, chance: SeededEntropy): Bytes {
  let changed = bytes;
  for (let count = 1 + chance.below(4); count > 0; count--) changed = change(changed, chance);
  return changed;
}

function change(bytes: Bytes, chance: SeededEntropy): Bytes {
  const at = chance.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + chance.below(16));
  const [before, part, after] = [bytes.slice(0, at), bytes.slice(at, end), bytes.slice(end)];
  switch (chance.below(6)) {
    case 0:
      return before;
    case 1:
      return concatBytes([before, after]);
    case 2:
      return concatBytes([before, part, part, after]);
    case 3:
      return concatBytes([before, chance.bytes(1 + chance.below(8)), after]);
    case 4:
      return concatBytes([before, Uint8Array.fromHex(NASTY[chance.below(NASTY.length)]!), after]);
    default:
      return concatBytes([before, part.map((byte) => byte ^ (1 << chance.below(8))), after]);
  }
}

/** Values that are seldom expected. */
const STRANGE: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e300,
  2 ** 32,
  "",
  "\u0000\u001b[2J\u202e",
  "\ud800",
  "x".repeat(70_000),
  [],
  [[[[]]]],
  {},
  { constructor: 1, toString: null },
  JSON.parse('{"__proto__":{"kind":"log"}}'),
];

/** A JSON value with one of its parts, or the whole, replaced, taken out, doubled or renamed. */
export function mutateJson(value: unknown, chance: SeededEntropy): unknown {
  const isList = Array.isArray(value);
  const isRecord = typeof value === "object" && value !== null && !isList;
  const keys = isList || isRecord ? Object.keys(value) : [];
  if (keys.length === 0 || chance.below(8) === 0) return STRANGE[chance.below(STRANGE.length)];
  const key = keys[chance.below(keys.length)]!;
  const entries = Object.entries(value as object).flatMap((entry): [string, unknown][] => {
    if (entry[0] !== key) return [entry];
    switch (chance.below(8)) {
      case 0:
        return [];
      case 1:
        return [[`${key}x`, entry[1]], entry];
      default:
        return [[key, mutateJson(entry[1], chance)]];
    }
  });
  return isList ? entries.map(([, part]) => part) : Object.fromEntries(entries);
}
