/**
 * How a periphery reaches another: plain requests and replies. Nothing a transport returns is
 * believed; what counts is signed or authenticated inside (PROTOCOL.md, "Carriage").
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { ServerUrl } from "../model/words.ts";

/** A request to a periphery. */
export interface Request {
  readonly server: ServerUrl;
  /** Absolute path, for example `/peri/v1/envelopes`. */
  readonly path: string;
  /** With a body it is a POST of `application/cbor`, without one a GET. */
  readonly body?: Bytes;
  /** Longest reply that is read. */
  readonly maxReplyBytes: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly body: Bytes;
}

/** Sends requests; keeps connections alive between them. */
export interface Transport {
  /**
   * @throws {PeriError} `unreachable` when no whole reply came in time, `denied` when the address
   * is private and not allowed, `too-large` when the reply is longer than asked for.
   */
  send(request: Request): Promise<Reply>;
  /** Drops idle connections. */
  close(): void;
}
