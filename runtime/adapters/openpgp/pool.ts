/**
 * OpenPGP on other threads, so that a server that seals and opens thousands of messages goes on
 * answering meanwhile.
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import { errorFromRecord, type ErrorRecord, PeriError } from "../../model/errors.ts";
import type { CertificateInfo, NewKey, Pgp, Unsealed } from "../../ports/pgp.ts";

/** What a worker is asked: a method of {@link Pgp}, or the check of a message it has opened. */
export interface Task {
  readonly id: number;
  readonly method: keyof Pgp | "verifyOpened";
  readonly args: readonly unknown[];
}

/** What a worker answers. */
export type Done =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorRecord };

/** OpenPGP that has threads to end. */
export interface PgpPool extends Pgp {
  /** Ends the threads; what they had not done rejects as `internal`. */
  close(): void;
}

/**
 * A pool of `size` threads, 1 upward. Threads start with the first task given to them; a task goes to
 * the one with the least to do.
 */
export function openPgpPool(size: number): PgpPool {
  const threads = Array.from({ length: size }, () => new Thread());
  const least = () => threads.reduce((a, b) => b.load < a.load ? b : a);
  const ask = <Value>(method: keyof Pgp, args: readonly unknown[]) =>
    least().ask(method, args).done as Promise<Value>;
  return {
    makePersonKey: (...args) => ask<NewKey>("makePersonKey", args),
    makePodKey: (...args) => ask<NewKey>("makePodKey", args),
    inspect: (...args) => ask<CertificateInfo>("inspect", args),
    dearmor: (...args) => ask<Bytes>("dearmor", args),
    publicPart: (...args) => ask<Bytes>("publicPart", args),
    armor: (...args) => ask<string>("armor", args),
    unlock: (...args) => ask<Bytes>("unlock", args),
    sign: (...args) => ask<Bytes>("sign", args),
    verify: (...args) => ask<void>("verify", args),
    seal: (...args) => ask<Bytes>("seal", args),
    open: (...args) => openOn(least(), args),
    close: () => threads.forEach((thread) => thread.close()),
  };
}

/** The thread that opened a message keeps what its signature is checked against. */
async function openOn(thread: Thread, args: readonly unknown[]): Promise<Unsealed> {
  const { id, done } = thread.ask("open", args);
  const content = await done as Bytes;
  return {
    content,
    async verify(certificate, atMs) {
      await thread.ask("verifyOpened", [id, certificate, atMs]).done;
    },
  };
}

class Thread {
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  #worker: Worker | undefined;
  #ids = 0;

  /** Tasks given and not yet done. */
  get load(): number {
    return this.#asked.size;
  }

  ask(method: Task["method"], args: readonly unknown[]): { id: number; done: Promise<unknown> } {
    const id = ++this.#ids;
    const answer = Promise.withResolvers<unknown>();
    this.#asked.set(id, answer);
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id, method, args } satisfies Task);
    return { id, done: answer.promise };
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#fail("the pool was closed");
  }

  #start(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Done>) => {
      const answer = this.#asked.get(data.id);
      this.#asked.delete(data.id);
      if ("error" in data) answer?.reject(errorFromRecord(data.error));
      else answer?.resolve(data.value);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#worker = undefined;
      this.#fail(event.message);
    };
    return worker;
  }

  #fail(reason: string): void {
    const error = new PeriError("internal", { op: "use OpenPGP", subject: reason });
    for (const answer of this.#asked.values()) answer.reject(error);
    this.#asked.clear();
  }
}
