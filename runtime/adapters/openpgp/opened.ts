/**
 * Messages that were opened and whose signatures may still be asked for. Who sent them is not known
 * yet, so a stranger decides how large they are and whether anybody ever asks.
 *
 * @module
 */

import type { Unsealed } from "../../ports/pgp.ts";

/** Opened messages by number; the oldest go first when there are too many or they are too large. */
export class OpenedMessages {
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #messages = new Map<number, Unsealed>();
  #bytes = 0;

  /**
   * @param most messages kept
   * @param mostBytes of their contents together
   */
  constructor(most: number, mostBytes: number) {
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  /** Keeps a message, at least until the next one comes. */
  keep(id: number, message: Unsealed): void {
    this.#messages.set(id, message);
    this.#bytes += message.content.length;
    for (const [oldest, { content }] of this.#messages) {
      const fits = this.#messages.size <= this.#most && this.#bytes <= this.#mostBytes;
      if (fits || oldest === id) return;
      this.#messages.delete(oldest);
      this.#bytes -= content.length;
    }
  }

  /** The message of a number; undefined when it was dropped. */
  get(id: number): Unsealed | undefined {
    return this.#messages.get(id);
  }
}
