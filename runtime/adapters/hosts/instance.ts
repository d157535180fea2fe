/**
 * One instance as the periphery sees it.
 *
 * @module
 */

import type { PodEnd, PodEvent, PodOutput } from "../../model/pod.ts";
import type { BlobId } from "../../model/words.ts";
import type { PodInstance } from "../../ports/sandbox.ts";

/** What an instance asks of the host it lives in. */
export interface InstanceHost {
  /** Sends events to an instance. */
  dispatch(pod: number, events: readonly PodEvent[]): void;
  /** Ends an instance. */
  stop(pod: number): void;
  /** Others may live beside its instance. */
  share(): void;
}

/** An instance in a pod host. */
export class Instance implements PodInstance {
  readonly ended: Promise<PodEnd>;
  readonly #host: InstanceHost;
  readonly #hear: (output: PodOutput) => void;
  readonly #started = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<PodEnd>();
  #end: PodEnd | undefined;
  #memoryBytes = 0;

  constructor(
    readonly id: number,
    readonly component: BlobId,
    host: InstanceHost,
    hear: (output: PodOutput) => void,
  ) {
    this.#host = host;
    this.#hear = hear;
    this.ended = this.#ended.promise;
  }

  /** Resolves when the instance runs or has ended before it ran. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** Why it has ended; `undefined` while it has not. */
  get endedWith(): PodEnd | undefined {
    return this.#end;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  dispatch(events: readonly PodEvent[]): void {
    if (this.#end === undefined && events.length > 0) this.#host.dispatch(this.id, events);
  }

  share(): void {
    if (this.#end === undefined) this.#host.share();
  }

  stop(): void {
    if (this.#end !== undefined) return;
    this.#host.stop(this.id);
    this.end("stopped");
  }

  /** Hears what the pod says. @throws whatever the hearer throws */
  hear(outputs: readonly PodOutput[]): void {
    for (const output of outputs) {
      if (this.#end === undefined) this.#hear(output);
    }
  }

  /** The host says that it runs. */
  begin(memoryBytes: number): void {
    this.grow(memoryBytes);
    this.#started.resolve();
  }

  /** The host says how much memory it has taken. */
  grow(memoryBytes: number): void {
    this.#memoryBytes = memoryBytes;
  }

  /** The instance is over; the first reason counts. */
  end(reason: PodEnd): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#started.resolve();
    this.#ended.resolve(reason);
  }
}
