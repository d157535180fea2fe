/**
 * One pod in the host: its guest, the events that wait for it, its budget of time.
 *
 * @module
 */

import type { Cbor } from "../../model/cbor.ts";
import { PeriError } from "../../model/errors.ts";
import type { PodEnd, PodOutput } from "../../model/pod.ts";
import { Guest, type GuestOptions } from "./guest.ts";
import { MAX_LINE } from "./protocol.ts";
import { Recall } from "./recall.ts";
import { Stopwatch, type Watchdog } from "./watchdog.ts";
import { START_SLICES } from "./watcher.ts";

/** What a pod is made of. */
export interface PodOptions extends Omit<GuestOptions, "enter" | "finished" | "queue" | "recall"> {
  readonly id: number;
  readonly sliceMs: number;
  /** Whose it is, as far as its host knows: those of one group share their time. */
  readonly group: string;
  /** Rows that it has read or written are answered here. */
  readonly recalls: boolean;
  readonly watchdog: Watchdog;
  /** Called when one of several runs of a turn has ended: what it said is not mixed with the next's. */
  finished(pod: Pod): void;
  /** Called when the guest has run outside of a turn, after the answer that ended it. */
  strayed(pod: Pod): void;
}

/** How an instance ended; `note` is for its log. */
export interface Ending {
  readonly end: PodEnd;
  readonly note: string;
}

/**
 * A guest that waits inside of `dispatch` for something that never comes gets this long. Coming
 * back takes no time but computing, which is counted apart.
 */
const STUCK_MS = 50;
/** Events in one turn of a pod whose last turn was short. */
const MAX_STRIDE = 6;
/** What is told of a pod that computed too long. */
const TOO_LONG = "stopped: it computed too long without coming back";
/** A short turn, for each of its events. */
const SHORT_MS = 1;

/** A pod. Once it has an ending nothing of it runs any more. */
export class Pod {
  readonly id: number;
  readonly group: string;
  readonly #options: PodOptions;
  readonly #guest: Guest;
  readonly #recall: Recall | undefined;
  readonly #waiting: Cbor[] = [];
  /** Of these, how many come from this host and are given before the others. */
  #ahead = 0;
  #isStarted = false;
  /** Until it has come back from its first events. */
  #isNew = true;
  /** Events in the next turn. */
  #stride = 1;
  /** Runs of this turn that may still begin with a slice of their own. */
  #renewals = 0;
  #spent = new Stopwatch();
  #enteredMs = 0;
  #isInside = false;
  #isInTurn = false;
  #ending: Ending | undefined;

  constructor(options: PodOptions) {
    this.id = options.id;
    this.group = options.group;
    this.#options = options;
    this.#recall = options.recalls ? new Recall() : undefined;
    this.#guest = new Guest({
      ...options,
      recall: this.#recall,
      queue: (event) => void this.#waiting.splice(this.#ahead++, 0, event),
      enter: (run) => this.#enter(run),
      finished: () => this.#renew(),
    });
    options.watchdog.add(this.id, this.#guest.epoch.buffer as unknown as SharedArrayBuffer);
  }

  /** Set when the pod has ended. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Whether the guest has run its start. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Bytes of its memories. */
  get memoryBytes(): number {
    return this.#guest.memoryBytes;
  }

  /** Whether there is something to do for {@link turn}. */
  get isReady(): boolean {
    return this.#ending === undefined && (!this.#isStarted || this.#waiting.length > 0);
  }

  /** Queues events. */
  push(events: readonly Cbor[]): void {
    if (this.#ending !== undefined) return;
    for (const event of events) {
      this.#recall?.told(event);
      this.#waiting.push(event);
    }
  }

  /** Starts the guest or gives it its next events; never rejects. */
  async turn(): Promise<void> {
    this.#spent = new Stopwatch();
    this.#isInTurn = true;
    try {
      await orStuck(this.#isStarted ? this.#dispatch() : this.#start());
      if (this.#guest.isOverMemory) this.finish("memory", this.#memoryNote());
    } catch (thrown) {
      this.#fail(thrown);
    } finally {
      this.#isInTurn = false;
    }
  }

  /** What the pod has said since the last call. */
  takeOutputs(): PodOutput[] {
    return this.#guest.takeOutputs();
  }

  /** Ends the pod for a reason; the first one counts. */
  finish(end: PodEnd, note: string): void {
    if (this.#ending !== undefined) return;
    this.#ending = { end, note: note.slice(0, MAX_LINE) };
    this.#guest.stop();
    this.#waiting.length = 0;
    this.#options.watchdog.remove(this.id);
  }

  async #start(): Promise<void> {
    await this.#guest.start();
    this.#isStarted = true;
  }

  async #dispatch(): Promise<void> {
    const events = this.#waiting.splice(0, this.#stride);
    this.#ahead = Math.max(0, this.#ahead - events.length);
    this.#renewals = events.length - 1;
    const startMs = performance.now();
    await this.#guest.dispatch(events);
    this.#isNew = false;
    const isShort = performance.now() - startMs < SHORT_MS * events.length;
    this.#stride = isShort ? MAX_STRIDE : 1;
  }

  /** A run has ended and another one of the same turn begins: it has as much of all as any. */
  #renew(): void {
    if (!this.#isInside || this.#renewals <= 0) return;
    this.#renewals--;
    const { watchdog } = this.#options;
    // A condemned guest meets its epoch at the next check.
    if (watchdog.end()) return this.finish("time", TOO_LONG);
    this.#options.finished(this);
    this.#guest.renew();
    this.#spent = new Stopwatch();
    this.#enteredMs = performance.now();
    watchdog.begin(this.id, this.#limitMs);
  }

  /** All guest code of this pod runs through here. Calls inside of calls count as one. */
  #enter<Result>(run: () => Result): Result {
    if (this.#isInside) return run();
    if (this.#ending !== undefined) throw new Error("it has ended");
    const { watchdog } = this.#options;
    const limitMs = this.#limitMs;
    this.#enteredMs = performance.now();
    this.#isInside = true;
    watchdog.begin(this.id, this.#spent.rest(limitMs));
    try {
      return run();
    } finally {
      this.#isInside = false;
      const isCondemned = watchdog.end();
      const isOver = this.#spent.add(performance.now() - this.#enteredMs, limitMs);
      if (isCondemned || isOver) this.finish("time", TOO_LONG);
      if (!this.#isInTurn) this.#options.strayed(this);
    }
  }

  #fail(thrown: unknown): void {
    if (this.#guest.isOverMemory) return this.finish("memory", this.#memoryNote());
    if (thrown instanceof Stuck) return this.finish("time", "stopped: it did not come back");
    this.finish("trap", `stopped: ${describe(thrown)}`);
  }

  get #limitMs(): number {
    return this.#options.sliceMs * (this.#isNew ? START_SLICES : 1);
  }

  #memoryNote(): string {
    return `stopped: it wanted more memory than its ${this.#options.memoryBytes} bytes`;
  }
}

class Stuck extends Error {}

function orStuck(turn: Promise<void>): Promise<void> {
  const stuck = Promise.withResolvers<never>();
  const timer = setTimeout(() => stuck.reject(new Stuck()), STUCK_MS);
  return Promise.race([turn, stuck.promise]).finally(() => clearTimeout(timer));
}

/** A reason for the pod's log, from whatever came out of a guest. */
function describe(thrown: unknown): string {
  if (thrown instanceof PeriError) return thrown.subject;
  if (typeof thrown === "object" && thrown !== null) {
    const { payload, message } = thrown as { payload?: unknown; message?: unknown };
    if (typeof payload === "string") return payload;
    if (typeof message === "string") return message;
  }
  return "it broke";
}
