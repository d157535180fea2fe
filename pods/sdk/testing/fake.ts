/**
 * A periphery in memory, for the tests of pods: the real engine, tables that last from run to
 * run, posts to look at and answer, people to find, standard input to feed.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { Engine, type PodClass } from "../engine.ts";
import { codecOf } from "../codec.ts";
import { bindFace } from "../face.ts";
import type {
  Failure,
  Host,
  WireAnswer,
  WireCaller,
  WireEffects,
  WireEvent,
  WireOutcome,
  WirePost,
} from "../host.ts";
import { compareKeys } from "../order.ts";
import type { CapabilityClass } from "../peer.ts";
import { type ArgumentsOf, type FunctionName, shapeOf } from "../post/posts.ts";
import type { Answer, FunctionRef, Part, Stream } from "../reference.ts";
import type { Found, PodAbout } from "../run.ts";
import type { PodShape } from "../shape.ts";
import type { ErrorClasses } from "../typed.ts";
import { answerPerson } from "./people.ts";
import { answerState } from "./rows.ts";
import { Timers } from "./timers.ts";
import { decodeUtf8, encodeUtf8 } from "../text/utf8.ts";

/** How a run ended and what it showed. */
export interface Ended {
  /** The result; undefined when it failed. */
  readonly result?: unknown;
  readonly failure?: Failure;
  readonly stdout: string;
  readonly stderr: string;
  /** It waits for others: a later run answers its handle. */
  readonly isLater?: true;
}

/** A run that has begun. */
export interface Begun {
  readonly ended: Promise<Ended>;
  /** Gives standard input; waits until the pod has taken what it can. */
  feed(text: string): Promise<void>;
  /** Ends standard input. */
  endInput(): Promise<void>;
  /** The one who asked is gone. */
  cancel(): Promise<void>;
}

/** Where a run stands, as the periphery sees it. */
interface Session {
  /** For a person: it goes on after it has waited. */
  readonly isVisit: boolean;
  readonly shown: { 1: string; 2: string };
  readonly input: Uint8Array[];
  readStep?: number;
  resolve(ended: Ended): void;
}

/** A periphery with one pod. Everything happens in memory and in a fixed order. */
export class FakePeriphery implements Host {
  /** Tables by name: JSON text by key. */
  readonly tables = new Map<string, Map<string, string>>();
  /** Posts of runs that ended well, oldest first. */
  readonly posts: WirePost[] = [];
  /** Errands that nobody has run yet, oldest first. */
  readonly errands: WirePost[] = [];
  /** How far people are by what was certified; others are unknown. */
  readonly distances = new Map<string, number>();
  /** Errands that wait for their time. */
  readonly timers = new Timers();
  /** Set to tell the pod as a pod host does, when it has come back: so many events come next. */
  stride: (() => number) | undefined;
  /** Set to keep errands from running after each run. */
  holdsErrands = false;
  /** Answers to streams, oldest first. */
  readonly answers: WireAnswer[] = [];
  /** Keys of calls that were cancelled, oldest first. */
  readonly cancels: string[] = [];
  readonly logs: { level: string; line: string }[] = [];
  /** Who is found by which text. */
  readonly people = new Map<string, Found>();
  /** Answers to further requests, by operation. */
  readonly answersTo = new Map<string, (argument: Record<string, unknown>) => unknown>();
  /** The name under which the pod lives; its person may have chosen another than its own. */
  pod: string;
  /** The time runs begin at; tests move it. */
  nowMs = 1_800_000_000_000;
  /** Most rows in one answer; small ones try paging. */
  pageSize = 1_000;
  #engine: Engine;
  readonly #make: PodClass;
  readonly #sessions = new Map<number, Session>();
  #events: WireEvent[] = [];
  // u32 arrive as QuickJS gives them: signed.
  #invocation = -5;

  /**
   * @param owner fingerprint of the person the pod acts for
   * @param shape what the build reads off the class, with the classes of its errors
   */
  constructor(
    make: PodClass,
    private readonly about: PodAbout,
    readonly owner: string,
    shape?: PodShape,
    errors: ErrorClasses = {},
  ) {
    if (shape !== undefined) bindFace(make, shape, errors);
    this.#make = make;
    this.pod = about.name;
    this.#engine = this.#start();
  }

  /** Begins a run. */
  begin(
    caller: WireCaller,
    name: string,
    called: string,
    args: string,
    handle?: string,
    more: { readonly many?: boolean; readonly expiresMs?: number } = {},
  ): Begun {
    const invocation = ++this.#invocation;
    const { promise, resolve } = Promise.withResolvers<Ended>();
    const isVisit = !caller.pod;
    const session: Session = { isVisit, shown: { 1: "", 2: "" }, input: [], resolve };
    this.#sessions.set(invocation, session);
    const seed = Math.imul(invocation, 0x9e3779b9);
    this.#send({
      tag: "call",
      val: {
        invocation,
        pod: this.pod,
        caller,
        interface: name,
        function: called,
        arguments: args,
        nowMs: this.nowMs,
        seed,
        handle,
        many: handle !== undefined,
        ...more,
      },
    });
    const give = (data: Uint8Array) => {
      session.input.push(data);
      this.#giveInput(invocation, session);
      return settleDown();
    };
    return {
      ended: promise,
      feed: (text) => give(encodeUtf8(text)),
      endInput: () => give(new Uint8Array()),
      cancel: () => {
        this.#send({ tag: "cancel", val: invocation });
        return settleDown();
      },
    };
  }

  /** Runs words on the command line for the owner; all standard input is there at once. */
  async command(argv: readonly string[], stdin = ""): Promise<Ended> {
    const args = JSON.stringify([argv, false]);
    const begun = this.begin({ person: this.owner }, "peri:face/command", "run", args);
    if (stdin !== "") await begun.feed(stdin);
    await begun.endInput();
    return await this.#after(begun);
  }

  /** Calls a function as another pod, or as the owner. */
  async call<Arguments extends readonly unknown[], Result>(
    ref: FunctionRef<Arguments, Result>,
    args: NoInfer<Arguments>,
    caller: WireCaller = { person: this.owner },
  ): Promise<Ended> {
    return await this.#after(this.begin(caller, ref.interface, ref.function, JSON.stringify(args)));
  }

  /** Calls a function of a class with native arguments; the result is as it travels. */
  async ask<Class, Name extends FunctionName<Class>>(
    of: CapabilityClass<Class>,
    method: Name,
    args: ArgumentsOf<Class[Name]>,
    caller: WireCaller = { person: this.owner },
  ): Promise<Ended> {
    const shape = shapeOf(of, method);
    const wire = JSON.stringify(codecOf(shape).encodeArguments(args));
    return await this.#after(this.begin(caller, of.shape.interface, shape.name, wire));
  }

  /** Opens a stream of a function; the handle names it. */
  async open<Arguments extends readonly unknown[], Item>(
    ref: FunctionRef<Arguments, Stream<Item>>,
    args: NoInfer<Arguments>,
    handle: string,
    caller: WireCaller = { person: this.owner },
  ): Promise<Ended> {
    const { interface: name, function: called } = ref;
    return await this.#after(this.begin(caller, name, called, JSON.stringify(args), handle));
  }

  /** Tells the pod that a stream is over: its caller has cancelled it, or its time has passed. */
  async endStream(handle: string): Promise<Ended> {
    const caller = { person: this.owner };
    return await this.#after(this.begin(caller, "", "cancelled", JSON.stringify([handle])));
  }

  /** Answers a post: runs its continuation, if it has one. */
  async answer(
    post: WirePost,
    answer: Answer<unknown> | Part<unknown>,
  ): Promise<Ended | undefined> {
    const { continuation, person, pod } = post;
    if (continuation === undefined) return undefined;
    const args = `[${continuation.note},${JSON.stringify(answer)}]`;
    return await this.#after(this.begin({ person, pod }, "", continuation.function, args));
  }

  /** Lets time pass, and runs what is due meanwhile, one after the other. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    for (let next; (next = this.timers.next(endMs)) !== undefined;) {
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      this.errands.push(next.post);
      while (!this.holdsErrands && await this.runErrand() !== undefined);
    }
    this.nowMs = endMs;
    await settleDown();
  }

  /** Runs the oldest errand; undefined when there is none. */
  async runErrand(): Promise<Ended | undefined> {
    const { continuation, arguments: payload } = this.errands.shift() ?? {};
    if (continuation === undefined) return undefined;
    const caller = { person: this.owner, pod: this.pod };
    const args = `[${continuation.note},{"ok":${payload}}]`;
    return await this.begin(caller, "", continuation.function, args).ended;
  }

  async #after(begun: Begun): Promise<Ended> {
    const ended = await begun.ended;
    while (!this.holdsErrands && await this.runErrand() !== undefined);
    return ended;
  }

  /** Lets everything happen that needs nothing from outside. */
  async settle(): Promise<void> {
    await settleDown();
  }

  /** The rows of a table, parsed, in order. */
  rows(table: string): [key: string, value: unknown][] {
    const rows = [...this.tables.get(table) ?? []].sort(([a], [b]) => compareKeys(a, b));
    return rows.map(([key, text]) => [key, JSON.parse(text)]);
  }

  /** Takes a line of the log. */
  log(level: string, line: string): void {
    this.logs.push({ level, line });
  }

  /** Takes a request; its answer is an event of its own. */
  request(invocation: number, step: number, operation: string, argument: string): void {
    const session = this.#sessions.get(invocation);
    if (session === undefined) throw new Error("a request of a run that has ended");
    if (operation === "input-read") {
      session.readStep = step;
      return this.#giveInput(invocation, session);
    }
    if (operation === "idle") {
      const outcome = { tag: "ok", val: "null" } as const;
      // When nothing is left that the pod could do by itself.
      setImmediate(() => this.#send({ tag: "settled", val: { invocation, step, outcome } }));
      return;
    }
    const outcome = this.#answerRequest(operation, JSON.parse(argument));
    this.#send({ tag: "settled", val: { invocation, step, outcome } });
  }

  /** Does effects before the run ends. */
  commit(invocation: number, effects: WireEffects): void {
    this.#apply(this.#sessions.get(invocation)!, effects);
  }

  /** Lets a run for a person wait for answers; others end, and a later run answers their handle. */
  suspend(invocation: number, effects: WireEffects): void {
    const session = this.#sessions.get(invocation);
    if (session === undefined) throw new Error("a run waits that has ended");
    this.#apply(session, effects);
    if (session.isVisit) return;
    this.#sessions.delete(invocation);
    session.resolve({ isLater: true, stdout: session.shown[1], stderr: session.shown[2] });
  }

  /** The pod is started anew: nothing is left of it but its tables. */
  restart(): void {
    this.#sessions.clear();
    this.#events = [];
    this.#engine = this.#start();
  }

  /** An instance whose voice is not heard any more when the next one has started. */
  #start(): Engine {
    const voice = (say: (...words: never[]) => void) => (...words: unknown[]) => {
      if (this.#engine === engine) say(...words as never[]);
    };
    const host: Host = {
      log: voice(this.log.bind(this)),
      request: voice(this.request.bind(this)),
      commit: voice(this.commit.bind(this)),
      suspend: voice(this.suspend.bind(this)),
      finish: voice(this.finish.bind(this)),
    };
    const engine = new Engine(this.#make, host, this.about);
    return engine;
  }

  /** Ends a run. */
  finish(invocation: number, effects: WireEffects, outcome: WireOutcome): void {
    const session = this.#sessions.get(invocation);
    if (session === undefined) throw new Error("a run has ended twice");
    this.#sessions.delete(invocation);
    this.#apply(session, effects);
    const shown = { stdout: session.shown[1], stderr: session.shown[2] };
    session.resolve(
      outcome.tag === "ok"
        ? { result: JSON.parse(outcome.val), ...shown }
        : { failure: outcome.val, ...shown },
    );
  }

  #apply(session: Session, { writes, posts, answers, cancels, outputs }: WireEffects): void {
    for (const { table, key, value } of writes) {
      const rows = this.tables.get(table) ?? new Map<string, string>();
      if (value === undefined) rows.delete(key);
      else rows.set(key, value);
      this.tables.set(table, rows);
    }
    for (const key of cancels) this.timers.cancel(key);
    for (const post of posts) this.#takePost(post);
    this.answers.push(...answers);
    this.cancels.push(...cancels);
    for (const { fd, data } of outputs) session.shown[fd] += decodeUtf8(data);
  }

  #takePost(post: WirePost): void {
    if (post.interface !== "") this.posts.push(post);
    else if (post.deadlineMs !== undefined) this.timers.take(post, this.nowMs);
    else this.errands.push(post);
  }

  #answerRequest(operation: string, argument: Record<string, unknown>): WireOutcome {
    const ok = (value: unknown): WireOutcome => ({ tag: "ok", val: JSON.stringify(value) });
    if (operation.startsWith("state-")) {
      return ok(answerState(this.tables, operation, argument, this.pageSize));
    }
    const further = this.answersTo.get(operation);
    return further === undefined ? answerPerson(this, operation, argument) : ok(further(argument));
  }

  #giveInput(invocation: number, session: Session): void {
    const { readStep: step } = session;
    const data = session.input[0];
    if (step === undefined || data === undefined) return;
    delete session.readStep;
    // The end stays where it is, so that whoever reads on sees it again.
    if (data.length > 0) session.input.shift();
    const val = JSON.stringify({ end: data.length === 0 });
    this.#send({ tag: "chunk", val: { invocation, data } });
    this.#send({ tag: "settled", val: { invocation, step, outcome: { tag: "ok", val } } });
  }

  /** Events of one moment travel together, after the pod has come back. */
  #send(event: WireEvent): void {
    this.#events.push(event);
    if (this.#events.length === 1) this.#deliver();
  }

  #deliver(): void {
    const { stride } = this;
    const soon = stride === undefined ? queueMicrotask : setImmediate;
    soon(() => {
      const events = this.#events.splice(0, stride?.() ?? Infinity);
      if (this.#events.length > 0) this.#deliver();
      this.#engine.dispatch(events);
    });
  }
}

/** Lets everything happen that needs nothing from outside. */
async function settleDown(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}
