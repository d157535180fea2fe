/**
 * Photos as a pod keeps them, whole, and as they travel: in pieces, each of which fits a message.
 *
 * @module
 */

import { Refusal, type Table, type u32 } from "@peri/sdk";

/** Largest photo: what a run that carries one keeps of it until it ends is about as much again. */
export const MAX_PHOTO_BYTES = 1024 * 1024;
/** Bytes of a piece. */
const PIECE_BYTES = 30 * 1024;
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]{0,59}$/u;

/** A photo by its name. */
export interface Photo {
  readonly photo: string;
  readonly bytes: u32;
}

/** The photos of one person; those of others are called `bob/pond`. */
export class Album {
  /**
   * @param sizes in bytes
   * @param photos in base64, as a table holds JSON
   */
  constructor(private readonly sizes: Table<number>, private readonly photos: Table<string>) {}

  /** All photos by name. */
  async *list(): AsyncGenerator<Photo> {
    for await (const [photo, bytes] of this.sizes.walk()) yield { photo, bytes };
  }

  /** A photo; undefined when there is none of this name. */
  async read(photo: string): Promise<Uint8Array | undefined> {
    const text = await this.photos.get(photo);
    return text === undefined ? undefined : Uint8Array.fromBase64(text);
  }

  /** Keeps a photo in the place of another of the same name. */
  keep(photo: string, bytes: Uint8Array): void {
    this.sizes.put(photo, bytes.length);
    this.photos.put(photo, bytes.toBase64());
  }
}

/** A photo in pieces, in order. */
export function* cutPieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield bytes.subarray(at, at + PIECE_BYTES);
  }
}

/** @throws {Refusal} `too-large` for pieces of more than {@link MAX_PHOTO_BYTES}. */
export function checkSize(pieces: readonly Uint8Array[]): void {
  const size = sizeOf(pieces);
  if (size <= MAX_PHOTO_BYTES) return;
  const subject = `it has ${size} bytes, ${MAX_PHOTO_BYTES} allowed`;
  throw new Refusal("too-large", { op: "take a photo", subject });
}

/** The photo of pieces. */
export function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(sizeOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** @throws {Refusal} `invalid` for what no photo of one's own is called. */
export function checkName(photo: string): void {
  if (NAME.test(photo)) return;
  const subject = `${JSON.stringify(photo.slice(0, 60))} is no name of a photo`;
  const hint = "1 to 60 letters, digits, blanks, dots, - and _";
  throw new Refusal("invalid", { op: "name a photo", subject, hint });
}
