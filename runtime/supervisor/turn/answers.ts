/**
 * What an instance is sent as answers. It may ask for anything at once, so what waits for it in
 * this process and in its host has a bound.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { MAX_ANSWERED_BYTES } from "../../model/limits.ts";
import type { Blobs } from "../../ports/blobs.ts";
import { type ReadLarge, readLarge } from "../state/large.ts";

/** The answers of one conversation. */
export class Answers {
  readonly #blobs: Blobs;
  /** Sent since the instance said anything, which it does when it has taken some of it. */
  #bytes = 0;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(blobs: Blobs) {
    this.#blobs = blobs;
  }

  /** The instance has said something. */
  heard(): void {
    this.#bytes = 0;
  }

  /** Counts an answer. @throws {PeriError} `too-large` when too much was asked for at once. */
  take(answer: string): string {
    this.#check(answer.length);
    this.#bytes += answer.length;
    return answer;
  }

  /** Large values are read one after the other, and none that could not be sent. */
  readonly readLarge: ReadLarge = (large) => {
    const read = this.#reading.then(async () => {
      this.#check(large.bytes);
      return await readLarge(this.#blobs, large);
    });
    this.#reading = read.catch(() => {});
    return read;
  };

  #check(bytes: number): void {
    if (this.#bytes + bytes <= MAX_ANSWERED_BYTES) return;
    throw new PeriError("too-large", {
      op: "answer a request of a pod",
      subject: `more than ${MAX_ANSWERED_BYTES} bytes asked for at once`,
      hint: "await one answer before you ask for the next",
    });
  }
}
