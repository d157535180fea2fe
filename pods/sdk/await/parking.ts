/**
 * Runs that wait for others: how they give way, how they come back, from memory or from their
 * journals, and what is said when they end.
 *
 * @module
 */

import type { Mark, Settlement } from "./calls.ts";
import { isEmpty, NO_EFFECTS } from "../effects.ts";
import type { Failure, Host, WireCall, WireOutcome } from "../host.ts";
import { CANCELLED } from "../pod.ts";
import { Refusal, refusalOf } from "../refusal.ts";
import { Divergence, type Replay } from "./replay.ts";
import { errandOf } from "../post/dispatch.ts";
import { readRun, Suspended } from "./suspended.ts";
import { NOTHING, type Task } from "./task.ts";

/** What the engine does for runs that wait. */
export interface ParkingPort {
  readonly host: Host;
  /** A task for a call, which does not run yet. @param id of a run that has rows */
  open(call: WireCall, id?: string): Task;
  /** Runs the handler of a task; no other is active. */
  run(task: Task): void;
  /** A task goes on in its invocation; no other is active. */
  goOn(task: Task): void;
  /** Does something as soon as no task is active. */
  later(go: () => void): void;
  isActive(task: Task): boolean;
  /** The task that is active waits; others may run. */
  giveWay(task: Task): void;
  /** Ends a task that has no result. */
  end(task: Task): void;
  /** Ends a task with an error. */
  fail(task: Task, thrown: unknown, op: string): void;
}

/** See the module. */
export class Parking {
  readonly #port: ParkingPort;
  readonly #suspended = new Suspended<Task>();

  constructor(port: ParkingPort) {
    this.#port = port;
  }

  /** A task does not go on by itself: it waits for others, or for what never comes. */
  quiet(task: Task): void {
    if (task.replay !== undefined) return this.#tell(task, task.replay);
    if (task.input === undefined && task.waits.size === 0) {
      const { interface: name, function: called } = task.call;
      const subject = "it waits for something that can never come";
      this.#port.host.log("error", `${name}#${called} was ended: ${subject}`);
      return this.#fail(task, new Refusal("internal", { op: `run ${called}`, subject }));
    }
    const { indexes } = task.run;
    // No part of the journal: what is run again has written its entries already.
    if (indexes?.isDirty) return this.#after(task, indexes.flush(task.source.request));
    if (task.journal === undefined) return this.#letPersonWait(task);
    if (task.journal.isWritten || this.#suspended.isRead) return this.#park(task);
    this.#after(task, this.#suspended.read(task.source));
  }

  #awaken(task: Task, then: () => void): void {
    task.awaken(then, (thrown) => this.#fail(task, thrown));
  }

  /** Looks again when something is done that is no part of the handler. */
  #after(task: Task, done: Promise<void>): void {
    done.then(() => task.stir(), (thrown) => this.#fail(task, thrown));
  }

  /** Takes an answer that some run awaits. */
  resume(call: WireCall): void {
    const [{ run, step }, settlement] = JSON.parse(call.arguments) as [Mark, Settlement];
    const goOn = (task: Task) => {
      if (task.waits.has(step)) this.#goOn(task, call, step, settlement);
      else this.#stay(task);
    };
    const task = this.#suspended.find(run);
    if (task !== undefined) {
      this.#carry(task, call);
      return goOn(task);
    }
    const none = (reader: Task) => this.#port.end(reader);
    void this.#revive(call, () => run, goOn, none);
  }

  /**
   * Takes an answer that its run could not take, neither as it was nor as an error: what the run
   * does is refused or breaks the pod, and nothing else may come for it. It ends where it waits.
   */
  giveUp(call: WireCall): void {
    const [{ run }, { error }] = JSON.parse(call.arguments) as [Mark, { error: Failure }];
    const end = (task: Task) => {
      task.isGivenUp = true;
      this.#port.goOn(task);
      this.#fail(task, refusalOf(error));
    };
    const task = this.#suspended.find(run);
    if (task === undefined) {
      return void this.#revive(call, () => run, end, (reader) => this.#port.end(reader), end);
    }
    this.#carry(task, call);
    end(task);
  }

  /** Nobody wants the answer to a handle any more. */
  callOff(call: WireCall): void {
    const [handle] = JSON.parse(call.arguments) as [string];
    const end = (task: Task) => {
      task.off = handle;
      task.run.cancelled = true;
      this.#port.goOn(task);
      this.#awaken(task, () => task.interrupt());
    };
    const find = () => this.#suspended.findHandle(handle);
    const task = this.#suspended.find(find() ?? "");
    if (task === undefined) {
      return void this.#revive(call, find, end, (reader) => this.#port.run(reader));
    }
    this.#carry(task, call);
    end(task);
  }

  /** Says how a run ended that had waited; false for one that had not. */
  conclude(task: Task, outcome: WireOutcome): boolean {
    this.#suspended.forget(task);
    const { hasRows, off, invocation, run: { effects } } = task;
    if (!hasRows) return false;
    if (off === undefined) this.#answer(task, outcome);
    // The pod is told in a run of its own, which finds what this one did.
    else effects.post(errandOf(CANCELLED, off));
    this.#port.host.finish(invocation, effects.take(), NOTHING);
    this.#port.giveWay(task);
    return true;
  }

  #answer(task: Task, outcome: WireOutcome): void {
    const { call: { handle, many, function: called }, run } = task;
    // A stream may have ended before its run, which is why it was refused.
    const isHeard = handle && !(many && task.isGivenUp);
    if (isHeard && outcome.tag === "err") {
      run.effects.answer({ handle, part: { tag: "failed", val: outcome.val } });
    } else if (isHeard && outcome.tag === "ok" && !many) {
      run.effects.answer({ handle, part: { tag: "item", val: outcome.val } });
    } else if (outcome.tag === "err") {
      const { op, subject } = outcome.val;
      this.#port.host.log("error", `${called}: cannot ${op}: ${subject}`.toWellFormed());
    }
  }

  /** Everything until now happens, and the event of this run is handled. */
  #park(task: Task): void {
    const { journal, run: { effects }, invocation, call } = task;
    const isFirst = !journal!.isWritten;
    try {
      journal!.check();
      if (isFirst) this.#suspended.open(effects, task);
      // Last, for it is what others see from now on.
      task.run.fields?.save(effects);
    } catch (thrown) {
      return this.#fail(task, thrown);
    }
    journal!.write(effects);
    const done = effects.take();
    task.park();
    this.#suspended.keep(task);
    if (isFirst && call.handle && !call.many) this.#port.host.suspend(invocation, done);
    else this.#port.host.finish(invocation, done, NOTHING);
    this.#port.giveWay(task);
  }

  /** A run at a terminal keeps its invocation, and no journal. */
  #letPersonWait(task: Task): void {
    const { host } = this.#port;
    task.run.onWait?.();
    try {
      task.run.fields?.save(task.run.effects);
    } catch (thrown) {
      return this.#fail(task, thrown);
    }
    const effects = task.run.effects.take();
    const isCall = task.waits.size > 0;
    task.park();
    if (isCall) {
      this.#suspended.keep(task);
      host.suspend(task.invocation, effects);
    } else if (!isEmpty(effects)) host.commit(task.invocation, effects);
    this.#readInput(task);
    this.#port.giveWay(task);
  }

  #readInput(task: Task): void {
    const { input } = task;
    if (input === undefined || input.isAsked) return;
    input.isAsked = true;
    task.askInput((outcome) => {
      const go = () => {
        if (task.input !== input) return;
        task.input = undefined;
        this.#port.goOn(task);
        this.#awaken(task, () => {
          if (outcome.tag === "err") return input.reject(refusalOf(outcome.val));
          if (JSON.parse(outcome.val)?.end === true) task.run.input.end();
          input.resolve();
        });
      };
      if (this.#port.isActive(task)) go();
      else this.#port.later(go);
    });
  }

  /** A task that waits is given the invocation of an event for it. */
  #carry(task: Task, { invocation }: WireCall): void {
    if (task.journal === undefined) task.carrier = invocation;
    else task.invocation = invocation;
  }

  #goOn(task: Task, { nowMs }: WireCall, step: number, settlement: Settlement): void {
    task.run.nowMs = nowMs;
    task.journal?.at(nowMs);
    this.#port.goOn(task);
    this.#awaken(task, () => task.take(step, settlement));
  }

  /** What came is for nothing that it waits for. */
  #stay(task: Task): void {
    task.park();
    this.#suspended.keep(task);
    if (task.journal !== undefined) this.#port.host.finish(task.invocation, NO_EFFECTS, NOTHING);
    this.#port.giveWay(task);
  }

  /**
   * Runs a handler again up to where it waits, in the invocation of an event that is for it.
   *
   * @param none what is to be done when there is no such run
   * @param found what is to be done with the run before its handler has come there
   */
  async #revive(
    call: WireCall,
    find: () => string | undefined,
    then: (task: Task) => void,
    none: (reader: Task) => void,
    found: (task: Task) => void = (task) => this.#port.run(task),
  ): Promise<void> {
    const reader = this.#port.open(call);
    this.#port.goOn(reader);
    try {
      await this.#suspended.read(reader.source);
      const run = find();
      const handle = this.#suspended.handleOf(run);
      const stored = run === undefined ? undefined : await readRun(reader.source, run, handle);
      if (stored === undefined) return none(reader);
      reader.state = "over";
      const known = stored.call ?? { ...call, handle };
      const task = this.#port.open({ ...known, invocation: call.invocation }, run);
      task.repeat(stored, () => then(task));
      if (stored.isDamaged) this.#fail(task, damaged());
      else found(task);
    } catch (thrown) {
      this.#fail(reader, thrown);
    }
  }

  #tell(task: Task, replay: Replay): void {
    try {
      if (replay.tell(task)) return;
    } catch (thrown) {
      if (thrown instanceof Divergence) this.#logDivergence(task, thrown);
      return this.#fail(task, thrown);
    }
    task.replay = undefined;
    task.repeated?.();
  }

  #logDivergence({ call }: Task, { message, detail }: Divergence): void {
    const line = `${call.function}: ${message}${detail === undefined ? "" : `: ${detail}`}`;
    this.#port.host.log("error", line.toWellFormed());
  }

  #fail(task: Task, thrown: unknown): void {
    this.#port.fail(task, thrown, "wait for another pod");
  }
}

/** A journal that a failing disk or another version of the SDK left. */
function damaged(): Refusal {
  const subject = "what it was told before cannot be read";
  return new Refusal("damaged", { op: "run a handler again", subject });
}
