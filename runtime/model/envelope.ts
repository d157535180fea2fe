/**
 * Envelopes and the replies to them, as they cross the network (PROTOCOL.md, "Carriage").
 *
 * @module
 */

import { type Bytes, formatHex, parseHex } from "./bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "./cbor.ts";
import { type ErrorKind, isErrorKind, PeriError } from "./errors.ts";
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
  const items = listOf(decodeCbor(body, MAX_POST_BYTES, "envelopes"), "envelopes");
  return items.map((item) => {
    const { to, sealed } = fieldsOf(item);
    if (!(to instanceof Uint8Array) || !(sealed instanceof Uint8Array)) throw torn("envelopes");
    if (sealed.length > MAX_ENVELOPE_BYTES) {
      const subject = `envelope of ${sealed.length} bytes, ${MAX_ENVELOPE_BYTES} allowed`;
      throw new PeriError("too-large", { op: "read envelopes", subject });
    }
    return { to: fingerprintOf(to), sealed: sealed as Bytes };
  });
}

/** The body of the reply to a POST. */
export function encodeReplies(replies: readonly EnvelopeReply[]): Bytes {
  return encodeCbor({
    v: 1,
    replies: replies.map((reply): Cbor =>
      "mac" in reply
        ? { content: reply.content, mac: reply.mac }
        : { hint: reply.hint, retryAfter: reply.retryAfterMs ?? null }
    ),
  });
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodeReplies(body: Uint8Array): EnvelopeReply[] {
  const items = listOf(decodeCbor(body, MAX_REPLY_BYTES, "replies"), "replies");
  return items.map((item) => {
    const { content, mac, hint, retryAfter } = fieldsOf(item);
    if (content instanceof Uint8Array && mac instanceof Uint8Array) {
      return { content: content as Bytes, mac: mac as Bytes };
    }
    if (!isErrorKind(hint)) throw torn("replies");
    const waits = typeof retryAfter === "number" && retryAfter >= 0;
    return waits ? { hint, retryAfterMs: retryAfter } : { hint };
  });
}

function torn(what: string): PeriError {
  return new PeriError("damaged", { op: `read ${what}`, subject: "not of the shape of version 1" });
}

function fieldsOf(value: Cbor): Readonly<Record<string, Cbor | undefined>> {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Uint8Array);
  return isMap ? value as Readonly<Record<string, Cbor>> : {};
}

function listOf(value: Cbor, name: string): readonly Cbor[] {
  const fields = fieldsOf(value);
  const items = fields[name];
  if (fields.v !== 1 || !Array.isArray(items)) throw torn(name);
  if (items.length > MAX_POST_ENVELOPES) {
    const subject = `${items.length} at once, ${MAX_POST_ENVELOPES} allowed`;
    throw new PeriError("too-large", { op: `read ${name}`, subject });
  }
  return items;
}

function fingerprintOf(bytes: Uint8Array): Fingerprint {
  if (bytes.length !== 20 && bytes.length !== 32) throw torn("envelopes");
  return parseFingerprint(formatHex(bytes));
}
