/**
 * Runs a pod's handlers on events: one at a time, each with an object of its own. A run gives
 * way only while it waits for standard input, and goes on when no other is running.
 *
 * @module
 */

import { runContinuation } from "./continuation.ts";
import { isEmpty, NO_EFFECTS } from "./effects.ts";
import type { Host, WireCall, WireEvent, WireOutcome } from "./host.ts";
import { formatJson } from "./json.ts";
import type { Pod } from "./pod.ts";
import { describeError, failureOf, Refusal, refusalOf } from "./refusal.ts";
import { type PodAbout, Run, type RunPort } from "./run.ts";

/** The class of a pod. */
export type PodClass = new (run: Run) => Pod;

/** A run the engine knows of, and what it waits for. */
interface Task {
  readonly call: WireCall;
  readonly run: Run;
  /** Requests waiting for their answer, by step. */
  readonly steps: Map<number, (outcome: WireOutcome) => void>;
  nextStep: number;
  /** The step of a request for standard input. */
  inputStep?: number;
}

/** Takes events and turns them into runs. */
export class Engine {
  readonly #make: PodClass;
  readonly #host: Host;
  readonly #about: PodAbout;
  readonly #tasks = new Map<number, Task>();
  /** What can go on as soon as no run is active: new runs, and runs whose input has come. */
  readonly #ready: { task: Task; go: () => void }[] = [];
  #active: Task | undefined;

  constructor(make: PodClass, host: Host, about: PodAbout) {
    this.#make = make;
    this.#host = host;
    this.#about = about;
  }

  /** The run whose code is running or waits for an answer; undefined between runs. */
  get activeRun(): Run | undefined {
    return this.#active?.run;
  }

  /** Takes events in order. Runs go on after it has returned. */
  dispatch(events: readonly WireEvent[]): void {
    for (const event of events) this.#take(event);
    this.#advance();
  }

  #take(event: WireEvent): void {
    if (event.tag === "call") return this.#open(event.val);
    const invocation = event.tag === "cancel" ? event.val : event.val.invocation;
    const task = this.#tasks.get(invocation);
    if (task === undefined) return;
    if (event.tag === "chunk") task.run.input.push(event.val.data);
    else if (event.tag === "settled") this.#settle(task, event.val.step, event.val.outcome);
    else this.#cancel(task);
  }

  #open(call: WireCall): void {
    const port: RunPort = {
      request: (operation, argument) => this.#request(task, operation, argument),
      waitForInput: () => this.#waitForInput(task),
      log: (level, line) => this.#host.log(level, line.toWellFormed()),
    };
    const run = new Run(call, this.#about, port);
    const task: Task = { call, run, steps: new Map(), nextStep: 1 };
    this.#tasks.set(call.invocation, task);
    this.#ready.push({ task, go: () => void this.#execute(task) });
  }

  #advance(): void {
    if (this.#active !== undefined) return;
    const next = this.#ready.shift();
    if (next === undefined) return;
    this.#active = next.task;
    next.go();
  }

  async #execute(task: Task): Promise<void> {
    const { call, run } = task;
    try {
      run.checkCancelled();
      const result = formatJson(await this.#handle(task));
      await run.settled();
      this.#host.finish(call.invocation, run.effects.take(), { tag: "ok", val: result });
    } catch (thrown) {
      this.#logUnexpected(call, thrown);
      const failure = failureOf(thrown, `run ${call.function}`);
      this.#host.finish(call.invocation, NO_EFFECTS, { tag: "err", val: failure });
    }
    this.#tasks.delete(call.invocation);
    this.#active = undefined;
    this.#advance();
  }

  async #handle({ call, run }: Task): Promise<unknown> {
    const pod = new this.#make(run);
    const args = JSON.parse(call.arguments) as never[];
    if (call.interface === "") return await runContinuation(pod, run, call.function, args);
    const handler = pod.handlerOf(call.interface, call.function);
    if (handler !== undefined) return await handler(...args);
    throw new Refusal("missing-implementation", {
      op: `run ${call.function}`,
      subject: `${this.#about.name} does not implement it for ${call.interface}`,
    });
  }

  #logUnexpected(call: WireCall, thrown: unknown): void {
    if (thrown instanceof Refusal) return;
    const what = thrown instanceof Error ? describeError(thrown) : String(thrown);
    const line = `${call.interface}#${call.function} failed: ${what}`;
    this.#host.log("error", line.toWellFormed());
  }

  #request(task: Task, operation: string, argument: string): Promise<string> {
    if (this.#active !== task) {
      return Promise.reject(new Error(`${operation} was asked for outside of its run`));
    }
    return new Promise((resolve, reject) => {
      const step = this.#ask(task, operation, argument);
      task.steps.set(step, (outcome) => {
        if (outcome.tag === "ok") resolve(outcome.val);
        else reject(refusalOf(outcome.val));
      });
    });
  }

  #ask(task: Task, operation: string, argument: string): number {
    const step = task.nextStep++;
    this.#host.request(task.call.invocation, step, operation, argument);
    return step;
  }

  /** Commits, asks for input and lets others run; goes on when input has come and nobody runs. */
  #waitForInput(task: Task): Promise<void> {
    if (this.#active !== task) {
      return Promise.reject(new Error("standard input was asked for outside of its run"));
    }
    task.run.checkCancelled();
    const effects = task.run.effects.take();
    if (!isEmpty(effects)) this.#host.commit(task.call.invocation, effects);
    return new Promise((resolve, reject) => {
      const step = this.#ask(task, "input-read", "{}");
      task.inputStep = step;
      task.steps.set(step, (outcome) => {
        delete task.inputStep;
        this.#ready.push({ task, go: () => goOn(task.run, outcome, resolve, reject) });
      });
      this.#active = undefined;
      this.#advance();
    });
  }

  #settle(task: Task, step: number, outcome: WireOutcome): void {
    const settle = task.steps.get(step);
    task.steps.delete(step);
    settle?.(outcome);
  }

  /** A run that waits for input ends at once; another sees `cancelled` when it looks. */
  #cancel(task: Task): void {
    task.run.cancelled = true;
    if (task.inputStep === undefined) return;
    const val = {
      kind: "expired",
      op: "read standard input",
      subject: "the one who asked is gone",
    };
    this.#settle(task, task.inputStep, { tag: "err", val });
  }
}

function goOn(
  run: Run,
  outcome: WireOutcome,
  resolve: () => void,
  reject: (reason: Refusal) => void,
): void {
  if (outcome.tag === "err") return reject(refusalOf(outcome.val));
  if (JSON.parse(outcome.val)?.end === true) run.input.end();
  resolve();
}
