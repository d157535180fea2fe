/**
 * Frames of control sessions (PROTOCOL.md, "Control"); what the messages in them say is in
 * `control.ts`. It is on the way of `peri <pod> …`, whose start counts in milliseconds, so it must
 * not import anything that loads more than itself.
 *
 * @module
 */

import type { Bytes } from "./bytes.ts";
import { PeriError } from "./errors.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";

/** What a frame carries: a JSON message, or a piece of a standard stream. */
export const FRAME = { message: 0, input: 1, output: 2, errors: 3 } as const;
/** One of the numbers in {@link FRAME}. */
export type FrameType = (typeof FRAME)[keyof typeof FRAME];

/** One frame of either direction. */
export interface Frame {
  readonly type: FrameType;
  /** At most {@link MAX_CONTENT_BYTES}; empty in an `input` frame: no more input comes. */
  readonly content: Uint8Array;
}

/** Most content of one frame: its length counts the type as well. */
export const MAX_CONTENT_BYTES = MAX_FRAME_BYTES - 1;

const HEAD_BYTES = 5;

/**
 * A frame's bytes.
 *
 * @throws {PeriError} `too-large` over {@link MAX_CONTENT_BYTES}.
 */
export function encodeFrame(type: FrameType, content: Uint8Array): Bytes {
  if (content.length > MAX_CONTENT_BYTES) {
    const subject = `${content.length} bytes in one frame, ${MAX_CONTENT_BYTES} allowed`;
    throw new PeriError("too-large", { op: "write control session", subject });
  }
  const bytes = new Uint8Array(HEAD_BYTES + content.length);
  new DataView(bytes.buffer).setUint32(0, content.length + 1);
  bytes[4] = type;
  bytes.set(content, HEAD_BYTES);
  return bytes;
}

/** The frames of one piece of a stream, however long: as many as it needs; none for an empty piece. */
export function* encodeStream(type: FrameType, piece: Uint8Array): Generator<Bytes> {
  for (let at = 0; at < piece.length; at += MAX_CONTENT_BYTES) {
    yield encodeFrame(type, piece.subarray(at, at + MAX_CONTENT_BYTES));
  }
}

/** Cuts a byte stream into frames, wherever its pieces begin and end. Holds at most one frame. */
export class FrameReader {
  #pieces: Uint8Array[] = [];
  #held = 0;
  /** Bytes that must be there before looking again is of use. */
  #wanted = HEAD_BYTES;

  /**
   * The frames that are whole with this piece, which is copied.
   *
   * @throws {PeriError} `damaged` for a frame of no or too much length, or of unknown type; the
   * stream cannot be read on then.
   */
  push(piece: Uint8Array): Frame[] {
    this.#pieces.push(piece.slice());
    this.#held += piece.length;
    if (this.#held < this.#wanted) return [];
    let rest = join(this.#pieces, this.#held);
    const frames: Frame[] = [];
    for (;;) {
      this.#wanted = frameSize(rest);
      if (rest.length < this.#wanted) break;
      frames.push({
        type: frameType(rest[4]!),
        content: rest.subarray(HEAD_BYTES, this.#wanted),
      });
      rest = rest.subarray(this.#wanted);
    }
    this.#pieces = [rest];
    this.#held = rest.length;
    return frames;
  }

  /** To be called at the end of the stream. @throws {PeriError} `damaged` within a frame. */
  end(): void {
    if (this.#held > 0) throw torn("the session ended within a frame");
  }
}

/**
 * The frames of a byte stream, in order.
 *
 * @throws {PeriError} `damaged` as {@link FrameReader}; what the stream itself throws.
 */
export async function* readFrames(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const reader = new FrameReader();
  for await (const piece of pieces) yield* reader.push(piece);
  reader.end();
}

/** Whole size of the frame that starts here; of its head, as long as that is not whole. */
function frameSize(bytes: Uint8Array): number {
  if (bytes.length < HEAD_BYTES) return HEAD_BYTES;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (length === 0 || length > MAX_FRAME_BYTES) {
    throw torn(`frame of ${length} bytes, 1 to ${MAX_FRAME_BYTES} allowed`);
  }
  return HEAD_BYTES - 1 + length;
}

function frameType(byte: number): FrameType {
  if (byte <= FRAME.errors) return byte as FrameType;
  throw torn(`frame of unknown type ${byte}`);
}

/** One array of all pieces; a lone piece as it is. */
function join(pieces: readonly Uint8Array[], size: number): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function torn(subject: string): PeriError {
  return new PeriError("damaged", { op: "read control session", subject });
}
