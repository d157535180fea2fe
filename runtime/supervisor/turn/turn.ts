/**
 * The turns of one instance of a pod, from its start to its end: events and visits go in, and what
 * each run did goes on its way to disk.
 *
 * @module
 */

import { PeriError, toPeriError } from "../../model/errors.ts";
import { MAX_RUNS_AHEAD, POD_IDLE_MS } from "../../model/limits.ts";
import type { Effects, RunOutcome } from "../../model/pod.ts";
import type { PodInstance } from "../../ports/sandbox.ts";
import { takeEffects } from "./allowance.ts";
import { Audience } from "./audience.ts";
import { Bell } from "./bell.ts";
import { Commits } from "./commits.ts";
import { Conversation } from "./conversation.ts";
import { Door } from "./door.ts";
import { type CheckedEffects, checkOutcome, NO_EFFECTS, sizeOfOutcome } from "./effects.ts";
import { checkResultOf } from "./offer.ts";
import { isSilent, type Run } from "./run.ts";
import { Overlay } from "../state/state.ts";
import { noteFull, noteLostAnswer, noteRefusal } from "./report.ts";
import { checkedEvent, handledBy, isStreamCall, type TurnMatter } from "./stream.ts";
import {
  isOwnEnd,
  type TurnOptions,
  type TurnPorts,
  type TurnsEnd,
  type TurnsReason,
} from "./terms.ts";
import type { Visit } from "../visit/visit.ts";

/** Turns waiting for the disk above which no more runs are begun. */
const MAX_BACKLOG = 512;
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024;

/** One instance's turns. {@link Turns.work} is called once. */
export class Turns {
  readonly #ports: TurnPorts;
  readonly #options: TurnOptions;
  readonly #overlay = new Overlay();
  readonly #commits: Commits;
  readonly #talk: Conversation;
  readonly #bell = new Bell();
  readonly #audience: Audience;
  readonly #over = Promise.withResolvers<void>();
  readonly #door: Door;
  #instance: PodInstance | undefined;
  #end: Pick<TurnsEnd, "reason" | "cause" | "culprit"> | undefined;
  #isDraining = false;
  #hasProgressed = false;
  #turns = 0;
  #backlog = 0;
  #backlogBytes = 0;

  constructor(ports: TurnPorts, options: TurnOptions, visits: readonly Visit[]) {
    this.#ports = ports;
    this.#options = options;
    this.#door = new Door(visits, !options.isCautious);
    this.#audience = new Audience(options.ref);
    const { ref, generation, manifest, fence, isCautious } = options;
    const place = { ...ref, generation };
    this.#talk = new Conversation(ports, place, this.#overlay, {
      partDone: (run, effects) => this.#takePart(run, effects),
      ended: (run, effects, outcome) => this.#takeEnd(run, effects, outcome),
      count: (table) => this.#commits.count(table),
      suspended: (run, effects) => this.#takeSuspended(run, effects),
      gaveWay: () => this.#bell.ring(),
      broken: (reason, cause) => this.#finish(reason, cause),
    });
    this.#commits = new Commits({
      ref,
      place,
      manifest,
      fence,
      store: ports.store,
      blobs: ports.blobs,
      mailbox: ports.mailbox,
      overlay: this.#overlay,
      keep: options.purse.keep,
      full: () => noteFull(ports.logs, ref, options.budget().streams),
      hasGoneBack: options.hasGoneBack ?? false,
      maxTurns: isCautious ? 1 : Infinity,
      broken: (reason, cause) => this.#finish(reason, cause),
    });
  }

  /** Whether an instance is there. */
  get isStarted(): boolean {
    return this.#instance !== undefined;
  }

  /** Memory of the instance, as it last said. */
  get memoryBytes(): number | undefined {
    return this.#instance?.memoryBytes;
  }

  /** Resolves when {@link Turns.work} has. */
  get ended(): Promise<void> {
    return this.#over.promise;
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
    this.#audience.leave(this.#talk.runs, this.#door.visits, end.reason);
    this.#over.resolve();
    return { ...end, again: this.#audience.again, hasProgressed: this.#hasProgressed };
  }

  /** Tells that events may wait. */
  wake(): void {
    this.#door.knock();
    this.#bell.ring();
  }

  /** Takes a visit; `false` when these turns have ended. */
  visit(visit: Visit): boolean {
    if (this.#end !== undefined) return false;
    this.#door.come(visit);
    this.#bell.ring();
    return true;
  }

  /** Tells the pod that a person wants it to stop. */
  cancel(visit: Visit): void {
    visit.isCancelled = true;
    this.#talk.cancel(visit);
  }

  /** Ends a visit that did not stop when told to; what else the pod was doing begins again. */
  abandon(visit: Visit): void {
    this.#door.leave(visit);
    const isRunning = this.#talk.runs.some((run) => run.kind === "visit" && run.visit === visit);
    if (isRunning) this.#finish("refused", "a visitor has gone");
  }

  /** Begins nothing more and ends when what runs has ended. */
  retire(): void {
    this.#isDraining = true;
    this.#bell.ring();
  }

  /** As {@link Turns.retire}, and visitors are told why. */
  drain(parting: PeriError): void {
    this.#isDraining = true;
    for (const run of this.#talk.runs) {
      if (run.kind !== "visit") continue;
      run.visit.parting = parting;
      this.cancel(run.visit);
    }
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
    // A few events at a time would cost a read of the store each.
    const canRead = this.#talk.runs.length === 0 || room >= MAX_RUNS_AHEAD / 2;
    const visits = this.#door.takeVisits(room, canRead);
    await this.#admit(visits.map((visit) => ({ kind: "visit", visit })));
    if (visits.length > 0) return true;
    if (!canRead) return false;
    const { ref } = this.#options;
    const events = await this.#door.takeEvents(
      room,
      (after, most) => this.#ports.mailbox.waiting(ref, after, most),
    );
    if (this.#end !== undefined) return false;
    const runs: Run[] = [];
    for (const one of events) {
      const event = checkedEvent(one, this.#options.manifest);
      const isStream = isStreamCall(event, this.#options.manifest);
      if (!isSilent(event)) runs.push({ kind: "event", event, isStream });
      else this.#push(NO_EFFECTS, { run: { kind: "event", event }, outcome: { ok: "null" } });
    }
    await this.#admit(runs);
    return this.#door.isBusy;
  }

  /** How many more runs the pod may be given. */
  #room(): number {
    if (this.#backlog >= MAX_BACKLOG || this.#backlogBytes >= MAX_BACKLOG_BYTES) return 0;
    const isCautious = this.#options.isCautious && !this.#hasProgressed;
    return (isCautious ? 1 : MAX_RUNS_AHEAD) - this.#talk.busyRuns.length;
  }

  async #admit(runs: readonly Run[]): Promise<void> {
    if (runs.length === 0) return;
    const isStarted = await this.#start(runs[0]!);
    for (const run of runs) {
      const visit = run.kind === "visit" ? run.visit : undefined;
      if (!isStarted || this.#end !== undefined) {
        if (visit !== undefined) this.#audience.again.push(visit);
      } else if (!visit?.isOver) {
        this.#talk.begin(run);
        // Interrupted before it began: the pod is to know from the first.
        if (visit?.isCancelled) this.#talk.cancel(visit);
      }
    }
  }

  async #start(first: Run): Promise<boolean> {
    if (this.#instance !== undefined) return true;
    const { ref, manifest, program, budget, isAlone } = this.#options;
    try {
      const { memoryBytes, sliceMs } = budget();
      const instance = await this.#ports.sandbox.start(
        program,
        // Every commit of these turns checks that nobody else has the pod.
        { memoryBytes, sliceMs, isAlone, recalls: true, group: ref.person },
        (output) => this.#talk.hear(output),
      );
      this.#instance = instance;
      this.#talk.instance = instance;
      this.#talk.reel = this.#ports.recorder?.open(ref, program.component, manifest.version);
      if (this.#end !== undefined) instance.stop();
      instance.ended.then((reason) => this.#finish(reason, undefined));
      return true;
    } catch (cause) {
      this.#finish("start", cause, first);
      return false;
    }
  }

  #progress(): void {
    this.#hasProgressed = true;
    if (this.#options.isAlone) this.#instance?.share();
  }

  async #rest(): Promise<void> {
    const isQuiet = this.#talk.runs.length === 0;
    if (isQuiet && this.#isDraining) return this.#finish("stopped", undefined);
    const isIdle = isQuiet && !this.#door.isBusy && this.#backlog === 0;
    if (!isIdle) return await this.#bell.wait();
    if (this.#instance === undefined) return this.#finish("idle", undefined);
    const rest = new AbortController();
    const end = this.#ports.rests.begin(rest);
    let isRested = false;
    const rested = this.#ports.clock.sleep(POD_IDLE_MS, rest.signal).then(() => isRested = true);
    await Promise.race([this.#bell.wait(), rested]);
    end();
    // What came in the same moment finds it awake.
    if (isRested && !this.#door.isBusy) this.#finish("idle", undefined);
    rest.abort();
  }

  #finish(reason: TurnsReason, cause: unknown, culprit = this.#talk.busyRuns[0]): void {
    if (this.#end !== undefined) return;
    this.#end = { reason, cause, culprit };
    // Before the conversation ends, whose runs begin again.
    this.#talk.settleLines();
    if (isOwnEnd(reason)) culprit?.tape?.stop(reason);
    this.#talk.close();
    this.#instance?.stop();
    this.#bell.ring();
  }

  #takePart(run: Run, effects: Effects): void {
    try {
      if (run.kind === "event") {
        // Were it run again after a crash, this part would happen twice.
        const subject = "a run for a message happens as a whole";
        throw new PeriError("invalid", { op: "commit a part of a run", subject });
      }
      this.#push(this.#checked(effects), { run });
    } catch (cause) {
      this.#refuse(run, toPeriError(cause, "commit a part of a run"));
    }
  }

  #takeEnd(run: Run, effects: Effects, told: RunOutcome): void {
    try {
      const isMessage = run.kind === "event";
      const outcome = checkOutcome(
        told,
        isMessage ? this.#options.budget().messageBytes : undefined,
      );
      checkResultOf(run, outcome, this.#options.manifest);
      const checked = "error" in outcome ? NO_EFFECTS : this.#checked(effects);
      this.#push(checked, { run, outcome });
      noteLostAnswer(this.#ports.logs, this.#options.ref, run, outcome);
    } catch (cause) {
      this.#refuse(run, toPeriError(cause, "finish a run"));
    }
    this.#bell.ring();
  }

  /** The event is handled, and its call stays open. */
  #takeSuspended(run: Run & { kind: "event" }, effects: Effects): void {
    try {
      this.#push(this.#checked(effects), { run, outcome: { ok: "null" }, isLater: true });
    } catch (cause) {
      this.#refuse(run, toPeriError(cause, "let a run wait"));
    }
    this.#bell.ring();
  }

  #checked(effects: Effects): CheckedEffects {
    return takeEffects(this.#options, this.#ports, effects);
  }

  /** Effects that may not happen: their event is answered with the reason. */
  #refuse(run: Run, refusal: PeriError): void {
    run.tape?.refuse(refusal.toRecord());
    this.#push(NO_EFFECTS, { run, outcome: { error: refusal.toRecord() }, refusal });
    this.#finish("refused", refusal);
  }

  #push(effects: CheckedEffects, matter: TurnMatter): void {
    const { writes, posts, errands, answers, cancels } = effects;
    const { run, refusal } = matter;
    const handled = handledBy(matter);
    const number = ++this.#turns;
    const bytes = effects.bytes + sizeOfOutcome(handled?.outcome);
    const heldBytes = bytes + effects.largeBytes;
    this.#backlog++;
    this.#backlogBytes += heldBytes;
    this.#overlay.put(number, writes);
    this.#commits.push({
      number,
      writes,
      posts,
      errands,
      answers,
      cancels,
      bytes,
      ...(handled === undefined ? {} : { handled }),
      ...(refusal === undefined ? {} : { refusal }),
      settled: (fate) => {
        this.#backlog--;
        this.#backlogBytes -= heldBytes;
        if (fate.kind !== "done") this.#options.sent.giveBack(posts.length);
        if (fate.kind === "refused") {
          noteRefusal(this.#ports.logs, this.#options.ref, run, fate.error);
        }
        if (fate.kind !== "done") run.tape?.meet(fate);
        else if (!this.#hasProgressed) this.#progress();
        if (fate.kind === "done" && writes.length > 0) {
          this.#ports.watchers?.tell(this.#options.ref);
        }
        if (run.kind === "visit") {
          const fault = this.#audience.tell(run.visit, fate, effects, matter);
          if (fault !== undefined) this.#finish("refused", fault);
        }
        this.#bell.ring();
      },
    });
  }
}
