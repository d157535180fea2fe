/**
 * The life of a pod: started by its next event or visit, started again when it breaks, stopped
 * when there is nothing to do.
 *
 * @module
 */

import { type ErrorRecord, PeriError, toPeriError } from "../model/errors.ts";
import { MAX_EVENT_ATTEMPTS, RESTART_CAP_MS, RESTART_FIRST_MS } from "../model/limits.ts";
import type { InboxEvent } from "../model/message.ts";
import type { PodProgram } from "../model/pod.ts";
import type { Log } from "../ports/log.ts";
import type { Compiler } from "../ports/sandbox.ts";
import type { ResidentPod } from "./resident.ts";
import { indexKey, type IndexRow, joinChanges } from "./rows.ts";
import { replyTo, retold } from "./run.ts";
import { streamWork } from "./stream.ts";
import type { Fence, TurnPorts, TurnsEnd, TurnsReason } from "./terms.ts";
import { Turns } from "./turn.ts";
import type { Visit } from "./visit.ts";

/** What the life of any pod needs from outside. */
export interface LifePorts extends TurnPorts {
  readonly compiler: Compiler;
  readonly log: Log;
}

/**
 * How a pod is: `resting` has nothing to do, `waiting` broke and is started again soon, `failed`
 * broke several times in a row and is tried again now and then.
 */
export type LifeState = "resting" | "running" | "waiting" | "failed";

/** What `peri pod info` shows of a pod's life since the server started. */
export interface LifeStatus {
  readonly state: LifeState;
  readonly restarts: number;
  /** Why it broke last. */
  readonly lastFault?: string;
}

/** Deaths in a row, nothing done in between, after which a pod is called failed. */
const FAILED_AFTER = 3;

/** One pod's life. */
export class Life {
  readonly #ports: LifePorts;
  readonly #pod: ResidentPod;
  #turns: Turns | undefined;
  #visits: Visit[] = [];
  #program: Promise<PodProgram> | undefined;
  #living: Promise<void> | undefined;
  #isCalled = false;
  /** Why it is stopped, once it is: what visitors are told. */
  #parting: PeriError | undefined;
  #restarts = 0;
  #faults = 0;
  #isCautious = false;
  /** Whether a process has ended in which it lived: then it is started alone, and so found out. */
  #isSuspect = false;
  /** Whether somebody new has come in, for whom the next start does not wait. */
  #isHurried = false;
  #lastFault: string | undefined;
  #waiting: AbortController | undefined;

  constructor(ports: LifePorts, pod: ResidentPod) {
    this.#ports = ports;
    this.#pod = pod;
  }

  /** How the pod is. */
  get status(): LifeStatus {
    const fault = this.#lastFault === undefined ? {} : { lastFault: this.#lastFault };
    return { state: this.#state(), restarts: this.#restarts, ...fault };
  }

  /** Tells that events may wait. */
  wake(): void {
    if (this.#parting) return;
    this.#isCalled = true;
    this.#turns?.wake();
    this.#living ??= this.#live();
  }

  /** Takes a visit; a pod that waits after a fault is tried at once, for a person is waiting. */
  visit(visit: Visit): void {
    if (this.#parting) return visit.fail(this.#parting);
    if (!this.#turns?.visit(visit)) this.#visits.push(visit);
    this.#isHurried = true;
    this.#waiting?.abort();
    this.#isCalled = true;
    this.#living ??= this.#live();
  }

  /** Tells the pod that a visitor wants it to stop. */
  cancel(visit: Visit): void {
    visit.isCancelled = true;
    if (this.#visits.includes(visit)) {
      this.#visits = this.#visits.filter((other) => other !== visit);
      return visit.fail(stopping(this.#pod));
    }
    this.#turns?.cancel(visit);
  }

  /** Ends a visit in any case. */
  abandon(visit: Visit): void {
    this.#visits = this.#visits.filter((other) => other !== visit);
    this.#turns?.abandon(visit);
    // It may be on its way into an instance that is still starting.
    visit.fail(stopping(this.#pod));
  }

  /**
   * Lets what runs end, at most so long, then stops it. Nothing is lost; it begins again.
   *
   * @param parting what visitors are told; absent: that the pod is being stopped
   */
  async stop(drainMs: number, parting = stopping(this.#pod)): Promise<void> {
    this.#parting = parting;
    this.#waiting?.abort();
    for (const visit of this.#visits.splice(0)) visit.fail(parting);
    this.#turns?.drain(parting);
    const timer = new AbortController();
    const late = this.#ports.clock.sleep(drainMs, timer.signal);
    await Promise.race([this.#living, late]);
    timer.abort();
    this.#turns?.stop();
    await this.#living;
  }

  #state(): LifeState {
    if (this.#waiting !== undefined) return this.#faults >= FAILED_AFTER ? "failed" : "waiting";
    if (this.#turns?.isStarted) return "running";
    return this.#faults >= FAILED_AFTER ? "failed" : "resting";
  }

  async #live(): Promise<void> {
    await Promise.resolve();
    while (this.#isCalled && !this.#parting) {
      try {
        await this.#backOff();
        if (!this.#parting) await this.#workOnce();
      } catch (cause) {
        this.#faults++;
        this.#isCalled = true;
        this.#ports.log.error("pod not worked on", cause, { pod: this.#pod.ref.pod });
      }
    }
    const why = this.#parting ?? stopping(this.#pod);
    for (const visit of this.#visits.splice(0)) visit.fail(why);
    this.#living = undefined;
  }

  async #backOff(): Promise<void> {
    const isHurried = this.#isHurried;
    this.#isHurried = false;
    if (this.#faults === 0 || isHurried) return;
    const delayMs = Math.min(RESTART_FIRST_MS * 2 ** (this.#faults - 1), RESTART_CAP_MS);
    this.#waiting = new AbortController();
    await this.#ports.clock.sleep(delayMs, this.#waiting.signal);
    this.#waiting = undefined;
    this.#isHurried = false;
  }

  async #workOnce(): Promise<void> {
    this.#isCalled = false;
    const key = indexKey(this.#pod.ref);
    const row = await this.#ports.store.get<IndexRow>(key);
    if (row?.value.state !== "installed") return;
    const { ref, generation, manifest, budget } = this.#pod;
    const fence = { key, version: row.version };
    const turns = new Turns(this.#ports, {
      ref,
      generation,
      manifest,
      budget,
      fence,
      program: () => this.#load(),
      isCautious: this.#isCautious,
      isAlone: this.#isSuspect,
    }, this.#visits.splice(0));
    this.#turns = turns;
    // A stop while the row was read found no turns to drain.
    if (this.#parting) turns.drain(this.#parting);
    const end = await turns.work();
    this.#turns = undefined;
    this.#visits.push(...end.again);
    await this.#conclude(end, fence);
  }

  /** What runs; remembered while the pod has work. */
  #load(): Promise<PodProgram> {
    const { blobs, compiler } = this.#ports;
    const component = this.#pod.component;
    if (component === undefined) throw new TypeError("the server's own pod has no life");
    this.#program ??= blobs.get(component).then((bytes) => compiler.compile(bytes));
    this.#program.catch(() => this.#program = undefined);
    return this.#program;
  }

  async #conclude(end: TurnsEnd, fence: Fence): Promise<void> {
    const { reason } = end;
    if (end.hasProgressed) this.#faults = 0;
    if (end.again.length > 0) this.#isCalled = true;
    if (reason === "idle") this.#program = undefined;
    if (reason === "idle" || reason === "stopped") return;
    this.#isCalled = true;
    this.#isCautious = reason !== "refused";
    this.#isSuspect = reason === "shared" || reason === "host" ||
      (reason === "start" && this.#isSuspect);
    if (reason === "refused") return;
    this.#faults++;
    if (reason === "store") {
      return this.#ports.log.error("pod not committed", end.cause, { pod: this.#pod.ref.pod });
    }
    // Whoever has come in hears at once that it does not start.
    if (reason === "start") { for (const visit of end.again) visit.fail(end.cause); }
    this.#visits = this.#visits.filter((visit) => !visit.isOver);
    this.#restarts++;
    this.#lastFault = describeEnd(reason);
    this.#noteFault(end);
    if (isOwnFault(end)) await this.#blame(end, fence);
  }

  #noteFault({ reason, cause }: TurnsEnd): void {
    const { ref, podKey } = this.#pod;
    const why = cause === undefined ? "" : `: ${cause instanceof Error ? cause.message : cause}`;
    this.#ports.log.warn("pod stopped", { pod: ref.pod, key: podKey, reason });
    this.#ports.logs.append(ref, "error", `stopped: ${describeEnd(reason)}${why}`);
  }

  /** Counts the death against what the pod was working on, and gives that up in the end. */
  async #blame({ culprit, reason }: TurnsEnd, fence: Fence): Promise<void> {
    if (culprit?.kind === "visit") {
      this.#visits = this.#visits.filter((visit) => visit !== culprit.visit);
      return culprit.visit.fail(this.#stopped(reason));
    }
    if (culprit === undefined) return;
    const { event } = culprit;
    if (event.attempts + 1 < MAX_EVENT_ATTEMPTS) return await this.#tried(event, fence);
    const error = this.#stopped(reason).toRecord();
    const again = retold(event, error);
    if (again !== undefined) return await this.#tried(again, fence);
    await this.#giveUp(event, error, fence);
  }

  /** A pod that has left meanwhile gets no row back. */
  async #tried(event: InboxEvent, fence: Fence): Promise<void> {
    const { mailbox, store } = this.#ports;
    await store.commit({ ...mailbox.attempted(this.#pod.ref, event), checks: [fence] });
  }

  async #giveUp(event: InboxEvent, error: ErrorRecord, fence: Fence): Promise<void> {
    const { mailbox, store, logs } = this.#ports;
    const { ref, manifest } = this.#pod;
    const outcome = { error };
    const work = streamWork(manifest, { event, outcome }, [], []);
    const mail = await mailbox.plan(ref, [], replyTo(event, outcome), [], work);
    let isCommitted = false;
    try {
      const parts = [mailbox.removal(ref, event), mail.change, { checks: [fence] }];
      isCommitted = await store.commit(joinChanges(parts));
    } finally {
      mail.settle(isCommitted);
    }
    const text =
      `gave up an event of ${event.message.from.person} after ${MAX_EVENT_ATTEMPTS} tries`;
    if (isCommitted) logs.append(ref, "error", text);
  }

  #stopped(reason: TurnsReason): PeriError {
    const { pod } = this.#pod.ref;
    const subject = `the pod ${pod} was stopped: ${describeEnd(reason)}`;
    return new PeriError("internal", { op: "run a pod", subject, hint: `peri pod logs ${pod}` });
  }
}

/** Whether the pod itself is to blame, or may be. */
function isOwnFault({ reason, cause }: TurnsEnd): boolean {
  // A neighbour may have ended the process; alone it shows who did.
  if (reason === "shared") return false;
  if (reason !== "start") return true;
  const { kind } = toPeriError(cause, "start a pod");
  return kind === "damaged" || kind === "invalid" || kind === "not-found" ||
    kind === "missing-implementation";
}

/** Why an instance or its turns ended, in words. */
export function describeEnd(reason: TurnsReason): string {
  switch (reason) {
    case "time":
      return "time: it computed too long without coming back";
    case "memory":
      return "memory: it used more than it may";
    case "trap":
      return "trap: it broke";
    case "host":
      return "host: the process it ran in ended";
    case "shared":
      return "host: the process it ran in with other pods ended";
    case "start":
      return "start: it could not be started";
    default:
      return reason;
  }
}

function stopping({ ref }: ResidentPod): PeriError {
  const subject = `the pod ${ref.pod} is being stopped`;
  return new PeriError("busy", { op: "run a command", subject, hint: "try again in a moment" });
}
