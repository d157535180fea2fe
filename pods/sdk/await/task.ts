/**
 * One handler at work: what it asked for, whom it waits for, and what it leaves when it is over.
 *
 * @module
 */

import type { Awaited, Mark, Settlement, Waiting } from "./calls.ts";
import { isBeginning, isMuch, spill } from "../begin.ts";
import { EffectBuffer, NO_EFFECTS } from "../effects.ts";
import type { Host, WireCall, WireOutcome } from "../host.ts";
import { Journal, type Span, type Stored } from "./journal.ts";
import { formatJson } from "../text/json.ts";
import { MAX_LEFT_CALLS } from "./leave.ts";
import { Refusal, refusalOf } from "../refusal.ts";
import { Replay } from "./replay.ts";
import type { Fields } from "../state/fields.ts";
import { Requests, type RequestsPort } from "./requests.ts";
import { type Level, type PodAbout, Run, type RunPort } from "../run.ts";
import { errandOf, ERRANDS } from "../post/dispatch.ts";
import type { TableSource } from "../table.ts";

/** How a run ends that has no result of its own. */
export const NOTHING: WireOutcome = { tag: "ok", val: "null" };

/** What all tasks share. */
export interface TaskPort {
  readonly host: Host;
  readonly about: PodAbout;
  /** Another one for each dispatch: what comes in one of them comes before anything goes on. */
  readonly moment: number;
  /** Nothing of a task runs, and nothing that it asked the periphery for is still to come. */
  quiet(task: Task): void;
}

/** An answer a task waits for. */
export interface Wait extends Awaited {
  readonly step: number;
  /** Whether its post is on its way, so that ending it takes a cancel. */
  isPosted: boolean;
}

/** `away`: it waits for somebody else, and other tasks run. */
export type TaskState = "new" | "active" | "away" | "over";

/**
 * See the module. A pod makes one for each of its runs, and most of them await nobody: what only
 * waiting needs is made when it is needed.
 */
export class Task implements RunPort, RequestsPort {
  readonly call: WireCall;
  readonly run: Run;
  state: TaskState = "new";
  /** The invocation it speaks in. */
  invocation: number;
  /** The invocation that brought the answer with which it goes on, when that is another. */
  carrier: number | undefined;
  /** Set while it waits for standard input. */
  input: { resolve(): void; reject(why: Refusal): void; isAsked: boolean } | undefined;
  /** Set while it is run again: it is told what it was told before. */
  replay: Replay | undefined;
  /** Set with it: what is to happen when it has been told everything. */
  repeated: (() => void) | undefined;
  /** Set when nobody wants its answer any more: its handle. */
  off: string | undefined;
  /** It could not take an answer twice: it ends without a word that might be refused again. */
  isGivenUp = false;
  readonly #port: TaskPort;
  readonly #requests: Requests;
  #id: string | undefined;
  #waits: Map<number, Wait> | undefined;
  #journal: Journal | undefined;
  #step = 0;
  /** Whether it is about to go on. */
  #isAwakening = false;
  /** Whether it is to be interrupted then. */
  #isInterrupted = false;
  /** Open calls that it has left since it last waited: they end even if it fails. */
  #left: Wait[] = [];

  /** @param id of a run that has rows */
  constructor(call: WireCall, port: TaskPort, id?: string) {
    this.call = call;
    this.invocation = call.invocation;
    this.#port = port;
    this.#id = id;
    this.#requests = new Requests(this);
    this.run = new Run(call, port.about, this);
  }

  /** Names it in the notes of its posts; no other run of the pod has the same. */
  get id(): string {
    return this.#id ??= idOf(this.call);
  }

  /** Answers it waits for, by step. */
  get waits(): Map<number, Wait> {
    return this.#waits ??= new Map();
  }

  /** What it was told; a run for a person has none, as nothing of it outlives the instance. */
  get journal(): Journal | undefined {
    // A person who has come in has no pod.
    if (!this.call.caller.pod) return undefined;
    return this.#journal ??= new Journal(this.id, this.call);
  }

  /** Whether its journal stands in the table: it has waited before. */
  get hasRows(): boolean {
    return this.#journal?.isWritten ?? false;
  }

  /** Tables as they are now, for what is no part of the handler. */
  get source(): TableSource {
    const request = (operation: string, argument: unknown) =>
      new Promise<unknown>((resolve, reject) => {
        this.ask(operation, formatJson(argument), (outcome) => {
          if (outcome.tag === "ok") resolve(JSON.parse(outcome.val));
          else reject(refusalOf(outcome.val));
        });
      });
    return { effects: new EffectBuffer(() => ""), request };
  }

  /** Its object has fields that last. */
  open(fields: Fields): void {
    this.run.fields = fields;
    if (this.replay === undefined) this.journal?.fields(() => fields.note());
    else this.replay.begin(fields);
  }

  /** Goes on with something, when it knows what others have left in the fields of its object. */
  awaken(then: () => void, fail: (thrown: unknown) => void): void {
    const { fields } = this.run;
    if (fields === undefined) return then();
    this.#isAwakening = true;
    fields.read(this.source).then(() => {
      this.#isAwakening = false;
      this.journal?.fields(() => fields.note());
      then();
      if (this.#isInterrupted) this.interrupt();
    }).catch(fail);
  }

  /** It goes on or begins; nothing else of the pod runs. */
  activate(): void {
    this.state = "active";
    this.#requests.stir();
  }

  /** It has been told something. */
  stir(): void {
    this.#requests.stir();
  }

  /** It waits for others, with everything it did on its way to disk. */
  park(): void {
    this.state = "away";
    this.posted();
  }

  /** What it has posted so far is on its way. */
  posted(): void {
    for (const wait of this.waits.values()) wait.isPosted = true;
    this.#left = [];
  }

  /** It is a run from its rows: when it has come to where it was, `then` is called. */
  repeat({ notes, rows }: Stored, then: () => void): void {
    this.journal?.restore(rows, notes);
    this.replay = new Replay(notes);
    this.repeated = then;
  }

  /** Asks the periphery for what is no part of its journal. */
  ask(operation: string, argument: string, sink: (outcome: WireOutcome) => void): void {
    this.#requests.ask(operation, argument, sink);
  }

  /** Asks for standard input. */
  askInput(sink: (outcome: WireOutcome) => void): void {
    this.#requests.askInput(sink);
  }

  /** Takes the answer to a request. */
  settle(step: number, outcome: WireOutcome): void {
    this.#requests.settle(step, outcome);
  }

  /** Gives an answer to who waits for it. */
  take(step: number, settlement: Settlement): void {
    const wait = this.waits.get(step);
    if (wait === undefined) return;
    if (this.replay === undefined) this.journal?.told(step, wait.what, formatJson(settlement));
    if (wait.take(settlement)) this.waits.delete(step);
    this.#requests.stir();
  }

  /** Nobody wants its result any more: everything it waits for fails. */
  interrupt(): void {
    this.#isInterrupted = this.#isAwakening;
    if (this.#isAwakening) return;
    const why = gone();
    this.input?.reject(why);
    this.input = undefined;
    const { kind, op, subject } = why;
    for (const [step, wait] of this.waits) {
      this.waits.delete(step);
      wait.take({ error: { kind, op, subject } });
      this.#withdraw(wait);
    }
    this.#requests.stir();
  }

  /** Adds to its last effects that nobody hears of what it waits for, and that it has no rows. */
  leave(): void {
    if (this.#waits === undefined && this.#journal === undefined) return;
    const posted = [...this.#left];
    for (const wait of this.waits.values()) {
      if (wait.isPosted) posted.push(wait);
      else if (wait.isLost) this.#withdraw(wait);
      else this.run.effects.unbind(wait.key);
    }
    this.waits.clear();
    posted.sort((a, b) => a.step - b.step);
    for (const wait of posted.slice(0, MAX_LEFT_CALLS)) this.#withdraw(wait);
    // A run that is not what it was waits for what its journal says.
    const calls = this.replay === undefined ? restOf(posted) : this.replay.calls;
    const rows = this.journal?.erase(this.run.effects);
    if (calls ?? rows) {
      this.run.effects.post(errandOf(ERRANDS.leave, { run: this.id, calls, rows }));
    }
  }

  /** Sends a request to the periphery. */
  send(step: number, operation: string, argument: string): void {
    this.#port.host.request(this.invocation, step, operation, argument);
  }

  /** Whether it may go on at all. */
  get isActive(): boolean {
    return this.state === "active";
  }

  quiet(): void {
    this.#port.quiet(this);
  }

  log(level: Level, line: string): void {
    if (this.replay === undefined) this.#port.host.log(level, line.toWellFormed());
  }

  request(operation: string, argument: string): Promise<string> {
    if (this.state !== "active") return Promise.reject(outside(operation));
    const step = ++this.#step;
    this.#spill();
    const what = `${operation} ${argument}`;
    return new Promise((resolve, reject) => {
      const sink = (outcome: WireOutcome) => {
        if (outcome.tag === "ok") resolve(outcome.val);
        else reject(refusalOf(outcome.val));
      };
      if (this.replay !== undefined) return this.replay.asked(step, what, sink);
      this.#requests.ask(operation, argument, (outcome) => {
        this.journal?.told(step, what, outcomeText(outcome), this.#port.moment);
        sink(outcome);
      });
    });
  }

  /** A version that begins writes as much as it likes. */
  #spill(): void {
    if (!isBeginning(this.call)) return;
    const { effects } = this.run;
    const { count, chars } = effects.writing;
    if (!isMuch(count, chars)) return;
    spill(this.#port.host, this.invocation, { ...NO_EFFECTS, writes: effects.takeWrites() });
  }

  /** @throws {Refusal} `invalid` in the run with which a version begins. */
  #checkMayWait(): void {
    if (!isBeginning(this.call)) return;
    throw new Refusal("invalid", {
      op: "await others",
      subject: "a version of a pod begins as a whole, and messages wait meanwhile",
      hint: "post in migrate or health, and await in what takes the answer",
    });
  }

  waitForInput(): Promise<void> {
    this.#checkMayWait();
    if (this.state !== "active") return Promise.reject(outside("standard input"));
    this.run.checkCancelled();
    return new Promise((resolve, reject) => {
      this.input = { resolve, reject, isAsked: false };
      this.#requests.watch();
    });
  }

  wait(make: (mark: Mark) => Awaited): Waiting {
    if (this.state !== "active") throw outside("an answer");
    this.#checkMayWait();
    this.run.checkCancelled();
    const step = ++this.#step;
    const wait = { ...make({ run: this.id, step }), step, isPosted: false };
    this.waits.set(step, wait);
    if (this.replay !== undefined) this.replay.began(step, wait.what);
    else this.journal?.asked(step, wait.what);
    this.#requests.watch();
    return {
      leave: () => {
        if (this.waits.delete(step)) this.#withdraw(wait);
      },
    };
  }

  #withdraw(wait: Wait): void {
    if (!wait.isPosted) return this.run.effects.withdraw(wait.key);
    this.run.effects.cancel(wait.key);
    this.#left.push(wait);
  }
}

function idOf({ nowMs, seed }: WireCall): string {
  return `${nowMs.toString(36)}-${(seed >>> 0).toString(36)}`;
}

/** Why awaits of a run fail whose asker is gone. */
function gone(): Refusal {
  return new Refusal("expired", { op: "go on", subject: "the one who asked is gone" });
}

/** Steps of open calls that are not cancelled at once. */
function restOf(posted: readonly Wait[]): Span | undefined {
  const first = posted[MAX_LEFT_CALLS];
  return first && [first.step, posted.at(-1)!.step];
}

/** JSON text of an answer to a request. */
function outcomeText({ tag, val }: WireOutcome): string {
  return tag === "ok" ? `{"ok":${val}}` : formatJson({ error: val });
}

function outside(what: string): Error {
  return new Error(`${what} was asked for outside of its run`);
}
