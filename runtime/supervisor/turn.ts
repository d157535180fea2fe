/**
 * The turns of one instance of a pod, from its start to its end: events and visits go in, requests
 * are answered, and what each run did goes on its way to disk.
 *
 * @module
 */

import type { FunctionType } from "../../wit/types.ts";
import { checkResult } from "../../wit/values.ts";
import { errorFromRecord, PeriError, toPeriError } from "../model/errors.ts";
import { MAX_RUN_REQUESTS, MAX_RUNS_AHEAD, POD_IDLE_MS } from "../model/limits.ts";
import type { Outcome } from "../model/message.ts";
import type {
  Effects,
  Manifest,
  PodEnd,
  PodEvent,
  PodOutput,
  PodProgram,
  RunOutcome,
} from "../model/pod.ts";
import type { PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Mailbox } from "../ports/mailbox.ts";
import type { PodInstance, Sandbox } from "../ports/sandbox.ts";
import type { Key, Store } from "../ports/store.ts";
import { Bell } from "./bell.ts";
import { Commits, type TurnFate } from "./commits.ts";
import { type CheckedEffects, checkEffects, checkOutcome, NO_EFFECTS } from "./effects.ts";
import type { PodLogs } from "./log.ts";
import { answerRequest, type FindPerson } from "./request.ts";
import type { Budget } from "./resident.ts";
import { functionOf } from "./residents.ts";
import { formatCall, isSilent, type Run } from "./run.ts";
import { Overlay } from "./state.ts";
import type { Visit } from "./visit.ts";

/** What the turns of any pod need from outside. */
export interface TurnPorts {
  readonly store: Store;
  readonly mailbox: Mailbox;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly logs: PodLogs;
  readonly findPerson: FindPerson;
}

/** The pod whose turns these are. */
export interface TurnOptions {
  readonly ref: PodRef;
  readonly manifest: Manifest;
  readonly budget: Budget;
  /** A row that is as it was while the pod lives here unchanged. */
  readonly fence: { readonly key: Key; readonly version: string };
  /** What runs; asked for when there is work. */
  program(): Promise<PodProgram>;
  /** Runs are given one by one until the first has gone well, because an earlier one did not. */
  readonly isCautious: boolean;
}

/**
 * Why turns ended: the instance did (`PodEnd`), it could not be started, there was nothing to do,
 * effects were refused or the store failed. After the last two the instance believes in effects
 * that never happened, so it is not used again.
 */
export type TurnsReason = PodEnd | "start" | "idle" | "refused" | "store";

/** How turns ended. */
export interface TurnsEnd {
  readonly reason: TurnsReason;
  readonly cause: unknown;
  /** What the pod was working on, as far as can be told. */
  readonly culprit: Run | undefined;
  /** Visits nobody has noticed anything of; they can begin again. */
  readonly again: readonly Visit[];
  /** Whether any turn has happened. */
  readonly hasProgressed: boolean;
}

interface Entry {
  readonly invocation: number;
  readonly run: Run;
  readonly requests: Set<number>;
  isReading: boolean;
}

/** Turns waiting for the disk above which no more runs are begun. */
const MAX_BACKLOG = 512;
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024;

/** One instance's turns. {@link Turns.work} is called once. */
export class Turns {
  readonly #ports: TurnPorts;
  readonly #options: TurnOptions;
  readonly #overlay = new Overlay();
  readonly #commits: Commits;
  readonly #bell = new Bell();
  /** In the order in which they were given; a pod works through them in this order. */
  readonly #runs = new Map<number, Entry>();
  readonly #again: Visit[] = [];
  #visits: Visit[] = [];
  #outgoing: PodEvent[] = [];
  #instance: PodInstance | undefined;
  #end: Pick<TurnsEnd, "reason" | "cause" | "culprit"> | undefined;
  #lastArrival = -1;
  #mayWait = true;
  #isDraining = false;
  #hasProgressed = false;
  #invocations = 0;
  #turns = 0;
  #backlog = 0;
  #backlogBytes = 0;

  constructor(ports: TurnPorts, options: TurnOptions, visits: readonly Visit[]) {
    this.#ports = ports;
    this.#options = options;
    this.#visits = [...visits];
    const { store, mailbox } = ports;
    const { ref, budget, fence, isCautious } = options;
    this.#commits = new Commits({
      ref,
      store,
      mailbox,
      fence,
      overlay: this.#overlay,
      quotaBytes: budget.stateBytes,
      maxTurns: isCautious ? 1 : Infinity,
      broken: (reason, cause) => this.#finish(reason, cause),
    });
  }

  /** Whether an instance is there. */
  get isStarted(): boolean {
    return this.#instance !== undefined;
  }

  /** Works until there is nothing to do or something ends it; by then all turns met their fate. */
  async work(): Promise<TurnsEnd> {
    try {
      while (this.#end === undefined) {
        const hasMore = await this.#admitWaiting();
        if (!hasMore && this.#end === undefined) await this.#rest();
      }
    } catch (cause) {
      this.#finish("store", cause);
    }
    await this.#commits.drained();
    const end = this.#end!;
    this.#leave(end.reason, end.culprit);
    return { ...end, again: this.#again, hasProgressed: this.#hasProgressed };
  }

  /** Tells that events may wait. */
  wake(): void {
    this.#mayWait = true;
    this.#bell.ring();
  }

  /** Takes a visit. */
  visit(visit: Visit): void {
    this.#visits.push(visit);
    this.#bell.ring();
  }

  /** Tells the pod that a person wants it to stop. */
  cancel(visit: Visit): void {
    visit.isCancelled = true;
    const entry = this.#entryOf(visit);
    if (entry !== undefined) this.#send({ kind: "cancel", invocation: entry.invocation });
  }

  /** Ends a visit that did not stop when told to; what else the pod was doing begins again. */
  abandon(visit: Visit): void {
    this.#visits = this.#visits.filter((other) => other !== visit);
    if (this.#entryOf(visit) !== undefined) this.#finish("refused", "a visitor has gone");
  }

  /** Begins nothing more and ends when what runs has ended. */
  drain(): void {
    this.#isDraining = true;
    for (const { run } of this.#runs.values()) if (run.kind === "visit") this.cancel(run.visit);
    this.#bell.ring();
  }

  /** Ends now; what runs will begin again. */
  stop(): void {
    this.#finish("stopped", undefined);
  }

  /** Gives the pod what waits. `true`: there may be more at once. */
  async #admitWaiting(): Promise<boolean> {
    const room = this.#room();
    if (this.#isDraining || room <= 0) return false;
    if (this.#visits.length > 0) {
      await this.#admit(this.#visits.splice(0, room).map((visit) => ({ kind: "visit", visit })));
      return true;
    }
    // A few at a time would cost a read of the store each.
    const isWorthwhile = this.#runs.size === 0 || room >= MAX_RUNS_AHEAD / 2;
    if (!this.#mayWait || !isWorthwhile) return false;
    this.#mayWait = false;
    const { ref } = this.#options;
    const events = await this.#ports.mailbox.waiting(ref, this.#lastArrival, room);
    if (this.#end !== undefined) return false;
    this.#lastArrival = events.at(-1)?.arrival ?? this.#lastArrival;
    if (events.length >= room) this.#mayWait = true;
    const runs: Run[] = [];
    for (const event of events) {
      if (!isSilent(event)) runs.push({ kind: "event", event });
      else this.#push(NO_EFFECTS, { handled: { event, outcome: { ok: "null" } } });
    }
    await this.#admit(runs);
    return this.#mayWait;
  }

  /** How many more runs the pod may be given. */
  #room(): number {
    if (this.#backlog >= MAX_BACKLOG || this.#backlogBytes >= MAX_BACKLOG_BYTES) return 0;
    const isCautious = this.#options.isCautious && !this.#hasProgressed;
    let room = isCautious ? 1 : MAX_RUNS_AHEAD;
    for (const { isReading } of this.#runs.values()) if (!isReading) room--;
    return room;
  }

  async #admit(runs: readonly Run[]): Promise<void> {
    if (runs.length === 0) return;
    if (!await this.#start(runs[0]!) || this.#end !== undefined) {
      for (const run of runs) {
        if (run.kind === "visit" && run !== this.#end?.culprit) this.#again.push(run.visit);
      }
      return;
    }
    for (const run of runs) {
      if (run.kind === "visit" && run.visit.isOver) continue;
      const invocation = ++this.#invocations;
      this.#runs.set(invocation, { invocation, run, requests: new Set(), isReading: false });
      if (run.kind === "visit") run.visit.attempts++;
      const seed = new DataView(this.#ports.entropy.bytes(4).buffer).getUint32(0);
      const circumstances = { invocation, nowMs: this.#ports.clock.nowMs(), seed };
      this.#send(formatCall(this.#options.ref, run, circumstances));
      if (run.kind === "visit" && run.visit.isCancelled) this.cancel(run.visit);
    }
  }

  async #start(first: Run): Promise<boolean> {
    if (this.#instance !== undefined) return true;
    const { sandbox } = this.#ports;
    const { program, budget } = this.#options;
    try {
      const hear = (output: PodOutput) => this.#hear(output);
      const instance = await sandbox.start(await program(), budget, hear);
      this.#instance = instance;
      if (this.#end !== undefined) instance.stop();
      instance.ended.then((reason) => this.#finish(reason, undefined));
      return true;
    } catch (cause) {
      this.#finish("start", cause, first);
      return false;
    }
  }

  async #rest(): Promise<void> {
    const isEmpty = this.#runs.size === 0 && this.#visits.length === 0;
    if (isEmpty && this.#isDraining) return this.#finish("stopped", undefined);
    const isIdle = isEmpty && !this.#mayWait && this.#backlog === 0;
    if (!isIdle) return await this.#bell.wait();
    if (this.#instance === undefined) return this.#finish("idle", undefined);
    const timer = new AbortController();
    const slept = this.#ports.clock.sleep(POD_IDLE_MS, timer.signal).then(() => true);
    const hasSlept = await Promise.race([this.#bell.wait().then(() => false), slept]);
    timer.abort();
    if (hasSlept) this.#finish("idle", undefined);
  }

  #finish(reason: TurnsReason, cause: unknown, culprit?: Run): void {
    if (this.#end !== undefined) return;
    const working = [...this.#runs.values()].find(({ isReading }) => !isReading);
    this.#end = { reason, cause, culprit: culprit ?? working?.run };
    this.#instance?.stop();
    this.#bell.ring();
  }

  /** Gives back visits that can begin again and ends the others. */
  #leave(reason: TurnsReason, culprit: Run | undefined): void {
    const isDeath = reason === "time" || reason === "memory" || reason === "trap";
    for (const { run } of this.#runs.values()) {
      if (run.kind !== "visit") continue;
      if (isDeath && run === culprit) continue;
      this.#beginAgain(run.visit, reason);
    }
    this.#again.push(...this.#visits);
  }

  #beginAgain(visit: Visit, reason: string): void {
    if (visit.isOver) return;
    if (!visit.isTouched && !visit.isCancelled) {
      this.#again.push(visit);
      return;
    }
    const { pod } = this.#options.ref;
    const subject = `the pod ${pod} was stopped while it worked (${reason})`;
    const hint = `peri pod logs ${pod}`;
    visit.fail(new PeriError("internal", { op: "run a command", subject, hint }));
  }

  #entryOf(visit: Visit): Entry | undefined {
    return [...this.#runs.values()].find(({ run }) => run.kind === "visit" && run.visit === visit);
  }

  /** Events of one moment go to the pod together. */
  #send(event: PodEvent): void {
    this.#outgoing.push(event);
    if (this.#outgoing.length > 1) return;
    queueMicrotask(() => {
      const events = this.#outgoing;
      this.#outgoing = [];
      if (this.#end === undefined) this.#instance?.dispatch(events);
    });
  }

  #hear(output: PodOutput): void {
    if (this.#end !== undefined) return;
    if (output.kind === "log") {
      return this.#ports.logs.append(this.#options.ref, output.level, output.line);
    }
    const entry = this.#runs.get(output.invocation);
    if (entry === undefined) {
      return this.#breakOff(`spoke of run ${output.invocation}, which is not there`);
    }
    if (output.kind === "request") this.#hearRequest(entry, output);
    else if (output.kind === "commit") this.#hearCommit(entry, output.effects);
    else this.#hearFinish(entry, output.effects, output.outcome);
  }

  /** A pod that does not keep to the contract cannot be trusted with anything it holds. */
  #breakOff(fault: string): void {
    this.#ports.logs.append(this.#options.ref, "error", `stopped: the pod ${fault}`);
    this.#finish("trap", fault);
  }

  #hearRequest(entry: Entry, request: Extract<PodOutput, { kind: "request" }>): void {
    const { step, operation, argument } = request;
    if (entry.requests.has(step)) return this.#breakOff(`asked twice in step ${step}`);
    if (entry.requests.size >= MAX_RUN_REQUESTS) return this.#breakOff("asked too much at once");
    entry.requests.add(step);
    if (operation === "input-read") return this.#read(entry, step);
    const { ref } = this.#options;
    const sources = { ...this.#ports, ref, overlay: this.#overlay };
    answerRequest(sources, operation, argument).then(
      (ok) => this.#settle(entry, step, { ok }),
      (cause) => this.#failRequest(entry, step, operation, cause),
    );
  }

  #failRequest(entry: Entry, step: number, operation: string, cause: unknown): void {
    const error = toPeriError(cause, "answer a request of a pod");
    const isOfStore = operation.startsWith("state-") && error.kind !== "invalid" &&
      error.kind !== "too-large";
    // A pod would take a failing disk for an answer and act on it for good.
    if (isOfStore) return this.#finish("store", cause);
    this.#settle(entry, step, { error: error.toRecord() });
  }

  #read(entry: Entry, step: number): void {
    const { invocation, run } = entry;
    if (run.kind === "event") {
      const error = { kind: "invalid", op: "read input", subject: "a message has none" } as const;
      return this.#settle(entry, step, { error });
    }
    if (entry.isReading) return this.#breakOff("read its input twice at once");
    entry.isReading = true;
    this.#bell.ring();
    run.visit.read().then((data) => {
      if (!this.#isCurrent(entry)) return;
      entry.isReading = false;
      this.#send({ kind: "chunk", invocation, data });
      this.#settle(entry, step, { ok: JSON.stringify({ end: data.length === 0 }) });
    }, (cause) => {
      entry.isReading = false;
      this.#settle(entry, step, { error: toPeriError(cause, "read input").toRecord() });
    });
  }

  #isCurrent(entry: Entry): boolean {
    return this.#end === undefined && this.#runs.get(entry.invocation) === entry;
  }

  #settle(entry: Entry, step: number, outcome: RunOutcome): void {
    if (!this.#isCurrent(entry)) return;
    entry.requests.delete(step);
    this.#send({ kind: "settled", invocation: entry.invocation, step, outcome });
  }

  #hearCommit({ run }: Entry, effects: Effects): void {
    try {
      if (run.kind === "event") {
        // Were it run again after a crash, this part would happen twice.
        const subject = "a run for a message happens as a whole";
        throw new PeriError("invalid", { op: "commit a part of a run", subject });
      }
      const checked = checkEffects(effects, this.#options.manifest, this.#ports.entropy);
      this.#push(checked, { visit: run.visit });
    } catch (cause) {
      this.#refuse(run, toPeriError(cause, "commit a part of a run"));
    }
  }

  #hearFinish({ invocation, run }: Entry, effects: Effects, told: RunOutcome): void {
    this.#runs.delete(invocation);
    try {
      const outcome = checkOutcome(told);
      this.#checkResult(run, outcome);
      const checked = "error" in outcome
        ? NO_EFFECTS
        : checkEffects(effects, this.#options.manifest, this.#ports.entropy);
      if (run.kind === "visit") this.#push(checked, { visit: run.visit, outcome });
      else this.#push(checked, { handled: { event: run.event, outcome } });
      this.#noteLostAnswer(run, outcome);
    } catch (cause) {
      this.#refuse(run, toPeriError(cause, "finish a run"));
    }
    this.#bell.ring();
  }

  /** What goes out to another pod is of the type the manifest promises. */
  #checkResult(run: Run, outcome: Outcome): void {
    if (run.kind !== "event" || "error" in outcome) return;
    const { body } = run.event.message;
    if (body.kind !== "call") return;
    const { offers } = this.#options.manifest;
    const offer = offers.find((one) => one.interface === body.interface);
    const type = offer && functionOf(offer, body.function)?.type as FunctionType | undefined;
    const fault = type && checkResult(type, outcome.ok);
    if (fault === undefined) return;
    const op = `answer ${body.interface}#${body.function}`;
    throw new PeriError("invalid", { op, subject: fault });
  }

  /** Nobody waits for the outcome of a continuation, so an error goes where its author looks. */
  #noteLostAnswer(run: Run, outcome: Outcome): void {
    if (run.kind !== "event" || run.event.message.body.kind !== "answer") return;
    if (!("error" in outcome)) return;
    const { op, subject } = outcome.error;
    const name = run.event.continuation?.then ?? "";
    this.#ports.logs.append(this.#options.ref, "error", `${name}: cannot ${op}: ${subject}`);
  }

  /** Effects that may not happen: their event is answered with the reason. */
  #refuse(run: Run, refusal: PeriError): void {
    if (run.kind === "visit") this.#push(NO_EFFECTS, { visit: run.visit, refusal });
    else {
      const handled = { event: run.event, outcome: { error: refusal.toRecord() } };
      this.#push(NO_EFFECTS, { handled, refusal });
    }
    this.#finish("refused", refusal);
  }

  #push(effects: CheckedEffects, what: {
    readonly handled?: { readonly event: RunEvent; readonly outcome: Outcome };
    readonly visit?: Visit;
    readonly outcome?: Outcome;
    readonly refusal?: PeriError;
  }): void {
    const number = ++this.#turns;
    const { writes, posts, outputs } = effects;
    const { handled, visit, outcome, refusal } = what;
    const bytes = effects.bytes + sizeOfOutcome(handled?.outcome);
    this.#backlog++;
    this.#backlogBytes += bytes;
    this.#overlay.put(number, writes);
    this.#commits.push({
      number,
      writes,
      posts,
      bytes,
      ...(handled === undefined ? {} : { handled }),
      ...(refusal === undefined ? {} : { refusal }),
      settled: (fate) => {
        this.#backlog--;
        this.#backlogBytes -= bytes;
        if (fate.kind === "done") this.#hasProgressed = true;
        if (visit !== undefined) this.#tellVisit(visit, fate, outputs, outcome);
        this.#bell.ring();
      },
    });
  }

  #tellVisit(
    visit: Visit,
    fate: TurnFate,
    outputs: Effects["outputs"],
    outcome: Outcome | undefined,
  ): void {
    if (visit.isOver) return;
    if (fate.kind === "refused") return visit.fail(fate.error);
    if (fate.kind === "failed") return visit.fail(toPeriError(fate.cause, "commit a run"));
    if (fate.kind === "forgotten") return this.#beginAgain(visit, "an earlier run failed");
    if (!visit.show(outputs)) {
      const subject = "nobody reads its output";
      visit.fail(new PeriError("too-large", { op: "run a command", subject }));
      return this.#finish("refused", subject);
    }
    if (outcome === undefined) visit.isTouched = true;
    else if ("ok" in outcome) visit.resolve(outcome.ok);
    else visit.fail(errorFromRecord(outcome.error));
  }
}

type RunEvent = Extract<Run, { readonly kind: "event" }>["event"];

/** About the bytes of an outcome in a commit. */
function sizeOfOutcome(outcome: Outcome | undefined): number {
  if (outcome === undefined) return 0;
  return "ok" in outcome ? outcome.ok.length * 3 : 3 * 3000;
}
