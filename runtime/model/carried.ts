/**
 * Envelopes and the replies to them in files, for networks that are not connected (PROTOCOL.md, "As
 * a file").
 *
 * @module
 */

import { type Bytes, concatBytes, encodeUtf8, formatHex, parseHex, sha256 } from "./bytes.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import { type Envelope, type EnvelopeReply, replyFromCbor, replyToCbor } from "./envelope.ts";
import { PeriError } from "./errors.ts";
import { readFields } from "./fields.ts";
import {
  MAX_CARRIED_BYTES,
  MAX_CARRIED_ENVELOPES,
  MAX_ENVELOPE_BYTES,
  MAX_REPLY_BYTES,
} from "./limits.ts";
import { parseFingerprint } from "./words.ts";

/** First line of a file of envelopes. */
export const ENVELOPES_LINE = "peri envelopes 1\n";
/** First line of a file of replies. */
export const REPLIES_LINE = "peri replies 1\n";

/** What was said to one envelope. */
export interface CarriedReply {
  /** {@link envelopeId} of the envelope. */
  readonly envelope: string;
  readonly reply: EnvelopeReply;
}

const LENGTH_BYTES = 4;
/** Keys and heads of a frame besides what it carries. */
const AROUND_BYTES = 128;

/** What names an envelope in a reply: the SHA-256 of its sealed bytes, 64 lower-case hex digits. */
export function envelopeId({ sealed }: Envelope): string {
  return formatHex(sha256(sealed));
}

/** One envelope of a file, to stand behind {@link ENVELOPES_LINE} and others. */
export function encodeCarried({ to, sealed }: Envelope): Bytes {
  return framed(encodeCbor({ to: parseHex(to), sealed }));
}

/**
 * The envelopes of a file.
 *
 * @throws {PeriError} `too-large` over a bound, `damaged` for anything else, torn files among it.
 */
export function decodeCarried(file: Uint8Array): Envelope[] {
  const what = "a file of envelopes";
  return framesOf(file, ENVELOPES_LINE, MAX_ENVELOPE_BYTES, what).map((frame) => {
    const cbor = decodeCbor(frame, MAX_ENVELOPE_BYTES + AROUND_BYTES, what);
    const fields = readFields(what, cbor, ["to", "sealed"]);
    const to = parseFingerprint(formatHex(fields.bytes("to", 20, 32)));
    return { to, sealed: fields.bytes("sealed") };
  });
}

/** One reply of a file, to stand behind {@link REPLIES_LINE} and others. */
export function encodeCarriedReply({ envelope, reply }: CarriedReply): Bytes {
  return framed(encodeCbor({ envelope: parseHex(envelope), reply: replyToCbor(reply) }));
}

/** The replies of a file. @throws {PeriError} as {@link decodeCarried}. */
export function decodeCarriedReplies(file: Uint8Array): CarriedReply[] {
  const what = "a file of replies";
  return framesOf(file, REPLIES_LINE, MAX_REPLY_BYTES, what).map((frame) => {
    const cbor = decodeCbor(frame, MAX_REPLY_BYTES + AROUND_BYTES, what);
    const fields = readFields(what, cbor, ["envelope", "reply"]);
    const envelope = formatHex(fields.bytes("envelope", 32));
    return { envelope, reply: replyFromCbor(fields.value("reply")) };
  });
}

function framed(content: Uint8Array): Bytes {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, content.length);
  return concatBytes([length, content]);
}

function framesOf(file: Uint8Array, line: string, maxBytes: number, what: string): Uint8Array[] {
  const op = `read ${what}`;
  if (file.length > MAX_CARRIED_BYTES) {
    const subject = `${file.length} bytes, ${MAX_CARRIED_BYTES} allowed`;
    throw new PeriError("too-large", { op, subject });
  }
  const head = encodeUtf8(line);
  const isOurs = head.every((byte, at) => file[at] === byte);
  if (!isOurs) throw torn(op, `it does not begin with the line ${JSON.stringify(line.trim())}`);
  const frames: Uint8Array[] = [];
  for (let at = head.length; at < file.length;) {
    const size = sizeAt(file, at, op);
    at += LENGTH_BYTES;
    if (size > maxBytes + AROUND_BYTES) throw torn(op, `a frame of ${size} bytes`);
    if (at + size > file.length) throw torn(op, "it ends within a frame; is it a whole copy?");
    if (frames.push(file.subarray(at, at + size)) > MAX_CARRIED_ENVELOPES) {
      throw torn(op, `more than ${MAX_CARRIED_ENVELOPES} frames`);
    }
    at += size;
  }
  return frames;
}

function sizeAt(file: Uint8Array, at: number, op: string): number {
  if (at + LENGTH_BYTES > file.length) throw torn(op, "it ends within a length");
  return new DataView(file.buffer, file.byteOffset + at, LENGTH_BYTES).getUint32(0);
}

function torn(op: string, subject: string): PeriError {
  return new PeriError("damaged", { op, subject });
}
