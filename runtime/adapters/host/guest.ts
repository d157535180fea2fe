/**
 * One instance of a program inside the host: joins the core modules, gives them their imports and
 * their memory, runs their code under the watchdog.
 *
 * @module
 */

import type { Cbor } from "../../model/cbor.ts";
import { PeriError } from "../../model/errors.ts";
import type { PodOutput } from "../../model/pod.ts";
import { EPOCH, GUARD, parseMemoryImport } from "../jco/guard.ts";
import { readOutput } from "./outputs.ts";
import { MAX_LINE, MAX_SLICE_BYTES, MAX_SLICE_OUTPUTS } from "./protocol.ts";
import type { Recall } from "./recall.ts";
import { makeWasi } from "./wasi.ts";

/** The script of a program, loaded. */
export interface ProgramScript {
  instantiate(
    getCoreModule: (name: string) => WebAssembly.Module,
    imports: Record<string, unknown>,
    instantiateCore: (
      module: WebAssembly.Module,
      imports?: WebAssembly.Imports,
    ) => { exports: WebAssembly.Exports },
  ): Exports | Promise<Exports>;
}

interface Exports {
  readonly guest: { dispatch(events: readonly Cbor[]): Promise<void> };
}

/** What an instance is made of. */
export interface GuestOptions {
  readonly script: ProgramScript;
  readonly modules: ReadonlyMap<string, WebAssembly.Module>;
  readonly memoryBytes: number;
  /** What is known of its rows; none: every request goes to the periphery. */
  readonly recall?: Recall | undefined;
  /** It is to be given this event as soon as it has come back, after others of these. */
  queue(event: Cbor): void;
  /** Runs guest code under the watchdog. @throws whatever the code throws */
  enter<Result>(run: () => Result): Result;
  /** Called inside of guest code when a run has ended. */
  finished(): void;
}

const PAGE_BYTES = 65_536;
/** The request that is answered when the guest has come back. */
const IDLE = "idle";
/** Most memories of one instance. A QuickJS pod has two. */
const MAX_MEMORIES = 8;

/** A running instance. After anything has been thrown out of it, it must not be used again. */
export class Guest {
  /** Shared with the watcher: word 0 stops the guest, word 1 tells that it ran out of memory. */
  readonly epoch: WebAssembly.Memory;
  readonly #options: GuestOptions;
  readonly #memories: WebAssembly.Memory[] = [];
  #exports: Exports | undefined;
  #outputs: PodOutput[] = [];
  #outputCount = 0;
  #outputBytes = 0;

  constructor(options: GuestOptions) {
    this.#options = options;
    this.epoch = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  }

  /** Runs what the program does at its start. @throws when it does not start. */
  async start(): Promise<void> {
    const { script, modules, enter } = this.#options;
    const getModule = (name: string) => {
      const module = modules.get(name);
      if (module === undefined) throw new Error(`no module ${name}`);
      return module;
    };
    this.#exports = await enter(() =>
      script.instantiate(
        getModule,
        this.#imports(),
        (module, imports) => this.#instantiate(module, imports ?? {}),
      )
    );
  }

  /** Gives the guest events; resolves when it has come back. @throws when it broke. */
  async dispatch(events: readonly Cbor[]): Promise<void> {
    this.renew();
    await this.#options.enter(() => this.#exports!.guest.dispatch(events));
  }

  /** From here on it may say as much as at the start of a slice. */
  renew(): void {
    this.#outputCount = 0;
    this.#outputBytes = 0;
  }

  /** What the guest has said since the last call, in order. */
  takeOutputs(): PodOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** Bytes of its memories. */
  get memoryBytes(): number {
    return this.#memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  }

  /** Whether the guest wanted more memory than it may have. */
  get isOverMemory(): boolean {
    if (new Int32Array(this.epoch.buffer)[1] !== 0) return true;
    return this.memoryBytes > this.#options.memoryBytes;
  }

  /** Keeps the guest from ever running again. */
  stop(): void {
    Atomics.store(new Int32Array(this.epoch.buffer), 0, 1);
  }

  #imports(): Record<string, unknown> {
    const log = (level: string, line: string) => {
      this.#say({ kind: "log", level, line: line.slice(0, MAX_LINE) });
    };
    return {
      ...makeWasi({ line: (line) => log("info", line) }),
      "peri:pod/types": {},
      "peri:pod/host": {
        log,
        request: (invocation: number, step: number, operation: string, argument: string) => {
          if (operation === IDLE) return this.#answerIdle(invocation, step);
          this.#ask({ kind: "request", invocation, step, operation, argument });
        },
        commit: (invocation: number, effects: unknown) =>
          this.#say({ kind: "commit", invocation, effects }),
        suspend: (invocation: number, effects: unknown) =>
          this.#say({ kind: "suspend", invocation, effects }),
        finish: (invocation: number, effects: unknown, { tag, val }: GuestOutcome) => {
          const outcome = tag === "ok" ? { ok: val } : { error: val };
          this.#say({ kind: "finish", invocation, effects, outcome });
          this.#options.finished();
        },
      },
      [GUARD]: { charge: (bytes: number) => this.#charge(bytes) },
    };
  }

  #instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports) {
    const all: WebAssembly.Imports = { [GUARD]: this.#guards(module) };
    for (const [from, values] of Object.entries(imports)) {
      const entries = Object.entries(values).map(([name, value]) => [name, plain(value)] as const);
      all[from] = Object.fromEntries(entries);
    }
    const instance = this.#options.enter(() => new WebAssembly.Instance(module, all));
    return { exports: this.#watched(instance.exports) };
  }

  /**
   * The exports as the script gets them. It calls into the guest in many places, some after the
   * answer of `dispatch`; every one of them is put under watch here.
   */
  #watched(exports: WebAssembly.Exports): WebAssembly.Exports {
    const watched: WebAssembly.Exports = {};
    for (const [name, value] of Object.entries(exports)) {
      watched[name] = typeof value === "function" ? this.#watch(value as Call) : value;
    }
    return watched;
  }

  #watch(call: Call): Call {
    const watched = (...parameters: unknown[]) => this.#options.enter(() => call(...parameters));
    plainCalls.set(watched, call);
    return watched;
  }

  /** A guest is typed by its component; what types do not say is checked here. */
  #say(value: unknown): void {
    this.#count();
    const output = readOutput(value);
    this.#options.recall?.said(output);
    this.#outputs.push(output);
  }

  /** What is known here is answered as the periphery would, and it hears of both. */
  #ask(request: PodOutput & { kind: "request" }): void {
    const answer = this.#options.recall?.answer(request);
    if (answer === undefined) return this.#say(request);
    this.#say({ ...request, answer });
    this.#settle(request.invocation, request.step, answer);
  }

  /** Only here is it seen that the guest has come back from all that it was doing. */
  #answerIdle(invocation: number, step: number): void {
    this.#count();
    this.#settle(invocation, step, "null");
  }

  #settle(invocation: number, step: number, val: string): void {
    const outcome = { tag: "ok", val };
    this.#options.queue({ tag: "settled", val: { invocation, step, outcome } });
  }

  #count(): void {
    if (++this.#outputCount <= MAX_SLICE_OUTPUTS) return;
    throw flood(`more than ${MAX_SLICE_OUTPUTS} things`);
  }

  #charge(bytes: number): void {
    this.#outputBytes += bytes;
    if (this.#outputBytes > MAX_SLICE_BYTES) throw flood(`more than ${MAX_SLICE_BYTES} bytes`);
  }

  #guards(module: WebAssembly.Module): WebAssembly.ModuleImports {
    const guards: WebAssembly.ModuleImports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      if (from === GUARD) guards[name] = name === EPOCH ? this.epoch : this.#makeMemory(name);
    }
    return guards;
  }

  #makeMemory(name: string): WebAssembly.Memory {
    const pages = Math.floor(this.#options.memoryBytes / PAGE_BYTES);
    const limits = parseMemoryImport(name);
    if (limits === undefined || this.#memories.length >= MAX_MEMORIES || limits.least > pages) {
      throw new PeriError("over-quota", {
        op: "start pod",
        subject: `it wants more memory than its ${this.#options.memoryBytes} bytes`,
      });
    }
    const maximum = Math.min(limits.most, pages);
    const memory = new WebAssembly.Memory({ initial: limits.least, maximum });
    this.#memories.push(memory);
    return memory;
  }
}

type Call = (...parameters: unknown[]) => unknown;

/** The function of the guest behind each watched one: guests call each other directly. */
const plainCalls = new WeakMap<object, Call>();

function plain(value: WebAssembly.ImportValue): WebAssembly.ImportValue {
  return typeof value === "function" ? plainCalls.get(value) ?? value : value;
}

interface GuestOutcome {
  readonly tag: "ok" | "err";
  readonly val: unknown;
}

function flood(what: string): PeriError {
  return new PeriError("too-large", { op: "hear pod", subject: `it said ${what} at once` });
}
