/**
 * Envelopes and the replies to them, as they cross the network (PROTOCOL.md, "Carriage").
 *
 * @module
 */

import { type Bytes, formatHex, parseHex } from "./bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "./cbor.ts";
import { type ErrorKind, isErrorKind, PeriError } from "./errors.ts";
import { misshapen, readFields } from "./fields.ts";
import {
  MAX_ENVELOPE_BYTES,
  MAX_POST_BYTES,
  MAX_POST_ENVELOPES,
  MAX_REPLY_BYTES,
} from "./limits.ts";
import { type Fingerprint, parseFingerprint } from "./words.ts";

/** A sealed bundle and the pod key that can open it. */
export interface Envelope {
  readonly to: Fingerprint;
  readonly sealed: Bytes;
}

/** Authenticated: only who opened the bundle can make `mac`. */
export interface SealedReceipt {
  readonly content: Bytes;
  readonly mac: Bytes;
}

/** Not authenticated: may delay a message, never ends it. */
export interface Hint {
  readonly hint: ErrorKind;
  readonly retryAfterMs?: number;
}

/** What a periphery says to one envelope. */
export type EnvelopeReply = SealedReceipt | Hint;

/** The body of a POST. */
export function encodePost(envelopes: readonly Envelope[]): Bytes {
  return encodeCbor({
    v: 1,
    envelopes: envelopes.map(({ to, sealed }) => ({ to: parseHex(to), sealed })),
  });
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodePost(body: Uint8Array): Envelope[] {
  return itemsOf(decodeCbor(body, MAX_POST_BYTES, POST), POST).map((item) => {
    const fields = readFields(POST, item, ["to", "sealed"]);
    const sealed = fields.bytes("sealed");
    if (sealed.length > MAX_ENVELOPE_BYTES) {
      throw tooLarge(POST, `envelope of ${sealed.length} bytes, ${MAX_ENVELOPE_BYTES} allowed`);
    }
    return { to: parseFingerprint(formatHex(fields.bytes("to", 20, 32))), sealed };
  });
}

/** The body of the reply to a POST. */
export function encodeReplies(replies: readonly EnvelopeReply[]): Bytes {
  return encodeCbor({ v: 1, replies: replies.map(replyToCbor) });
}

/** A reply as part of a larger CBOR value. */
export function replyToCbor(reply: EnvelopeReply): Cbor {
  return "mac" in reply
    ? { content: reply.content, mac: reply.mac }
    : { hint: reply.hint, retryAfter: reply.retryAfterMs ?? null };
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodeReplies(body: Uint8Array): EnvelopeReply[] {
  return itemsOf(decodeCbor(body, MAX_REPLY_BYTES, REPLIES), REPLIES).map(replyFromCbor);
}

/** @throws {PeriError} `damaged` for any other shape. */
export function replyFromCbor(item: Cbor): EnvelopeReply {
  const isReceipt = typeof item === "object" && item !== null && "mac" in item;
  if (isReceipt) {
    const fields = readFields(REPLIES, item, ["content", "mac"]);
    return { content: fields.bytes("content"), mac: fields.bytes("mac", 32) };
  }
  const fields = readFields(REPLIES, item, ["hint", "retryAfter"]);
  const hint = fields.value("hint");
  if (!isErrorKind(hint)) throw misshapen(REPLIES, "a hint of no known kind");
  const retryAfterMs = fields.integerOrNull("retryAfter", 0);
  return retryAfterMs === undefined ? { hint } : { hint, retryAfterMs };
}

const POST = "envelopes";
const REPLIES = "replies";

function itemsOf(value: Cbor, name: typeof POST | typeof REPLIES): readonly Cbor[] {
  const fields = readFields(name, value, ["v", name]);
  fields.integer("v", 1, 1);
  const items = fields.list(name, 0, Infinity);
  if (items.length <= MAX_POST_ENVELOPES) return items;
  throw tooLarge(name, `${items.length} at once, ${MAX_POST_ENVELOPES} allowed`);
}

function tooLarge(what: string, subject: string): PeriError {
  return new PeriError("too-large", { op: `read ${what}`, subject });
}
