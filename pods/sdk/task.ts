/**
 * One handler at work: what it asked for, whom it waits for, and whether it can go on by itself.
 *
 * @module
 */

import type { Host, WireCall, WireOutcome } from "./host.ts";
import type { Pod } from "./pod.ts";
import { Refusal, refusalOf } from "./refusal.ts";
import type { Awaited, Mark, Settlement, Waiting } from "./calls.ts";
import { type PodAbout, Run } from "./run.ts";

/** Turns of the job queue in which most handlers end or ask; only then is the host asked. */
const HOPS = 32;

/** What a task tells whoever runs it. */
export interface TaskPort {
  readonly host: Host;
  /** Nothing of it runs, and nothing that it asked the periphery for is still to come. */
  quiet(task: Task): void;
}

/** An answer a task waits for. */
export interface Wait extends Awaited {
  readonly step: number;
  /** Whether its post is on its way, so that ending it takes a cancel. */
  isPosted: boolean;
}

/** `away`: it waits for somebody else, and other tasks run. */
export type TaskState = "new" | "active" | "away" | "over";

/** See the module. */
export class Task {
  readonly call: WireCall;
  readonly run: Run;
  /** Names it in the notes of its posts; no other run of the pod has the same. */
  readonly id: string;
  /** The object its handler belongs to. */
  pod: Pod | undefined;
  state: TaskState = "new";
  /** The invocation it speaks in. */
  invocation: number;
  /** The invocation that brought the answer with which it goes on, when that is another. */
  carrier: number | undefined;
  /** Set while it waits for standard input. */
  input: { resolve(): void; reject(why: Refusal): void; isAsked: boolean } | undefined;
  /** Answers it waits for, by step. */
  readonly waits = new Map<number, Wait>();
  readonly #port: TaskPort;
  readonly #requests = new Map<number, (outcome: WireOutcome) => void>();
  #reading: { readonly step: number; sink(outcome: WireOutcome): void } | undefined;
  #step = 0;
  #wire = 0;
  /** Grows with everything that makes it go on. */
  #beat = 0;
  #isWatched = false;

  constructor(call: WireCall, about: PodAbout, port: TaskPort) {
    this.call = call;
    this.invocation = call.invocation;
    this.id = `${call.nowMs.toString(36)}-${(call.seed >>> 0).toString(36)}`;
    this.#port = port;
    this.run = new Run(call, about, {
      request: (operation, argument) => this.#request(operation, argument),
      waitForInput: () => this.#waitForInput(),
      wait: (make) => this.#wait(make),
      log: (level, line) => port.host.log(level, line.toWellFormed()),
    });
  }

  /** Whether a person waits for it at a terminal; it lives in memory alone. */
  get isVisit(): boolean {
    return !this.call.caller.pod;
  }

  /** It goes on or begins; nothing else of the pod runs. */
  activate(): void {
    this.state = "active";
    this.stir();
  }

  /** Looks whether it goes on by itself, after something has happened to it. */
  stir(): void {
    this.#beat++;
    void this.#watch();
  }

  /** Asks the periphery; `sink` takes the answer. */
  ask(operation: string, argument: string, sink: (outcome: WireOutcome) => void): void {
    const step = ++this.#wire;
    this.#requests.set(step, sink);
    this.#port.host.request(this.invocation, step, operation, argument);
  }

  /** Asks for standard input; what else it waits for may come before. */
  askInput(sink: (outcome: WireOutcome) => void): void {
    this.#reading = { step: ++this.#wire, sink };
    this.#port.host.request(this.invocation, this.#wire, "input-read", "{}");
  }

  /** Takes the answer to a request. */
  settle(step: number, outcome: WireOutcome): void {
    const reading = this.#reading;
    if (step === reading?.step) {
      this.#reading = undefined;
      return reading.sink(outcome);
    }
    const sink = this.#requests.get(step);
    if (sink === undefined) return;
    this.#requests.delete(step);
    this.#beat++;
    sink(outcome);
    if (this.#requests.size === 0) void this.#watch();
  }

  /** Gives an answer to who waits for it; false when nobody does. */
  take(step: number, settlement: Settlement): boolean {
    const wait = this.waits.get(step);
    if (wait === undefined) return false;
    this.#beat++;
    if (wait.take(settlement)) this.waits.delete(step);
    return true;
  }

  /** Nobody wants its result any more: everything it waits for fails. */
  interrupt(): void {
    const why = gone();
    this.input?.reject(why);
    this.input = undefined;
    const { kind, op, subject } = why;
    for (const [step, wait] of this.waits) {
      this.waits.delete(step);
      wait.take({ error: { kind, op, subject } });
      this.#withdraw(wait);
    }
    this.stir();
  }

  /** Leaves what it still waits for, before its last effects: nobody hears of it any more. */
  leaveWaits(): void {
    for (const wait of this.waits.values()) {
      if (wait.isPosted || wait.isStream) this.#withdraw(wait);
      else this.run.effects.unbind(wait.key);
    }
    this.waits.clear();
  }

  #request(operation: string, argument: string): Promise<string> {
    if (this.state !== "active") return Promise.reject(outside(operation));
    return new Promise((resolve, reject) => {
      this.ask(operation, argument, (outcome) => {
        if (outcome.tag === "ok") resolve(outcome.val);
        else reject(refusalOf(outcome.val));
      });
    });
  }

  #waitForInput(): Promise<void> {
    if (this.state !== "active") return Promise.reject(outside("standard input"));
    this.run.checkCancelled();
    return new Promise((resolve, reject) => {
      this.input = { resolve, reject, isAsked: false };
      void this.#watch();
    });
  }

  #wait(make: (mark: Mark) => Awaited): Waiting {
    if (this.state !== "active") throw outside("an answer");
    this.run.checkCancelled();
    const step = ++this.#step;
    const wait = { ...make({ run: this.id, step }), step, isPosted: false };
    this.waits.set(step, wait);
    void this.#watch();
    return {
      leave: () => {
        if (this.waits.delete(step)) this.#withdraw(wait);
      },
    };
  }

  #withdraw({ key, isPosted }: Wait): void {
    if (isPosted) this.run.effects.cancel(key);
    else this.run.effects.withdraw(key);
  }

  /** Jobs may be queued behind jobs without end; only the host sees when none are left. */
  async #watch(): Promise<void> {
    if (this.#isWatched) return;
    this.#isWatched = true;
    for (let hop = 0; hop < HOPS; hop++) {
      await null;
      if (this.#isBusy()) {
        this.#isWatched = false;
        return;
      }
    }
    const beat = this.#beat;
    this.ask("idle", "{}", ({ tag }) => {
      this.#isWatched = false;
      if (this.#isBusy() || tag === "err") return;
      // The answer to `idle` is a beat of its own.
      if (this.#beat > beat + 1) void this.#watch();
      else this.#port.quiet(this);
    });
  }

  #isBusy(): boolean {
    return this.state !== "active" || this.#requests.size > 0;
  }
}

/** Why awaits of a run fail whose asker is gone. */
function gone(): Refusal {
  return new Refusal("expired", { op: "go on", subject: "the one who asked is gone" });
}

function outside(what: string): Error {
  return new Error(`${what} was asked for outside of its run`);
}
