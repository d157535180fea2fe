/**
 * Runs a pod's handlers on events: one at a time, each with an object of its own. A run gives way
 * only while it waits for somebody else, and goes on when no other is running.
 *
 * @module
 */

import { type Mark, SETTLE, type Settlement } from "./calls.ts";
import { runContinuation } from "./continuation.ts";
import { isEmpty, NO_EFFECTS } from "./effects.ts";
import type { Host, WireCall, WireEvent, WireOutcome } from "./host.ts";
import { formatJson } from "./json.ts";
import type { Pod } from "./pod.ts";
import { describeError, failureOf, Refusal, refusalOf } from "./refusal.ts";
import type { PodAbout, Run } from "./run.ts";
import { Task } from "./task.ts";

/** The class of a pod. */
export type PodClass = new (run: Run) => Pod;

const NOTHING: WireOutcome = { tag: "ok", val: "null" };

/** Takes events and turns them into runs. */
export class Engine {
  readonly #make: PodClass;
  readonly #host: Host;
  readonly #about: PodAbout;
  /** Tasks by the invocation they speak in. */
  readonly #tasks = new Map<number, Task>();
  /** Tasks that wait for answers of others, by their ids. */
  readonly #away = new Map<string, Task>();
  /** What can go on as soon as no task is active. */
  readonly #ready: (() => void)[] = [];
  #active: Task | undefined;

  constructor(make: PodClass, host: Host, about: PodAbout) {
    this.#make = make;
    this.#host = host;
    this.#about = about;
  }

  /** The run whose code is running or waits for the periphery; undefined between runs. */
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
    else if (event.tag === "settled") task.settle(event.val.step, event.val.outcome);
    else this.#cancel(task);
  }

  #open(call: WireCall): void {
    if (call.interface === "" && call.function === SETTLE) {
      this.#ready.push(() => this.#resume(call));
      return;
    }
    const quiet = (task: Task) => this.#quiet(task);
    const task = new Task(call, this.#about, { host: this.#host, quiet });
    this.#tasks.set(call.invocation, task);
    this.#ready.push(() => void this.#execute(task));
  }

  #advance(): void {
    while (this.#active === undefined) {
      const go = this.#ready.shift();
      if (go === undefined) return;
      go();
    }
  }

  #activate(task: Task): void {
    this.#active = task;
    task.activate();
  }

  async #execute(task: Task): Promise<void> {
    const { call, run } = task;
    this.#activate(task);
    try {
      run.checkCancelled();
      const result = formatJson(await this.#handle(task));
      await run.settled();
      this.#end(task, { tag: "ok", val: result });
    } catch (thrown) {
      if (task.state !== "over") this.#logUnexpected(call, thrown);
      this.#end(task, { tag: "err", val: failureOf(thrown, `run ${call.function}`) });
    }
  }

  async #handle(task: Task): Promise<unknown> {
    const { call, run } = task;
    const pod = task.pod = new this.#make(run);
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

  /** Ends a task for good; what its code may still do goes nowhere. */
  #end(task: Task, outcome: WireOutcome): void {
    if (task.state === "over") return;
    task.leaveWaits();
    task.state = "over";
    const effects = task.run.effects.take();
    this.#host.finish(task.invocation, outcome.tag === "ok" ? effects : NO_EFFECTS, outcome);
    this.#release(task);
  }

  /** Others may run. */
  #release(task: Task): void {
    if (task.state === "over") {
      this.#tasks.delete(task.invocation);
      this.#away.delete(task.id);
    }
    if (task.carrier !== undefined) this.#host.finish(task.carrier, NO_EFFECTS, NOTHING);
    task.carrier = undefined;
    this.#active = undefined;
    this.#advance();
  }

  /** A task does not go on by itself: it waits for others, or for what never comes. */
  #quiet(task: Task): void {
    if (task.input === undefined && task.waits.size === 0) {
      return this.#fail(task, "it waits for something that can never come");
    }
    if (!task.isVisit) return this.#fail(task, "a run that answers a call cannot wait for others");
    const effects = task.run.effects.take();
    task.state = "away";
    for (const wait of task.waits.values()) wait.isPosted = true;
    if (task.waits.size > 0) {
      this.#away.set(task.id, task);
      this.#host.suspend(task.invocation, effects);
    } else if (!isEmpty(effects)) this.#host.commit(task.invocation, effects);
    this.#readInput(task);
    this.#release(task);
  }

  #fail(task: Task, subject: string): void {
    const { interface: name, function: called } = task.call;
    this.#host.log("error", `${name}#${called} was ended: ${subject}`);
    const val = { kind: "internal", op: `run ${called}`, subject };
    this.#end(task, { tag: "err", val });
  }

  #readInput(task: Task): void {
    const { input } = task;
    if (input === undefined || input.isAsked) return;
    input.isAsked = true;
    task.askInput((outcome) => {
      const go = () => {
        if (task.input !== input) return;
        task.input = undefined;
        this.#activate(task);
        if (outcome.tag === "err") return input.reject(refusalOf(outcome.val));
        if (JSON.parse(outcome.val)?.end === true) task.run.input.end();
        input.resolve();
      };
      if (this.#active === task) go();
      else this.#ready.push(go);
    });
  }

  /** An answer that a task awaits. */
  #resume(call: WireCall): void {
    const [{ run, step }, settlement] = JSON.parse(call.arguments) as [Mark, Settlement];
    const task = this.#away.get(run);
    if (!task?.waits.has(step)) {
      return this.#host.finish(call.invocation, NO_EFFECTS, NOTHING);
    }
    task.carrier = call.invocation;
    task.run.nowMs = call.nowMs;
    this.#activate(task);
    task.take(step, settlement);
  }

  /** A run that waits ends at once; another sees `cancelled` when it looks. */
  #cancel(task: Task): void {
    task.run.cancelled = true;
    if (task.state === "active") task.interrupt();
    if (task.state !== "away") return;
    this.#ready.push(() => {
      if (task.state !== "away") return;
      this.#activate(task);
      task.interrupt();
    });
  }
}
