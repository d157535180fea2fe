/**
 * Runs a recorded story again in an instance of its own. The pod is told what it was told, and what
 * it does goes nowhere. As long as it does the same it is told everything in the same order; from
 * the first difference on it is answered what it was answered when it asked for the same.
 *
 * @module
 */

import { toPeriError } from "../../model/errors.ts";
import type {
  Manifest,
  PodEnd,
  PodEvent,
  PodOutput,
  PodProgram,
  RunOutcome,
} from "../../model/pod.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Entropy } from "../../ports/entropy.ts";
import type { PodInstance, Sandbox } from "../../ports/sandbox.ts";
import { Bell } from "../turn/bell.ts";
import type { Budget } from "../../model/budget.ts";
import { checkEffects, checkOutcome } from "../turn/effects.ts";
import { type Compared, compareSteps, missing, NOTHING } from "./differ.ts";
import type { KnownState } from "./known.ts";
import type { RunRecord } from "./record.ts";
import { isSaid, type Line, type Match, type Request, Script } from "./script.ts";
import { describe, type ShownStep, showRefusal, showStep, showStop } from "./shown.ts";
import type { Segment } from "./story.ts";

/** What is needed to play a story. */
export interface PlayPorts {
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

/** What is played, and how. */
export interface PlayOptions {
  readonly segment: Segment;
  readonly program: PodProgram;
  readonly manifest: Manifest;
  readonly budget: Pick<Budget, "memoryBytes" | "sliceMs" | "messageBytes">;
  /** Whose time it takes, as of its pod. */
  readonly group: string;
  readonly known: KnownState;
  /** It may break its instance: then it is to have a process of its own. */
  readonly isRisky: boolean;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Takes every step; `differs` is what stands in its place in the record. */
  show(part: RunRecord, step: ShownStep, differs?: string): void;
}

/** Beyond the time that a pod may compute: after that it says nothing more. */
const PATIENCE_MS = 2_000;
/** Steps of one story; a pod that differs from its record may go on without end. */
const MAX_STEPS = 20_000;

/** A request that has no answer yet; by the record it has this one. */
interface Asked {
  readonly request: Request;
  readonly outcome: RunOutcome | undefined;
}

/** What a run did, all that has effects. */
type Done = PodOutput & { readonly kind: "commit" | "suspend" | "finish" };

/** One instance's part of a story; {@link Play.run} is called once. */
export class Play {
  readonly #ports: PlayPorts;
  readonly #options: PlayOptions;
  readonly #script: Script;
  readonly #bell = new Bell();
  /** Steps in which the pod asks now, by run and step in which it asked then. */
  readonly #steps = new Map<string, number>();
  readonly #asked = new Set<Asked>();
  /** Runs that have begun and do not wait for a later one. */
  readonly #awake = new Set<number>();
  #instance: PodInstance | undefined;
  #outgoing: PodEvent[] = [];
  /** It has done something else than the record says. */
  #isFree = false;
  #isOver = false;
  /** It came to no end of its own. */
  #isBroken = false;
  #count = 0;
  #last: RunRecord;

  constructor(ports: PlayPorts, options: PlayOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#script = new Script(options.segment);
    this.#last = options.segment[0]!;
  }

  /** Plays it to its end. @throws {PeriError} `damaged` when the program does not start. */
  async run(): Promise<void> {
    const { program, budget: { memoryBytes, sliceMs }, isRisky, group, signal } = this.#options;
    const budget = { memoryBytes, sliceMs, isAlone: isRisky, group };
    const hear = (output: PodOutput) => this.#hear(output);
    const instance = await this.#ports.sandbox.start(program, budget, hear);
    this.#instance = instance;
    const ended = instance.ended.then((reason) => this.#stopped(reason));
    const abort = () => this.#breakOff();
    signal.addEventListener("abort", abort);
    try {
      this.#goOn();
      while (!this.#isOver && !signal.aborted) await this.#wait();
    } finally {
      signal.removeEventListener("abort", abort);
      this.#isOver = true;
      instance.stop();
      await ended;
    }
    if (!signal.aborted) this.#conclude();
  }

  async #wait(): Promise<void> {
    const timer = new AbortController();
    const patienceMs = this.#options.budget.sliceMs + PATIENCE_MS;
    const late = this.#ports.clock.sleep(patienceMs, timer.signal).then(() => true);
    const isLate = await Promise.race([late, this.#bell.wait().then(() => false)]);
    timer.abort();
    if (isLate) this.#breakOff();
  }

  #end(): void {
    this.#isOver = true;
    this.#bell.ring();
  }

  #breakOff(): void {
    this.#isBroken = true;
    this.#end();
  }

  /** Gives the pod what comes next by the record. */
  #goOn(): void {
    if (this.#isOver) return;
    this.#bell.ring();
    if (this.#isFree) return;
    for (const line of this.#script.next()) this.#tell(line);
    const isStopped = this.#options.segment.some(({ end }) => end.kind === "stopped");
    if (this.#script.isOver && !isStopped) this.#end();
  }

  #tell({ part, step }: Line): void {
    if (isSaid(step)) return;
    for (const shown of showStep(step)) this.#show(part, { step: shown });
    if (step.kind === "call") this.#awake.add(step.invocation);
    if (step.kind !== "settled") return this.#dispatch(step);
    const now = this.#steps.get(`${step.invocation} ${step.step}`) ?? step.step;
    for (const asked of this.#asked) {
      const { request } = asked;
      if (request.invocation === step.invocation && request.step === now) this.#asked.delete(asked);
    }
    this.#dispatch({ ...step, step: now });
  }

  /** Events of one moment go together, as they did then. */
  #dispatch(event: PodEvent): void {
    this.#outgoing.push(event);
    if (this.#outgoing.length > 1) return;
    queueMicrotask(() => {
      const events = this.#outgoing;
      this.#outgoing = [];
      if (!this.#isOver) this.#instance?.dispatch(events);
    });
  }

  #hear(output: PodOutput): void {
    if (this.#isOver) return;
    if (this.#count > MAX_STEPS) return this.#breakOff();
    const match = this.#script.match(output);
    if (match.line === undefined && isIndex(output)) return this.#giveIndex(output);
    const part = match.line?.part ?? this.#partOf(output);
    // What followed is not on record.
    if (match.line === undefined && part.isCut) return this.#breakOff();
    if (output.kind === "request") this.#ask(part, match, output);
    else {
      const now = showStep(output);
      const compared = match.line ? compareSteps(now, showStep(match.line.step)) : now.map(added);
      for (const one of compared) this.#show(part, one);
      if (output.kind !== "log") this.#done(part, output);
    }
    if (this.#isFree) this.#improvise(output);
    this.#goOn();
  }

  /** Another run of the instance had read it then; in this instance no others wait. */
  #giveIndex({ invocation, step }: Request): void {
    this.#dispatch({ kind: "settled", invocation, step, outcome: { ok: "[]" } });
  }

  #ask(part: RunRecord, { line, instead }: Match, request: Request): void {
    const then = line?.step as Request | undefined;
    if (then !== undefined) this.#steps.set(`${then.invocation} ${then.step}`, request.step);
    const outcome = then === undefined
      ? this.#script.answerTo(request)
      : this.#script.outcomeOf(then);
    this.#asked.add({ request, outcome });
    if (outcome && "ok" in outcome) {
      this.#options.known.told(request.operation, request.argument, outcome.ok);
    }
    const [step] = showStep(request, outcome);
    // Once it has done something else, what it leaves out shows at the end.
    const isOther = line === undefined || instead !== undefined && !this.#isFree;
    const was = instead && showStep(instead.step)[0];
    if (!isOther) return this.#show(part, { step: step! });
    this.#show(part, { step: step!, differs: was && !this.#isFree ? describe(was) : NOTHING });
  }

  #done(part: RunRecord, output: Done): void {
    if (output.kind !== "commit") this.#awake.delete(output.invocation);
    else this.#awake.add(output.invocation);
    const error = this.#refusal(output);
    const { end } = part;
    if (error !== undefined) this.#show(part, { step: showRefusal(error) });
    else if (end.kind === "refused" && !this.#isFree && output.kind !== "commit") {
      this.#show(part, { step: showRefusal(end.error) });
    }
  }

  /** Why what it did would not be allowed to happen, as far as that shows without a store. */
  #refusal(output: Done) {
    const { manifest, budget: { messageBytes } } = this.#options;
    try {
      if (output.kind === "finish") checkOutcome(output.outcome);
      checkEffects(output.effects, manifest, this.#ports.entropy, messageBytes);
    } catch (cause) {
      return toPeriError(cause, "finish a run").toRecord();
    }
  }

  #show(part: RunRecord, { step, differs }: Compared): void {
    this.#count++;
    this.#last = part;
    if (differs !== undefined) this.#isFree = true;
    const shown = step.kind === "writes" ? this.#options.known.writes(step) : step;
    this.#options.show(part, shown, differs);
  }

  /** The record no longer says what comes when: everything is answered at once. */
  #improvise(output: PodOutput): void {
    for (const asked of this.#asked) {
      this.#asked.delete(asked);
      if (!this.#answer(asked)) return this.#breakOff();
    }
    if (output.kind !== "finish" && output.kind !== "suspend") return;
    const next = this.#script.nextCall();
    if (next !== undefined) this.#tell(next);
    else if (this.#awake.size === 0) this.#end();
  }

  /** Whether there was an answer. */
  #answer({ request: { invocation, step, operation }, outcome }: Asked): boolean {
    if (operation === "input-read") {
      const data = this.#script.nextChunk(invocation);
      this.#dispatch({ kind: "chunk", invocation, data });
      const ok = JSON.stringify({ end: data.length === 0 });
      this.#dispatch({ kind: "settled", invocation, step, outcome: { ok } });
      return true;
    }
    if (outcome !== undefined) this.#dispatch({ kind: "settled", invocation, step, outcome });
    return outcome !== undefined;
  }

  #partOf(output: PodOutput): RunRecord {
    if (output.kind === "log") return this.#last;
    const { segment } = this.#options;
    return segment.find(({ call }) => call.invocation === output.invocation) ?? this.#last;
  }

  /** The instance has ended. */
  #stopped(reason: PodEnd): void {
    if (this.#isOver) return;
    const end = this.#options.segment.find(({ end }) => end.kind === "stopped")?.end;
    const step = showStop(reason);
    if (end?.kind === "stopped" && isSameEnd(end.reason, reason)) this.#show(this.#last, { step });
    else this.#show(this.#last, { step, differs: this.#nextWas() });
    this.#breakOff();
  }

  #nextWas(): string {
    const [line] = this.#script.rest();
    const [was] = line === undefined ? [] : showStep(line.step);
    return was === undefined ? NOTHING : describe(was);
  }

  /** What is on record and never came: all of it, or only the next when it came to no end. */
  #conclude(): void {
    if (this.#isBroken && this.#isFree) return;
    const gone = this.#script.rest().flatMap(({ part, step }) =>
      showStep(step).map((was) => ({ part, was }))
    );
    for (const { part, was } of this.#isBroken ? gone.slice(0, 1) : gone) {
      if (!part.isCut || !this.#isBroken) this.#show(part, missing(was));
    }
  }
}

/** Whether a pod reads the index of its runs that wait, as an instance does once. */
function isIndex(output: PodOutput): output is Request {
  return output.kind === "request" && output.operation === "state-list" &&
    output.argument.startsWith('{"table":"sdk:runs","prefix":"open/"');
}

function added(step: ShownStep): Compared {
  return { step, differs: NOTHING };
}

/** A pod that was ended with its process breaks alone in its own. */
function isSameEnd(a: PodEnd, b: PodEnd): boolean {
  const isHost = (end: PodEnd) => end === "host" || end === "shared";
  return a === b || isHost(a) && isHost(b);
}
