/**
 * A request to join as bytes, and the reply to it (PROTOCOL.md, "People").
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "../../model/cbor.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_CERTIFICATE_BYTES, MAX_JOIN_BYTES, MAX_SIGNATURE_BYTES } from "../../model/limits.ts";
import { INVITATION_SECRET_BYTES } from "./invitation.ts";

/** What somebody shows who wants to join. */
export interface JoinRequest {
  /** Of the invitation. */
  readonly secret: Bytes;
  /** The text of a `Join`. */
  readonly document: string;
  /** The person's detached signature over it, binary. */
  readonly signature: Bytes;
  /** The person's transferable public key. */
  readonly certificate: Bytes;
}

/** Longest reply to a request. */
export const MAX_JOINED_BYTES = 8 * 1024;

/** A request as it is sealed to the server's own key. */
export function encodeJoinRequest(
  { secret, document, signature, certificate }: JoinRequest,
): Bytes {
  return encodeCbor({ v: 1, secret, document, signature, certificate });
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodeJoinRequest(bytes: Uint8Array): JoinRequest {
  const what = "request to join";
  const fields = fieldsOf(decodeCbor(bytes, MAX_JOIN_BYTES, what), 5, what);
  const { document } = fields;
  if (typeof document !== "string") throw torn(what);
  const secret = bytesOf(fields.secret, INVITATION_SECRET_BYTES, what);
  if (secret.length !== INVITATION_SECRET_BYTES) throw torn(what);
  return {
    secret,
    document,
    signature: bytesOf(fields.signature, MAX_SIGNATURE_BYTES, what),
    certificate: bytesOf(fields.certificate, MAX_CERTIFICATE_BYTES, what),
  };
}

/** The body of `POST /peri/v1/join`. */
export function encodeSealedJoin(sealed: Bytes): Bytes {
  return encodeCbor({ v: 1, sealed });
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodeSealedJoin(bytes: Uint8Array): Bytes {
  const what = "sealed request to join";
  const { sealed } = fieldsOf(decodeCbor(bytes, MAX_JOIN_BYTES + 64, what), 2, what);
  return bytesOf(sealed, MAX_JOIN_BYTES, what);
}

/** The reply: what the server says of it, signed by its own key. */
export interface Joined {
  /** SHA-256 of the document that was taken. */
  readonly joined: Bytes;
  readonly signature: Bytes;
}

/** The bytes that the server signs. */
export function encodeJoined(joined: Uint8Array): Bytes {
  return encodeCbor({ v: 1, kind: "joined", joined: joined as Bytes });
}

/** The reply to a request that was taken. */
export function encodeJoinReply({ joined, signature }: Joined): Bytes {
  return encodeCbor({ v: 1, joined, signature });
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other shape. */
export function decodeJoinReply(bytes: Uint8Array): Joined {
  const what = "reply to a request to join";
  const { joined, signature } = fieldsOf(decodeCbor(bytes, MAX_JOINED_BYTES, what), 3, what);
  return {
    joined: bytesOf(joined, 32, what),
    signature: bytesOf(signature, MAX_SIGNATURE_BYTES, what),
  };
}

function fieldsOf(value: Cbor, count: number, what: string): Readonly<Record<string, Cbor>> {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Uint8Array);
  const fields = (isMap ? value : {}) as Readonly<Record<string, Cbor>>;
  if (fields.v !== 1 || Object.keys(fields).length !== count) throw torn(what);
  return fields;
}

function bytesOf(value: Cbor | undefined, maxBytes: number, what: string): Bytes {
  if (value instanceof Uint8Array && value.length <= maxBytes) return value as Bytes;
  throw torn(what);
}

function torn(what: string): PeriError {
  return new PeriError("damaged", {
    op: `read a ${what}`,
    subject: "not of the shape of version 1",
  });
}
