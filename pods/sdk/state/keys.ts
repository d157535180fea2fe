/**
 * Keys of a table, as many as one request takes.
 *
 * @module
 */

import { formatJson } from "../text/json.ts";
import { sizeUtf8 } from "../text/utf8.ts";

/** Bytes of keys in one request; its argument holds 8 KiB. */
const MAX_BYTES = 6 * 1024;
/** Keys in one request. */
const MAX_KEYS = 500;

/** Keys in order, in parts that fit a request each. */
export function* partsOf(keys: readonly string[]): Generator<string[]> {
  let part: string[] = [];
  let bytes = 0;
  for (const key of keys) {
    const size = sizeUtf8(formatJson(key)) + 1;
    if (part.length >= MAX_KEYS || (part.length > 0 && bytes + size > MAX_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(key);
    bytes += size;
  }
  if (part.length > 0) yield part;
}
