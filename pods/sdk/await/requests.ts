/**
 * What a run has asked the periphery for, and whether it goes on by itself.
 *
 * @module
 */

import type { WireOutcome } from "../host.ts";

/** Turns of the job queue in which most handlers end or ask; only then is the host asked. */
const HOPS = 32;

/** What requests need of their run. */
export interface RequestsPort {
  /** Sends one; its answer is given to {@link Requests.settle}. */
  send(step: number, operation: string, argument: string): void;
  /** Whether the run may go on at all. */
  readonly isActive: boolean;
  /** Nothing of the run is left that goes on, and no answer is still to come. */
  quiet(): void;
}

const NOW = Promise.resolve();

type Sink = (outcome: WireOutcome) => void;

/** The requests of one run. */
export class Requests {
  readonly #port: RequestsPort;
  /** Made with the first request; most runs ask for nothing. */
  #sinks: Map<number, Sink> | undefined;
  /** A request that others need not wait for: the one for standard input. */
  #reading: { readonly step: number; readonly sink: Sink } | undefined;
  #last = 0;
  /** Grows with everything that makes the run go on. */
  #beat = 0;
  #isWatched = false;

  constructor(port: RequestsPort) {
    this.#port = port;
  }

  /** Asks the periphery. */
  ask(operation: string, argument: string, sink: Sink): void {
    const step = ++this.#last;
    this.#sinks ??= new Map();
    this.#sinks.set(step, sink);
    this.#port.send(step, operation, argument);
  }

  /** Asks for standard input; until it comes the run may be at rest. */
  askInput(sink: Sink): void {
    const step = ++this.#last;
    this.#reading = { step, sink };
    this.#port.send(step, "input-read", "{}");
  }

  /** Takes an answer. */
  settle(step: number, outcome: WireOutcome): void {
    const reading = this.#reading;
    if (step === reading?.step) {
      this.#reading = undefined;
      return reading.sink(outcome);
    }
    const sinks = this.#sinks;
    const sink = sinks?.get(step);
    if (sinks === undefined || sink === undefined) return;
    sinks.delete(step);
    this.#beat++;
    sink(outcome);
    if (sinks.size === 0) this.watch();
  }

  /** Something has happened to the run: it may go on. */
  stir(): void {
    this.#beat++;
    this.watch();
  }

  /** Sees to it that `quiet` is called when the run has come to rest. */
  watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    void NOW.then(() => this.#hop(HOPS));
  }

  /** Jobs may be queued behind jobs without end; only the host sees when none are left. */
  #hop(left: number): void {
    if (this.#isBusy()) this.#isWatched = false;
    else if (left > 0) void NOW.then(() => this.#hop(left - 1));
    else this.#askIdle();
  }

  #askIdle(): void {
    const beat = this.#beat;
    this.ask("idle", "{}", ({ tag }) => {
      this.#isWatched = false;
      if (this.#isBusy() || tag === "err") return;
      // The answer to `idle` is a beat of its own.
      if (this.#beat > beat + 1) this.watch();
      else this.#port.quiet();
    });
  }

  #isBusy(): boolean {
    return !this.#port.isActive || (this.#sinks?.size ?? 0) > 0;
  }
}
