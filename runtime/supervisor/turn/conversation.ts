/**
 * What passes between one instance and its periphery: runs go in, requests are answered, and what
 * the instance says is held against the contract.
 *
 * @module
 */

import { toPeriError } from "../../model/errors.ts";
import { MAX_RUN_REQUESTS } from "../../model/limits.ts";
import type { Effects, PodEvent, PodOutput, RunOutcome } from "../../model/pod.ts";
import type { Blobs } from "../../ports/blobs.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Entropy } from "../../ports/entropy.ts";
import type { PodInstance } from "../../ports/sandbox.ts";
import type { Store } from "../../ports/store.ts";
import { Answers } from "./answers.ts";
import { LostValue } from "../state/large.ts";
import type { PodLogs } from "../log.ts";
import type { Reel } from "../replay/recorder.ts";
import type { AskPeople } from "./people.ts";
import { answerRequest, type AskTrust, type FindPerson } from "./request.ts";
import { formatCall, type Run } from "./run.ts";
import type { StatePlace } from "../rows.ts";
import type { Overlay } from "../state/state.ts";
import type { Visit } from "../visit/visit.ts";

/** What a conversation needs from outside. */
export interface ConversationPorts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly logs: PodLogs;
  readonly findPerson: FindPerson;
  readonly trust?: AskTrust;
  readonly people?: AskPeople;
}

/** Who listens. */
export interface Listener {
  /** A run has done a part; it goes on. */
  partDone(run: Run, effects: Effects): void;
  /** A run has ended. */
  ended(run: Run, effects: Effects, outcome: RunOutcome): void;
  /** A run for a message has ended, and a later one answers its call. */
  suspended(run: Run & { kind: "event" }, effects: Effects): void;
  /** A run waits for somebody else; another may begin. */
  gaveWay(): void;
  /** How many entries a table has after all that was heard until now. */
  count(table: string): Promise<number>;
  /** `trap`: the instance broke the contract. `store`: its requests cannot be answered. */
  broken(reason: "trap" | "store", cause: unknown): void;
}

type Request = Extract<PodOutput, { readonly kind: "request" }>;

interface Entry {
  readonly invocation: number;
  readonly run: Run;
  /** Steps that wait for their answers. */
  readonly requests: Set<number>;
  isReading: boolean;
  /** It waits for somebody else, and others run. */
  isAway: boolean;
}

/** One instance's conversation. After {@link Conversation.close} nothing is said or heard. */
export class Conversation {
  readonly #ports: ConversationPorts;
  readonly #place: StatePlace;
  readonly #overlay: Overlay;
  readonly #listener: Listener;
  readonly #answers: Answers;
  /** In the order in which they were given; a pod works through them in this order. */
  readonly #entries = new Map<number, Entry>();
  #outgoing: PodEvent[] = [];
  /** Lines for the log whose run is not known yet. */
  readonly #lines: (PodOutput & { kind: "log" })[] = [];
  #invocations = 0;
  #isClosed = false;

  constructor(ports: ConversationPorts, place: StatePlace, overlay: Overlay, listener: Listener) {
    this.#ports = ports;
    this.#place = place;
    this.#overlay = overlay;
    this.#listener = listener;
    this.#answers = new Answers(ports.blobs);
  }

  /** Whom events go to; set before the first run begins. */
  instance: PodInstance | undefined;
  /** Records what passes; set with it. */
  reel: Reel | undefined;

  /** Runs that have begun and not ended, oldest first. */
  get runs(): readonly Run[] {
    return [...this.#entries.values()].map(({ run }) => run);
  }

  /** Runs that do not wait for somebody else, as far as the pod has said. */
  get busyRuns(): readonly Run[] {
    return [...this.#entries.values()].filter((entry) => !entry.isAway).map(({ run }) => run);
  }

  /** Gives the pod a run. */
  begin(run: Run): void {
    const invocation = ++this.#invocations;
    const entry = { invocation, run, requests: new Set<number>(), isReading: false, isAway: false };
    this.#entries.set(invocation, entry);
    const seed = new DataView(this.#ports.entropy.bytes(4).buffer).getUint32(0);
    const nowMs = this.#ports.clock.nowMs();
    const call = formatCall(this.#place, run, { invocation, nowMs, seed });
    if (this.reel !== undefined) run.tape = this.reel.begin(call);
    this.#send(call);
  }

  /** Tells the pod that a person wants it to stop. */
  cancel(visit: Visit): void {
    for (const { invocation, run } of this.#entries.values()) {
      if (run.kind !== "visit" || run.visit !== visit) continue;
      this.#tell(run, { kind: "cancel", invocation });
    }
  }

  /** Ends the conversation; runs that have not ended stay in `runs`. */
  close(): void {
    this.#isClosed = true;
    for (const { run } of this.#entries.values()) if (!run.tape?.isOver) run.tape?.drop();
  }

  /** Passes on lines of which nobody has said whose they are. */
  settleLines(): void {
    this.#passLines(this.busyRuns[0]);
  }

  /** Takes what the instance says. */
  hear(output: PodOutput): void {
    if (this.#isClosed) return;
    this.#answers.heard();
    if (output.kind === "log") return this.#hearLine(output);
    const { kind, invocation } = output;
    const entry = this.#entries.get(invocation);
    if (entry === undefined) {
      return this.#breakOff(`spoke of run ${invocation}, which is not there`);
    }
    this.#passLines(entry.run);
    if (kind === "request" && output.answer !== undefined) {
      const { answer, ...request } = output;
      return this.#hearAnswered(entry, request, answer);
    }
    entry.run.tape?.add(output);
    if (kind === "request") return this.#hearRequest(entry, output);
    if (kind === "commit") return this.#listener.partDone(entry.run, output.effects);
    if (kind === "suspend") return this.#suspend(entry, output.effects);
    this.#entries.delete(invocation);
    entry.run.tape?.close({ kind: "ended", outcome: output.outcome });
    this.#listener.ended(entry.run, output.effects, output.outcome);
  }

  /** Whose line it is shows when its run says something else, which comes with it. */
  #hearLine(line: PodOutput & { kind: "log" }): void {
    this.#lines.push(line);
    if (this.#lines.length === 1) queueMicrotask(() => this.settleLines());
  }

  #passLines(run: Run | undefined): void {
    if (this.#lines.length === 0) return;
    for (const line of this.#lines.splice(0)) {
      run?.tape?.add(line);
      this.#ports.logs.append(this.#place, line.level, line.line, run?.tape?.id);
    }
  }

  #suspend(entry: Entry, effects: Effects): void {
    const { invocation, run } = entry;
    if (run.kind === "event") {
      this.#entries.delete(invocation);
      run.tape?.close({ kind: "waits" });
      return this.#listener.suspended(run, effects);
    }
    entry.isAway = true;
    this.#listener.partDone(run, effects);
    this.#listener.gaveWay();
  }

  /** A pod that does not keep to the contract cannot be trusted with anything it holds. */
  #breakOff(fault: string): void {
    this.#listener.broken("trap", `the pod ${fault}`);
  }

  /** Its host has told it what it asked for: the record is as if it had been answered here. */
  #hearAnswered({ run, requests }: Entry, request: Request, answer: string): void {
    const { invocation, step } = request;
    if (requests.has(step)) return this.#breakOff(`asked twice in step ${step}`);
    run.tape?.add(request);
    run.tape?.add({ kind: "settled", invocation, step, outcome: { ok: answer } });
  }

  #hearRequest(entry: Entry, request: Request): void {
    const { step, operation, argument } = request;
    if (entry.requests.has(step)) return this.#breakOff(`asked twice in step ${step}`);
    if (entry.requests.size >= MAX_RUN_REQUESTS) return this.#breakOff("asked too much at once");
    entry.requests.add(step);
    if (operation === "input-read") return this.#read(entry, step);
    const readLarge = this.#answers.readLarge;
    const count = (table: string) => this.#listener.count(table);
    const sources = {
      ...this.#ports,
      place: this.#place,
      overlay: this.#overlay,
      readLarge,
      count,
    };
    answerRequest(sources, operation, argument).then((answer) => {
      const ok = this.#answers.take(answer);
      this.#settle(entry, step, { ok });
    }).catch(
      (cause) => this.#failRequest(entry, step, operation, cause),
    );
  }

  #failRequest(entry: Entry, step: number, operation: string, cause: unknown): void {
    const error = toPeriError(cause, "answer a request of a pod");
    // One value that is lost is no reason to keep a pod from all others.
    const isOfStore = !(cause instanceof LostValue) && operation.startsWith("state-") &&
      (error.kind === "internal" || error.kind === "damaged");
    // A pod would take a failing disk for an answer and act on it for good.
    if (isOfStore) this.#listener.broken("store", cause);
    else this.#settle(entry, step, { error: error.toRecord() });
  }

  #read(entry: Entry, step: number): void {
    const { invocation, run } = entry;
    if (run.kind === "event") {
      const error = { kind: "invalid", op: "read input", subject: "a message has none" } as const;
      return this.#settle(entry, step, { error });
    }
    if (entry.isReading) return this.#breakOff("read its input twice at once");
    entry.isReading = entry.isAway = true;
    this.#listener.gaveWay();
    run.visit.read().then((data) => {
      if (!this.#isCurrent(entry)) return;
      this.#tell(run, { kind: "chunk", invocation, data });
      return { ok: JSON.stringify({ end: data.length === 0 }) };
    }, (cause) => ({ error: toPeriError(cause, "read input").toRecord() })).then((outcome) => {
      entry.isReading = entry.isAway = false;
      if (outcome !== undefined) this.#settle(entry, step, outcome);
    });
  }

  #isCurrent(entry: Entry): boolean {
    return !this.#isClosed && this.#entries.get(entry.invocation) === entry;
  }

  #settle(entry: Entry, step: number, outcome: RunOutcome): void {
    if (!this.#isCurrent(entry)) return;
    entry.requests.delete(step);
    this.#tell(entry.run, { kind: "settled", invocation: entry.invocation, step, outcome });
  }

  #tell(run: Run, event: PodEvent): void {
    run.tape?.add(event);
    this.#send(event);
  }

  /** Events of one moment go to the pod together. */
  #send(event: PodEvent): void {
    this.#outgoing.push(event);
    if (this.#outgoing.length > 1) return;
    queueMicrotask(() => {
      const events = this.#outgoing;
      this.#outgoing = [];
      if (!this.#isClosed) this.instance?.dispatch(events);
    });
  }
}
