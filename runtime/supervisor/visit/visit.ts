/**
 * A person who has come in and waits while a pod works for them: input, output and the end.
 *
 * @module
 */

import { type PeriError, toPeriError } from "../../model/errors.ts";
import { MAX_RUN_OUTPUT_BYTES } from "../../model/limits.ts";
import type { Effects } from "../../model/pod.ts";

/** Bytes of one `chunk` event. */
const CHUNK_BYTES = 64 * 1024;

/** The person's side of a visit. */
export interface Visitor {
  readonly input?: AsyncIterable<Uint8Array>;
  /** Called in order; its promise holds the next one back. */
  write?(fd: 1 | 2, data: Uint8Array): void | Promise<void>;
}

/** What the pod is to run. */
export interface VisitCall {
  readonly interface: string;
  readonly function: string;
  /** JSON array of the arguments. */
  readonly arguments: string;
}

/** One run for a person. Not durable: it ends with the pod's instance or the person's patience. */
export class Visit {
  readonly #visitor: Visitor;
  readonly #chunks: AsyncIterator<Uint8Array> | undefined;
  readonly #end = Promise.withResolvers<string>();
  #rest: Uint8Array = new Uint8Array();
  #writing: Promise<void> = Promise.resolve();
  #unwritten = 0;

  /** Whether anybody could tell that it began; from then on it is not begun again. */
  isTouched = false;
  /** Whether it has let events go first. */
  hasGivenWay = false;
  /** Whether the person wants it to stop. */
  isCancelled = false;
  isOver = false;
  /** Why the pod was told to end it, when not by the person: what they hear when it gives up. */
  parting: PeriError | undefined;

  constructor(readonly call: VisitCall, visitor: Visitor = {}) {
    this.#visitor = visitor;
    this.#chunks = visitor.input?.[Symbol.asyncIterator]();
    // A visit nobody waits for any more must not end the process.
    this.#end.promise.catch(() => {});
  }

  /** JSON text of the result. @throws {PeriError} what kept the run from ending well. */
  get result(): Promise<string> {
    return this.#end.promise;
  }

  /** The next piece of input, at most 64 KiB; empty at its end. */
  async read(): Promise<Uint8Array> {
    this.isTouched = true;
    while (this.#rest.length === 0) {
      const next = await this.#chunks?.next();
      if (next === undefined || next.done) return new Uint8Array();
      this.#rest = next.value;
    }
    const chunk = this.#rest.slice(0, CHUNK_BYTES);
    this.#rest = this.#rest.subarray(CHUNK_BYTES);
    return chunk;
  }

  /** Writes outputs of effects that have happened. `false`: their reader is too slow. */
  show(outputs: Effects["outputs"]): boolean {
    if (outputs.length > 0) this.isTouched = true;
    for (const { fd, data } of outputs) {
      this.#unwritten += data.length;
      this.#writing = this.#writing.then(async () => {
        await this.#visitor.write?.(fd, data);
        this.#unwritten -= data.length;
      });
    }
    this.#writing.catch((cause) => this.fail(toPeriError(cause, "write the output of a pod")));
    return this.#unwritten <= MAX_RUN_OUTPUT_BYTES;
  }

  /** Ends it with a result, after all output. */
  resolve(result: string): void {
    this.isOver = true;
    this.#writing.then(() => this.#end.resolve(result), () => {});
  }

  /** Ends it with an error, after all output. A pod that gives up cannot know why it had to. */
  fail(cause: unknown): void {
    this.isOver = true;
    const fail = () => this.#end.reject(this.#isGivenUp(cause) ? this.parting : cause);
    this.#writing.then(fail, fail);
  }

  #isGivenUp(cause: unknown): boolean {
    return this.parting !== undefined && toPeriError(cause, "end a visit").kind === "expired";
  }
}
