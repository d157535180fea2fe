/**
 * UTF-8 (RFC 3629) for an engine without TextEncoder and TextDecoder.
 *
 * @module
 */

const REPLACEMENT = 0xfffd;
/** Code points joined at once: more arguments than this may overflow the engine's stack. */
const STRIDE = 4096;

/** UTF-8 bytes of a text; lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let size = 0;
  for (const character of text) size = append(bytes, size, scalarOf(character.codePointAt(0)!));
  return bytes.slice(0, size);
}

/** Number of UTF-8 bytes of a text. */
export function sizeUtf8(text: string): number {
  let size = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    size += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return size;
}

/** Text of UTF-8 bytes; each maximal broken piece becomes one U+FFFD, as in the Encoding Standard. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = "";
  let points: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const { point, size } = readPoint(bytes, at);
    points.push(point);
    at += size;
    if (points.length < STRIDE) continue;
    text += String.fromCodePoint(...points);
    points = [];
  }
  return text + String.fromCodePoint(...points);
}

function scalarOf(point: number): number {
  return point >= 0xd800 && point <= 0xdfff ? REPLACEMENT : point;
}

function append(bytes: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    bytes[at] = point;
    return at + 1;
  }
  const tail = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  bytes[at] = (0xf00 >> tail + 1 & 0xff) | (point >> 6 * tail);
  for (let index = 1; index <= tail; index++) {
    bytes[at + index] = 0x80 | (point >> 6 * (tail - index) & 0x3f);
  }
  return at + tail + 1;
}

/** The code point at a place and its size; a broken one is U+FFFD with the size of its good part. */
function readPoint(bytes: Uint8Array, at: number): { point: number; size: number } {
  const head = bytes[at]!;
  if (head < 0x80) return { point: head, size: 1 };
  const tail = head >= 0xc2 && head < 0xe0
    ? 1
    : head >= 0xe0 && head < 0xf0
    ? 2
    : head >= 0xf0 && head < 0xf5
    ? 3
    : 0;
  let point = head & (0x3f >> tail);
  for (let index = 1; index <= tail; index++) {
    const next = bytes[at + index];
    if (next === undefined || !mayFollow(head, index, next)) {
      return { point: REPLACEMENT, size: index };
    }
    point = point << 6 | next & 0x3f;
  }
  return tail === 0 ? { point: REPLACEMENT, size: 1 } : { point, size: tail + 1 };
}

/** Rules out overlong forms, surrogates and what lies beyond U+10FFFF. */
function mayFollow(head: number, index: number, next: number): boolean {
  if (index > 1) return next >= 0x80 && next <= 0xbf;
  const low = head === 0xe0 ? 0xa0 : head === 0xf0 ? 0x90 : 0x80;
  const high = head === 0xed ? 0x9f : head === 0xf4 ? 0x8f : 0xbf;
  return next >= low && next <= high;
}
