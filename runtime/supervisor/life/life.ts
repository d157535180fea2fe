/**
 * The life of a pod: started by its next event or visit, started again when it breaks, stopped
 * when there is nothing to do.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { DRAIN_MS, MAX_FAULTS } from "../../model/limits.ts";
import type { PodRef } from "../../model/words.ts";
import type { Log } from "../../ports/log.ts";
import type { Compiler, ProgramSource } from "../../ports/sandbox.ts";
import { blameEvent, stoppedBy } from "./blame.ts";
import { Bucket } from "../bucket.ts";
import { describeEnd, Faults, isOwnFault, isRefusal } from "./faults.ts";
import type { Shares } from "../guests/shares.ts";
import { fenceOf, type Mark, type Marks, refuseMarked } from "./marks.ts";
import type { ResidentPod } from "../resident.ts";
import { type Fence, isOwnEnd, type TurnPorts, type TurnsEnd } from "../turn/terms.ts";
import { Turns } from "../turn/turn.ts";
import type { Visit } from "../visit/visit.ts";

/** What the life of any pod needs from outside. */
export interface LifePorts extends TurnPorts {
  readonly compiler: Compiler;
  readonly log: Log;
  readonly marks: Marks;
  readonly shares: Shares;
}

/**
 * How a pod is: `resting` has nothing to do, `waiting` broke and is started again soon, `failed`
 * broke so often in a row that it stays stopped, `stopped` was stopped by its person.
 */
export type LifeState = "resting" | "running" | "waiting" | "failed" | "stopped";

/** What `peri pod info` shows of a pod's life since the server started. */
export interface LifeStatus {
  readonly state: LifeState;
  readonly restarts: number;
  /** Failures in a row. */
  readonly failures: number;
  /** Why it broke last. */
  readonly lastFault?: string;
  /** Why it does not run, when it is `failed` or `stopped`. */
  readonly mark?: Mark;
  /** Messages it posted in the last minute, or so. */
  readonly messages: number;
  /** Memory of its instance; absent when it has none or says nothing. */
  readonly memoryBytes?: number;
}

/** Who has come in waits so long for memory that other pods of the person have. */
const FULL_MS = 10_000;

/** One pod's life. */
export class Life {
  readonly #ports: LifePorts;
  readonly #faults = new Faults();
  readonly #sent: Bucket;
  #pod: ResidentPod;
  #turns: Turns | undefined;
  #visits: Visit[] = [];
  #living: Promise<void> | undefined;
  #isCalled = false;
  /** Why it is stopped, once it is: what visitors are told. */
  #parting: PeriError | undefined;
  #isCautious = false;
  /** Whether a process has ended in which it lived: then it is started alone, and so found out. */
  #isSuspect = false;
  /** Whether somebody new has come in, for whom the next start does not wait. */
  #isHurried = false;
  #waiting: AbortController | undefined;
  /** While it waits for its person's share of memory. */
  #entering: AbortController | undefined;

  constructor(ports: LifePorts, pod: ResidentPod) {
    this.#ports = ports;
    this.#pod = pod;
    this.#sent = new Bucket(ports.clock.nowMs());
  }

  /** Whose life it is. */
  get ref(): PodRef {
    return this.#pod.ref;
  }

  /** How the pod is. */
  get status(): LifeStatus {
    const { restarts, inRow: failures, last } = this.#faults;
    const mark = this.#mark;
    const rate = { perMinute: this.#pod.budget.messagesPerMinute };
    const memoryBytes = this.#turns?.memoryBytes;
    return {
      state: this.#state(),
      restarts,
      failures,
      ...last === undefined ? {} : { lastFault: last },
      ...mark === undefined ? {} : { mark },
      messages: Math.ceil(this.#sent.spent(rate, this.#ports.clock.nowMs())),
      ...memoryBytes === undefined ? {} : { memoryBytes },
    };
  }

  get #mark(): Mark | undefined {
    return this.#ports.marks.of(this.#pod);
  }

  /** Why nothing is begun any more, if so. */
  get #refusal(): PeriError | undefined {
    const mark = this.#mark;
    return this.#parting ?? (mark && refuseMarked(this.#pod.ref, mark));
  }

  /** Tells that events may wait. */
  wake(): void {
    if (this.#refusal) return;
    this.#isCalled = true;
    this.#turns?.wake();
    this.#living ??= this.#live();
  }

  /** Takes a visit; a pod that waits after a fault is tried at once, for a person is waiting. */
  visit(visit: Visit): void {
    const refusal = this.#refusal;
    if (refusal) return visit.fail(refusal);
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
    await this.#wind(drainMs, parting);
  }

  /** As {@link Life.stop}, for a pod that has been marked; it begins again by {@link Life.resume}. */
  async halt(drainMs: number): Promise<void> {
    const refusal = this.#refusal;
    if (refusal) await this.#wind(drainMs, refusal);
  }

  /** Works again, and at once: its failures are forgiven. */
  resume(): void {
    this.#faults.forgive();
    this.#waiting?.abort();
    this.wake();
  }

  /**
   * Takes the pod's record in place of the one before, with what its owner has set. An instance
   * that was started with other memory or slices ends when what it does has ended, at most
   * `DRAIN_MS` later, and the next one goes on.
   */
  async adopt(pod: ResidentPod): Promise<void> {
    const { memoryBytes, sliceMs } = this.#pod.budget;
    this.#pod = pod;
    const isOther = memoryBytes !== pod.budget.memoryBytes || sliceMs !== pod.budget.sliceMs;
    const turns = this.#turns;
    if (!isOther || turns === undefined) return;
    turns.retire();
    await this.#within(DRAIN_MS, turns.ended);
    turns.stop();
  }

  async #wind(drainMs: number, parting: PeriError): Promise<void> {
    this.#waiting?.abort();
    this.#entering?.abort();
    for (const visit of this.#visits.splice(0)) visit.fail(parting);
    this.#turns?.drain(parting);
    await this.#within(drainMs, this.#living);
    this.#turns?.stop();
    await this.#living;
  }

  async #within(limitMs: number, work: Promise<void> | undefined): Promise<void> {
    const timer = new AbortController();
    const late = this.#ports.clock.sleep(limitMs, timer.signal);
    await Promise.race([work, late]);
    timer.abort();
  }

  #state(): LifeState {
    const mark = this.#mark;
    if (mark !== undefined) return mark.by === "person" ? "stopped" : "failed";
    if (this.#waiting !== undefined) return "waiting";
    return this.#turns?.isStarted ? "running" : "resting";
  }

  async #live(): Promise<void> {
    await Promise.resolve();
    while (this.#isCalled && !this.#refusal) {
      try {
        await this.#backOff();
        if (!this.#refusal) await this.#workOnce();
      } catch (cause) {
        this.#faults.failed();
        this.#isCalled = true;
        this.#ports.log.error("pod not worked on", cause, { pod: this.#pod.ref.pod });
      }
    }
    const why = this.#refusal ?? stopping(this.#pod);
    for (const visit of this.#visits.splice(0)) visit.fail(why);
    this.#living = undefined;
  }

  async #backOff(): Promise<void> {
    const isHurried = this.#isHurried;
    this.#isHurried = false;
    const delayMs = this.#faults.pauseMs;
    if (delayMs === 0 || isHurried) return;
    this.#waiting = new AbortController();
    await this.#ports.clock.sleep(delayMs, this.#waiting.signal);
    this.#waiting = undefined;
    this.#isHurried = false;
  }

  async #workOnce(): Promise<void> {
    this.#isCalled = false;
    // Most people have no share, and wait for nothing.
    if (!this.#ports.shares.isBound(this.#pod.ref.person)) return await this.#workAwake();
    const sleep = await this.#enter();
    if (sleep === undefined) return;
    try {
      await this.#workAwake();
    } finally {
      sleep();
    }
  }

  /** Waits for its person's share of memory; undefined when it is stopped meanwhile. */
  async #enter(): Promise<(() => void) | undefined> {
    const { shares, clock } = this.#ports;
    const { ref: { person }, budget: { memoryBytes } } = this.#pod;
    const entering = this.#entering = new AbortController();
    if (this.#refusal) entering.abort();
    const patience = new AbortController();
    void clock.sleep(FULL_MS, patience.signal).then(() => {
      if (patience.signal.aborted) return;
      for (const visit of this.#visits.splice(0)) visit.fail(allAwake());
    });
    const sleep = await shares.wakes.enter(person, memoryBytes, entering.signal);
    patience.abort();
    return sleep;
  }

  async #workAwake(): Promise<void> {
    const { ref, generation, manifest } = this.#pod;
    const fence = await fenceOf(this.#ports.store, ref);
    if (fence === undefined) return;
    const rests = this.#ports.shares.wakes.rests(ref.person, this.#ports.rests);
    const turns = new Turns({ ...this.#ports, rests }, {
      ref,
      generation,
      hasGoneBack: this.#pod.hasGoneBack ?? false,
      manifest,
      budget: () => this.#pod.budget,
      sent: this.#sent,
      purse: this.#ports.shares.purse(ref, () => this.#pod.budget),
      fence,
      program: this.#source(),
      isCautious: this.#isCautious,
      isAlone: this.#isSuspect,
    }, this.#visits.splice(0));
    this.#turns = turns;
    // A stop while the row was read found no turns to drain.
    const refusal = this.#refusal;
    if (refusal) turns.drain(refusal);
    const end = await turns.work();
    this.#turns = undefined;
    this.#visits.push(...end.again);
    await this.#conclude(end, fence);
  }

  /** What runs. Its host remembers it, and asks here when it does not. */
  #source(): ProgramSource {
    const { blobs, compiler } = this.#ports;
    const { component } = this.#pod;
    if (component === undefined) throw new TypeError("the server's own pod has no life");
    const load = async () =>
      await compiler.recall?.(component) ?? await compiler.compile(await blobs.get(component));
    return { component, load };
  }

  async #conclude(end: TurnsEnd, fence: Fence): Promise<void> {
    const { reason } = end;
    if (end.hasProgressed) this.#faults.forgive();
    if (end.again.length > 0) this.#isCalled = true;
    if (reason === "idle") return;
    this.#isCalled = true;
    if (reason === "stopped") return;
    this.#isCautious = reason !== "refused";
    this.#isSuspect = reason === "shared" || reason === "host" ||
      (reason === "start" && this.#isSuspect);
    if (isRefusal(end)) this.#faults.refused();
    if (reason === "refused") return;
    if (reason === "store") {
      this.#faults.failed();
      return this.#ports.log.error("pod not committed", end.cause, { pod: this.#pod.ref.pod });
    }
    await this.#broke(end, fence);
  }

  async #broke(end: TurnsEnd, fence: Fence): Promise<void> {
    // Whoever has come in hears at once that it does not start.
    if (end.reason === "start") { for (const visit of end.again) visit.fail(end.cause); }
    this.#visits = this.#visits.filter((visit) => !visit.isOver);
    this.#faults.broke(end);
    this.#noteFault(end);
    if (isOwnFault(end)) await this.#blame(end, fence);
    if (this.#faults.isHopeless) await this.#giveUp(fence);
  }

  #noteFault({ reason, cause, culprit }: TurnsEnd): void {
    const { ref, podKey } = this.#pod;
    const why = cause === undefined ? "" : `: ${cause instanceof Error ? cause.message : cause}`;
    this.#ports.log.warn("pod stopped", { pod: ref.pod, key: podKey, reason });
    const id = isOwnEnd(reason) ? culprit?.tape?.id : undefined;
    this.#ports.logs.note(ref, "error", `stopped: ${describeEnd(reason)}${why}`, id);
  }

  /** Counts the death against what the pod was working on. */
  async #blame({ culprit, reason }: TurnsEnd, fence: Fence): Promise<void> {
    if (culprit?.kind === "visit") {
      this.#visits = this.#visits.filter((visit) => visit !== culprit.visit);
      return culprit.visit.fail(stoppedBy(this.#pod, reason, culprit.tape));
    }
    if (culprit) await blameEvent(this.#ports, this.#pod, culprit.event, reason, fence);
  }

  /** It stays stopped until its person wants it started, or brings another version. */
  async #giveUp(fence: Fence): Promise<void> {
    const { marks, clock, logs, log } = this.#ports;
    const { ref, component } = this.#pod;
    const why = `${MAX_FAULTS} failures in a row, the last: ${this.#faults.last}`;
    const mark = { by: "server", sinceMs: clock.nowMs(), why, component: component! } as const;
    if (!await marks.put(this.#pod, mark, fence)) return;
    log.warn("pod given up", { pod: ref.pod, why });
    logs.note(ref, "error", `given up after ${why}; peri pod start ${ref.pod} tries again`);
  }
}

function allAwake(): PeriError {
  const subject = "other pods of yours have all the memory of your share, and work";
  const hint = "peri pod list shows which; peri pod stop ends one";
  return new PeriError("over-quota", { op: "run a command", subject, hint });
}

function stopping({ ref }: ResidentPod): PeriError {
  const subject = `the pod ${ref.pod} is being stopped`;
  return new PeriError("busy", { op: "run a command", subject, hint: "try again in a moment" });
}
