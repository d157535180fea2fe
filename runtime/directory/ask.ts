/**
 * Questions to other peripheries: bounded in number, size and time, answers checked for shape only.
 *
 * @module
 */

import type { Introduction } from "../identity/behalf.ts";
import type { Bytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import {
  ASK_TIMEOUT_MS,
  MAX_ASKS,
  MAX_ASKS_PER_SERVER,
  MAX_POST_BYTES,
  POST_TIMEOUT_MS,
} from "../model/limits.ts";
import { formatPodRef, type PodRef, type ServerUrl } from "../model/words.ts";
import type { Transport } from "../ports/transport.ts";
import { Turns } from "./turns.ts";
import {
  decodeHello,
  decodePage,
  decodeWho,
  encodeSignedNotice,
  MAX_ANSWER_BYTES,
  MAX_WHO_BYTES,
  type Page,
  type SignedNotice,
  type Who,
} from "./wire.ts";

/** Longest reply to a notice that is read. */
const MAX_TAKEN_BYTES = 1024;

/** Asks other directories. */
export class Asker {
  readonly #turns = new Turns(MAX_ASKS, MAX_ASKS_PER_SERVER);

  constructor(private readonly transport: Transport) {}

  /** Who a server says it is. @throws {PeriError} as {@link Transport}, `not-found`, `damaged`. */
  async hello(server: ServerUrl): Promise<Introduction> {
    return decodeHello(await this.#get(server, "/peri/v1/hello", MAX_ANSWER_BYTES));
  }

  /** What a server knows of a pod. @throws {PeriError} as {@link Transport}, `damaged`. */
  async who(server: ServerUrl, ref: PodRef): Promise<Who> {
    const path = `/peri/v1/who/${formatPodRef(ref)}`;
    return decodeWho(await this.#get(server, path, MAX_WHO_BYTES));
  }

  /**
   * A part of what a server publishes, of what changed after a place; 0 for all.
   *
   * @throws {PeriError} as {@link Transport}, `damaged`.
   */
  async book(server: ServerUrl, after: number): Promise<Page> {
    return decodePage(await this.#get(server, `/peri/v1/book?after=${after}`, MAX_POST_BYTES));
  }

  /**
   * Gives a server a notice; it has been taken when this resolves.
   *
   * @throws {PeriError} as {@link Transport}, and `denied` when the server does not want it.
   */
  async notify(server: ServerUrl, notice: SignedNotice): Promise<void> {
    await this.#ask(server, {
      path: "/peri/v1/book",
      body: encodeSignedNotice(notice),
      maxReplyBytes: MAX_TAKEN_BYTES,
      timeoutMs: POST_TIMEOUT_MS,
    });
  }

  async #get(server: ServerUrl, path: string, maxReplyBytes: number): Promise<Bytes> {
    return await this.#ask(server, { path, maxReplyBytes, timeoutMs: ASK_TIMEOUT_MS });
  }

  async #ask(
    server: ServerUrl,
    question: { path: string; body?: Bytes; maxReplyBytes: number; timeoutMs: number },
  ): Promise<Bytes> {
    const send = () => this.transport.send({ server, ...question });
    const reply = await this.#turns.take(server, send);
    if (reply.status === 200) return reply.body;
    throw refusal(server, reply.status);
  }
}

function refusal(server: ServerUrl, status: number): PeriError {
  const kind = status === 403 ? "denied" : status === 404 ? "not-found" : "unreachable";
  return new PeriError(kind, { op: `ask ${server}`, subject: `it answered with status ${status}` });
}
