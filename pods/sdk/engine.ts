/**
 * Runs a pod's handlers on events: one at a time, each with an object of its own. A run gives way
 * only while it waits for somebody else, and goes on when no other is running.
 *
 * @module
 */

import { isBeginning, spill } from "./begin.ts";
import { GIVE_UP, SETTLE } from "./await/calls.ts";
import { runContinuation } from "./continuation.ts";
import { isEmpty, NO_EFFECTS } from "./effects.ts";
import { faceOf } from "./face.ts";
import type { Host, WireCall, WireEvent, WireOutcome } from "./host.ts";
import { formatJson } from "./text/json.ts";
import { Parking } from "./await/parking.ts";
import { CANCELLED, type Pod } from "./pod.ts";
import { describeError, failureForOthers, failureOf, Refusal } from "./refusal.ts";
import type { PodAbout, Run } from "./run.ts";
import type { FieldShape } from "./shape.ts";
import { Fields } from "./state/fields.ts";
import { NOTHING, Task, type TaskPort } from "./await/task.ts";

/** The class of a pod. */
export type PodClass = new (run: Run) => Pod;

/** Takes events and turns them into runs. */
export class Engine {
  readonly #make: PodClass;
  readonly #host: Host;
  readonly #port: TaskPort & { moment: number };
  readonly #parking: Parking;
  /** Tasks by the invocation they speak in. */
  readonly #tasks = new Map<number, Task>();
  /** What can go on as soon as no task is active. */
  readonly #ready: (() => void)[] = [];
  #active: Task | undefined;
  /** Fields whose stored values are known to be of their types. */
  readonly #checked = new Set<string>();

  constructor(make: PodClass, host: Host, about: PodAbout) {
    this.#make = make;
    this.#host = host;
    this.#port = { host, about, moment: 0, quiet: (task) => this.#parking.quiet(task) };
    this.#parking = new Parking({
      host,
      open: (call, id) => this.#newTask(call, id),
      run: (task) => void this.#execute(task),
      goOn: (task) => this.#activate(task),
      later: (go) => void this.#ready.push(go),
      isActive: (task) => this.#active === task,
      giveWay: (task) => this.#release(task),
      end: (task) => this.#end(task, NOTHING),
      fail: (task, thrown, op) => this.#fail(task, thrown, op),
    });
  }

  /** The run whose code is running or waits for the periphery; undefined between runs. */
  get activeRun(): Run | undefined {
    return this.#active?.run;
  }

  /** Takes events in order. Runs go on after it has returned. */
  dispatch(events: readonly WireEvent[]): void {
    this.#port.moment++;
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
    const name = call.interface === "" ? call.function : undefined;
    if (name === SETTLE) this.#ready.push(() => this.#parking.resume(call));
    else if (name === GIVE_UP) this.#ready.push(() => this.#parking.giveUp(call));
    else if (name === CANCELLED) this.#ready.push(() => this.#parking.callOff(call));
    else {
      const task = this.#newTask(call);
      this.#ready.push(() => void this.#execute(task));
    }
  }

  #newTask(call: WireCall, id?: string): Task {
    const task = new Task(call, this.#port, id);
    this.#tasks.set(call.invocation, task);
    return task;
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
    // The invocation may be one of a later event.
    this.#tasks.set(task.invocation, task);
    task.activate();
  }

  async #execute(task: Task): Promise<void> {
    const { call, run } = task;
    this.#activate(task);
    try {
      run.checkCancelled();
      const result = formatJson(await this.#handle(task));
      if (run.isPosting) await run.settled();
      while (run.indexes?.isDirty) await run.indexes.flush(task.source.request);
      run.fields?.save(run.effects);
      task.replay?.checkEnd();
      this.#end(task, { tag: "ok", val: result });
    } catch (thrown) {
      this.#fail(task, thrown, `run ${call.function}`);
    }
  }

  /** What the handler of a call gives, or a promise of it: each await on the way takes its time. */
  #handle(task: Task): unknown {
    const pod = new this.#make(task.run);
    const shapes = faceOf(pod)?.shape.fields;
    return shapes === undefined ? this.#call(task, pod) : this.#withFields(task, pod, shapes);
  }

  /** Fields are as the last run left them. */
  async #withFields(task: Task, pod: Pod, shapes: readonly FieldShape[]): Promise<unknown> {
    const fields = new Fields(pod, shapes, this.#checked);
    await fields.read(task.source);
    task.open(fields);
    return await this.#call(task, pod);
  }

  #call({ call, run }: Task, pod: Pod): unknown {
    const args = JSON.parse(call.arguments) as never[];
    if (call.interface === "") return runContinuation(pod, run, call.function, args);
    const handler = pod.handlerOf(call.interface, call.function);
    if (handler !== undefined) return handler(...args);
    throw new Refusal("missing-implementation", {
      op: `run ${call.function}`,
      subject: `${this.#port.about.name} does not implement it for ${call.interface}`,
    });
  }

  /** Ends a task with an error. What is no refusal goes to the log, and to a person who has come in. */
  #fail(task: Task, thrown: unknown, op: string): void {
    if (task.state === "over") return;
    const { call } = task;
    if (!(thrown instanceof Refusal)) this.#logUnexpected(call, thrown);
    const val = call.caller.pod ? failureForOthers(thrown, op) : failureOf(thrown, op);
    this.#end(task, { tag: "err", val });
  }

  #logUnexpected(call: WireCall, thrown: unknown): void {
    const what = thrown instanceof Error ? describeError(thrown) : String(thrown);
    const line = `${call.interface}#${call.function} failed: ${what}`;
    this.#host.log("error", line.toWellFormed());
  }

  /** Ends a task for good; what its code may still do goes nowhere. */
  #end(task: Task, outcome: WireOutcome): void {
    if (task.state === "over") return;
    task.state = "over";
    const { invocation, run: { effects } } = task;
    this.#tasks.delete(invocation);
    if (outcome.tag === "err") effects.take();
    task.leave();
    if (this.#parking.conclude(task, outcome)) return;
    const all = effects.take();
    const done = isBeginning(task.call) ? spill(this.#host, invocation, all) : all;
    if (outcome.tag === "ok") this.#host.finish(invocation, done, outcome);
    else {
      // Calls that it made before it waited are taken back.
      if (!isEmpty(done)) this.#host.commit(invocation, done);
      this.#host.finish(invocation, NO_EFFECTS, outcome);
    }
    this.#release(task);
  }

  /** Others may run. */
  #release(task: Task): void {
    if (task.carrier !== undefined) this.#host.finish(task.carrier, NO_EFFECTS, NOTHING);
    task.carrier = undefined;
    this.#active = undefined;
    this.#advance();
  }

  /** A run that waits ends at once; another sees `cancelled` when it looks. */
  #cancel(task: Task): void {
    task.run.cancelled = true;
    if (task.state === "active") task.interrupt();
    if (task.state !== "away") return;
    this.#ready.push(() => {
      if (task.state !== "away") return;
      this.#activate(task);
      task.awaken(() => task.interrupt(), (thrown) => this.#fail(task, thrown, "go on"));
    });
  }
}
