/**
 * A request to the federation port and the reply to it, as a gate sees them: without sockets.
 *
 * @module
 */

import { type Bytes, encodeUtf8 } from "../../model/bytes.ts";
import type { ErrorKind, PeriError } from "../../model/errors.ts";

/** What came in. Everything in it is hostile. */
export interface GateRequest {
  readonly method: string;
  /** Path and query as sent: `/peri/v1/book?after=…`. */
  readonly target: string;
  readonly contentType: string | undefined;
  /** Content-Length; absent when the body comes in chunks. */
  readonly declaredBytes: number | undefined;
  /** The body as it arrives, to be read at most once. Reading may be given up at any time. */
  body(): AsyncIterable<Uint8Array>;
}

/** What goes back. Whoever sends it closes the connection when the body was not read to its end. */
export interface GateReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: Bytes;
  /** Seconds, for `Retry-After`. */
  readonly retryAfterS?: number;
  /** Methods the path takes, for `Allow`. */
  readonly allow?: string;
}

/** Answers requests; rejects never. */
export type Gate = (request: GateRequest) => Promise<GateReply>;

/** The status of a refusal, for whom HTTP is enough to know. */
const STATUS: Readonly<Record<ErrorKind, number>> = {
  internal: 500,
  invalid: 400,
  "not-found": 404,
  exists: 409,
  denied: 403,
  expired: 400,
  "missing-implementation": 501,
  "too-large": 413,
  "over-quota": 503,
  busy: 503,
  unreachable: 502,
  conflict: 409,
  damaged: 400,
};

/** Seconds after which a busy server may be asked again. */
const RETRY_AFTER_S = 2;

/** A reply that went well. */
export function cborReply(body: Bytes): GateReply {
  return { status: 200, contentType: "application/cbor", body };
}

/** A refusal as one line of text. */
export function textReply(status: number, text: string): GateReply {
  const body = encodeUtf8(`${text}\n`);
  return { status, contentType: "text/plain; charset=utf-8", body };
}

/** An error as a reply; what went wrong inside stays inside. */
export function errorReply(error: PeriError): GateReply {
  const status = STATUS[error.kind];
  const text = error.kind === "internal" ? "internal: see the server's log" : briefly(error);
  const reply = textReply(status, text);
  return status === 503 ? { ...reply, retryAfterS: RETRY_AFTER_S } : reply;
}

function briefly(error: PeriError): string {
  return `${error.kind}: ${error.message}`.replace(/[^\x20-\x7e]+/g, "?").slice(0, 300);
}
