/**
 * Pods that are functions: their sandbox, their manifests and a compiler that reads these.
 *
 * @module
 */

import { formatEvent } from "../../runtime/adapters/host/events.ts";
import { Recall } from "../../runtime/adapters/host/recall.ts";
import { encodeUtf8, formatHex, sha256 } from "../../runtime/model/bytes.ts";
import { errorFromRecord, PeriError } from "../../runtime/model/errors.ts";
import type {
  Effects,
  Manifest,
  Offer,
  PodEnd,
  PodEvent,
  PodOutput,
  PodProgram,
  RunOutcome,
  WantedPost,
} from "../../runtime/model/pod.ts";
import {
  type BlobId,
  type CapabilityId,
  type FunctionId,
  type FunctionName,
  type InterfaceName,
  parseFingerprint,
  parsePodName,
} from "../../runtime/model/words.ts";
import {
  type Compiler,
  fetchProgram,
  type PodBudget,
  type PodInstance,
  type ProgramSource,
  type Sandbox,
} from "../../runtime/ports/sandbox.ts";

/** Who calls, and is called by, the pods of tests. */
export const BOB = parseFingerprint("B".repeat(40));

/** One run as a pod's code sees it. */
export interface GuestRun {
  readonly call: Extract<PodEvent, { kind: "call" }>;
  readonly args: readonly unknown[];
  readonly isCancelled: boolean;
  get(table: string, key: string): Promise<unknown>;
  list(argument: Record<string, unknown>): Promise<[string, string][]>;
  request(operation: string, argument: unknown): Promise<unknown>;
  put(table: string, key: string, value: unknown): void;
  post(post: Partial<WantedPost>): void;
  print(text: string): void;
  read(): Promise<Uint8Array>;
  /** Speaks past all rules. */
  say(output: PodOutput): void;
  log(line: string): void;
  die(reason: PodEnd): Promise<never>;
}

/** A pod's code: the result, or a thrown error. */
export type Guest = (run: GuestRun) => Promise<unknown> | unknown;

interface Running {
  readonly invocation: number;
  readonly pending: Map<number, PromiseWithResolvers<string>>;
  chunk: Uint8Array;
  isCancelled: boolean;
}

/** Runs guests one at a time, as the SDK's engine does. */
export class FakeSandbox implements Sandbox {
  readonly guests = new Map<BlobId, Guest>();
  /** What versions do when they begin; the others know no such function. */
  readonly beginnings = new Map<BlobId, Guest>();
  readonly instances: FakeInstance[] = [];
  /** Thrown by the next starts. */
  startFault: PeriError | undefined;

  async start(
    program: PodProgram | ProgramSource,
    budget: PodBudget,
    hear: (output: PodOutput) => void,
  ): Promise<PodInstance> {
    const { component } = await fetchProgram(program);
    if (this.startFault !== undefined) throw this.startFault;
    const guest = this.guests.get(component)!;
    const begin = this.beginnings.get(component) ?? unknown;
    const instance: FakeInstance = new FakeInstance(
      async (run) => {
        if (!isBeginning(run)) return await guest(run);
        // One that tries a version is none of those that work.
        this.instances.splice(this.instances.indexOf(instance), 1);
        return await begin(run);
      },
      hear,
      budget,
    );
    this.instances.push(instance);
    return instance;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function isBeginning({ call }: GuestRun): boolean {
  return call.interface === "" && call.function === "installed";
}

function unknown(): never {
  const subject = "there is no such function";
  throw new PeriError("missing-implementation", { op: "begin", subject });
}

/** A running guest. */
export class FakeInstance implements PodInstance {
  readonly #end = Promise.withResolvers<PodEnd>();
  readonly #runs = new Map<number, Running>();
  readonly #guest: Guest;
  readonly #hear: (output: PodOutput) => void;
  readonly #recall: Recall | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  isOver = false;
  calls = 0;
  isAlone: boolean;

  constructor(guest: Guest, hear: (output: PodOutput) => void, readonly budget: PodBudget) {
    this.#guest = guest;
    this.#hear = hear;
    this.#recall = budget.recalls ? new Recall() : undefined;
    this.isAlone = budget.isAlone ?? false;
  }

  get ended(): Promise<PodEnd> {
    return this.#end.promise;
  }

  share(): void {
    this.isAlone = false;
  }

  stop(): void {
    this.end("stopped");
  }

  end(reason: PodEnd): void {
    this.isOver = true;
    this.#end.resolve(reason);
  }

  dispatch(events: readonly PodEvent[]): void {
    // Another process: nothing happens before the caller has gone on.
    queueMicrotask(() => {
      for (const event of events) {
        this.#recall?.told(formatEvent(event));
        this.#take(event);
      }
    });
  }

  /** As a pod host does: what is known of its rows is answered here. */
  #say(output: PodOutput): void {
    if (this.isOver) return;
    this.#recall?.said(output);
    const answer = output.kind === "request" ? this.#recall?.answer(output) : undefined;
    if (output.kind !== "request" || answer === undefined) return this.#hear(output);
    this.#hear({ ...output, answer });
    const { invocation, step } = output;
    const outcome = { ok: answer };
    queueMicrotask(() => this.#take({ kind: "settled", invocation, step, outcome }));
  }

  #take(event: PodEvent): void {
    if (this.isOver) return;
    if (event.kind === "call") {
      this.calls++;
      const running = {
        invocation: event.invocation,
        pending: new Map(),
        chunk: new Uint8Array(),
        isCancelled: false,
      };
      this.#runs.set(event.invocation, running);
      this.#turn = this.#turn.then(() => this.#run(event, running));
      return;
    }
    const running = this.#runs.get(event.invocation);
    if (running === undefined) return;
    if (event.kind === "chunk") running.chunk = event.data;
    if (event.kind === "cancel") running.isCancelled = true;
    if (event.kind === "settled") {
      const { outcome } = event;
      const waiting = running.pending.get(event.step);
      if ("ok" in outcome) waiting?.resolve(outcome.ok);
      else waiting?.reject(errorFromRecord(outcome.error));
    }
  }

  /** Resolves when the run ends or gives way to others while it waits for input. */
  #run(call: Extract<PodEvent, { kind: "call" }>, running: Running): Promise<void> {
    const { invocation } = call;
    const yielded = Promise.withResolvers<void>();
    let giveWay = yielded.resolve;
    const say = (output: PodOutput) => this.#say(output);
    let effects = emptyEffects();
    let steps = 0;
    const request = async (operation: string, argument: unknown) => {
      const step = ++steps;
      const answer = Promise.withResolvers<string>();
      running.pending.set(step, answer);
      say({ kind: "request", invocation, step, operation, argument: JSON.stringify(argument) });
      return JSON.parse(await answer.promise);
    };
    const run: GuestRun = {
      call,
      args: JSON.parse(call.arguments),
      get isCancelled() {
        return running.isCancelled;
      },
      request,
      get: async (table, key) => {
        const text = await request("state-get", { table, key }) as string | null;
        return text === null ? undefined : JSON.parse(text);
      },
      list: async (argument) => await request("state-list", argument) as [string, string][],
      put: (table, key, value) => {
        const write = value === undefined
          ? { table, key }
          : { table, key, value: JSON.stringify(value) };
        effects.writes.push(write);
      },
      post: (post) => effects.posts.push({ ...POST, ...post }),
      print: (text) => effects.outputs.push({ fd: 1, data: encodeUtf8(text) }),
      read: async () => {
        say({ kind: "commit", invocation, effects });
        effects = emptyEffects();
        giveWay();
        await request("input-read", {});
        const mine = Promise.withResolvers<void>();
        const others = this.#turn;
        this.#turn = others.then(() => mine.promise);
        await others;
        giveWay = mine.resolve;
        return running.chunk;
      },
      say,
      log: (line) => say({ kind: "log", level: "info", line }),
      die: (reason) => {
        this.end(reason);
        return new Promise(() => {});
      },
    };
    const finish = (outcome: RunOutcome) => {
      const done = "ok" in outcome ? effects : emptyEffects();
      say({ kind: "finish", invocation, effects: done, outcome });
      giveWay();
    };
    Promise.resolve().then(() => this.#guest(run)).then(
      (result) => finish({ ok: JSON.stringify(result ?? null) }),
      (thrown) => {
        const subject = thrown instanceof PeriError ? thrown.subject : String(thrown);
        const kind = thrown instanceof PeriError ? thrown.kind : "internal";
        finish({ error: { kind, op: "run", subject } });
      },
    );
    return yielded.promise;
  }
}

type Mutable<Part> = Part extends readonly (infer Item)[] ? Item[] : never;

function emptyEffects(): { [Name in keyof Effects]: Mutable<Effects[Name]> } {
  return { writes: [], posts: [], answers: [], cancels: [], outputs: [] };
}

/** What the test pod offers: `add(n: u32) -> u32` for pods, its face for people. */
export const COUNT: Offer = {
  interface: "test:counter/count" as InterfaceName,
  capability: "c".repeat(64) as CapabilityId,
  functions: {
    ["add" as FunctionName]: {
      id: "d".repeat(64) as FunctionId,
      type: { params: [["n", "u32"]], result: "u32" },
    },
  },
};

const FACE: Offer = {
  interface: "peri:face/command" as InterfaceName,
  capability: "e".repeat(64) as CapabilityId,
  functions: {
    ["run" as FunctionName]: { id: "f".repeat(64) as FunctionId, type: null },
    ["verbs" as FunctionName]: { id: "0".repeat(64) as FunctionId, type: null },
  },
};

const POST: WantedPost = {
  person: BOB,
  pod: "counter",
  capability: COUNT.capability,
  interface: COUNT.interface,
  function: "add",
  functionId: "d".repeat(64),
  arguments: "[1]",
};

/** The manifest of a test pod. */
export function manifestOf(name: string, version = "1.0.0"): Manifest {
  const about = "A pod for tests";
  return { name: parsePodName(name), version, about, offers: [FACE, COUNT], needs: [] };
}

/** The component of a test pod: its manifest as JSON. */
export function componentOf(name: string, version = "1.0.0"): Uint8Array<ArrayBuffer> {
  return encodeUtf8(JSON.stringify(manifestOf(name, version)));
}

/** The id of a component. */
export function idOf(component: Uint8Array): BlobId {
  return formatHex(sha256(component)) as BlobId;
}

/** Reads what {@link componentOf} writes. */
export class FakeCompiler implements Compiler {
  inspect(component: Uint8Array): Promise<Manifest> {
    return Promise.resolve(JSON.parse(new TextDecoder().decode(component)));
  }

  compile(component: Uint8Array): Promise<PodProgram> {
    return Promise.resolve({ component: idOf(component), script: "", modules: new Map() });
  }
}

/** A pod that counts what it is given: `sum` grows by n, `log/<n>` is written once per call. */
export const counter: Guest = async (run) => {
  const [n] = run.args as [number];
  const sum = (await run.get("count", "sum") as number | undefined ?? 0) + n;
  const runs = (await run.get("count", "runs") as number | undefined ?? 0) + 1;
  run.put("count", "sum", sum);
  run.put("count", "runs", runs);
  return sum;
};
