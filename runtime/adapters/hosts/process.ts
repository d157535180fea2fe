/**
 * One pod host process, seen from the periphery. Whatever it says is checked; a host that speaks
 * out of form or does not answer is killed, and its instances end with `host` or `shared`.
 *
 * @module
 */

import type { Cbor } from "../../model/cbor.ts";
import { PeriError } from "../../model/errors.ts";
import type { PodEnd, PodEvent, PodOutput, PodProgram } from "../../model/pod.ts";
import type { Log } from "../../ports/log.ts";
import type { PodBudget, ProgramSource } from "../../ports/sandbox.ts";
import { type Child, killChild, readComplaint, spawnChild } from "../child.ts";
import { formatEvent } from "../host/events.ts";
import { PATIENCE, START_SLICES } from "../host/watcher.ts";
import { encodeFrame, FrameReader } from "../host/frames.ts";
import {
  type FromHost,
  FULL_FRAME,
  hasBytes,
  lengthOf,
  MAX_FROM_HOST_BYTES,
  readFromHost,
  type ToHost,
} from "../host/protocol.ts";
import { Instance, type InstanceHost } from "./instance.ts";
import { type Parts, Shelf } from "./shelf.ts";

/** How to run a host. */
export interface HostOptions {
  readonly script: URL;
  readonly denoPath?: string;
  readonly log?: Log;
  /** Time between two pings. */
  readonly pingMs: number;
  /** See `Confinement`. */
  readonly groups?: string;
  /** Told when it has said its first word, and after which time. */
  spoken?(afterMs: number): void;
}

/** Pings without an answer after which a host is killed. */
const MAX_MISSED = 5;
/** The same before its first word: where a machine has more work than cores, a start takes long. */
const MAX_MISSED_AT_START = 30;
/** JavaScript heap of a host. Guests' memories are outside of it. */
const HEAP_MIB = 1_024;
/** A frame with modules. */
const LARGE_FRAME = 256 * 1024;
/**
 * Where new objects are has few megabytes, so that the memory of pods that have ended is soon seen
 * to be free; with the usual sixteen, that of a hundred pods waited. `gc` is for `host/tidy.ts`.
 */
const V8_FLAGS = ["--max-semi-space-size=2", "--expose-gc"];

/** Of memory, what a host begins with and 64 pods of the usual size, or one of the largest. */
const CONFINEMENT = { files: 64, dataMib: 8 * 1024, nice: 1 };

/** A running host process. */
export class HostProcess implements InstanceHost {
  /** Resolves when the process has ended and all its instances with it. */
  readonly gone: Promise<void>;
  readonly #options: HostOptions;
  readonly #child: Child;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #instances = new Map<number, Instance>();
  readonly #shelf = new Shelf((message) => this.#say(message));
  readonly #pinger: ReturnType<typeof setInterval>;
  readonly #bornMs = performance.now();
  #queue: ToHost[] = [];
  #nextPod = 1;
  /** Instances whose programs are being fetched. */
  #coming = 0;
  /** A guest keeps its host from everything else for so long, on a busy machine some times that. */
  #longestSliceMs = 0;
  #pings = 0;
  #pongs = 0;
  #isOver = false;
  #hasSpoken = false;
  #isReserved = false;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#child = spawnChild({
      script: options.script,
      heapMib: HEAP_MIB,
      v8Flags: V8_FLAGS,
      confinement: {
        ...CONFINEMENT,
        ...(options.groups === undefined ? {} : { groups: options.groups }),
      },
      ...(options.denoPath === undefined ? {} : { denoPath: options.denoPath }),
    });
    this.#writer = this.#child.stdin.getWriter();
    this.#pinger = setInterval(() => this.#ping(), options.pingMs);
    Deno.unrefTimer(this.#pinger as unknown as number);
    this.gone = this.#live();
  }

  /** Whether it no longer takes instances. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether one instance has it for itself. */
  get isReserved(): boolean {
    return this.#isReserved && this.load > 0;
  }

  /** Keeps others out until {@link HostProcess.share} or until it is empty. */
  reserve(): void {
    this.#isReserved = true;
  }

  share(): void {
    this.#isReserved = false;
  }

  /** How many instances live in it or are about to. */
  get load(): number {
    return this.#instances.size + this.#coming;
  }

  /**
   * Starts an instance; resolves when it runs or has ended before it ran.
   *
   * @throws {PeriError} when its program is not to be had.
   */
  async start(
    program: PodProgram | ProgramSource,
    budget: PodBudget,
    hear: (output: PodOutput) => void,
  ): Promise<Instance> {
    const parts = await this.#take(program);
    const instance = new Instance(this.#nextPod++, program.component, this, hear);
    this.#longestSliceMs = Math.max(this.#longestSliceMs, budget.sliceMs);
    if (this.#isOver) {
      instance.end("host");
      return instance;
    }
    this.#instances.set(instance.id, instance);
    const { memoryBytes, sliceMs, recalls = false, group = "" } = budget;
    this.#say({ kind: "start", pod: instance.id, ...parts, memoryBytes, sliceMs, recalls, group });
    await instance.started;
    return instance;
  }

  async #take(program: PodProgram | ProgramSource): Promise<Parts> {
    this.#coming++;
    try {
      return await this.#shelf.take(program);
    } finally {
      this.#coming--;
    }
  }

  dispatch(pod: number, events: readonly PodEvent[]): void {
    this.#say({ kind: "events", pod, events: events.map(formatEvent) });
  }

  stop(pod: number): void {
    this.#say({ kind: "stop", pod });
    this.#release(pod);
  }

  /** Ends all instances and the process; resolves when it is gone. */
  async close(): Promise<void> {
    this.#endAll("stopped");
    killChild(this.#child);
    await this.gone;
  }

  /** Everything from spawn to the end. */
  async #live(): Promise<void> {
    const complaint = readComplaint(this.#child);
    try {
      await this.#listen();
    } catch (cause) {
      this.#options.log?.error("pod host out of form", cause);
    }
    this.#isOver = true;
    clearInterval(this.#pinger);
    killChild(this.#child);
    const { code, signal } = await this.#child.status;
    const said = await complaint;
    await this.#writer.abort().catch(() => undefined);
    if (this.#instances.size > 0) {
      const instances = this.#instances.size;
      const fields = { code, signal: signal ?? undefined, instances, said };
      this.#options.log?.warn("pod host ended", fields);
    }
    // Which of several has ended it nobody can tell.
    this.#endAll(this.#instances.size > 1 ? "shared" : "host");
  }

  #endAll(reason: PodEnd): void {
    const instances = [...this.#instances.values()];
    this.#instances.clear();
    for (const instance of instances) instance.end(reason);
  }

  async #listen(): Promise<void> {
    const frames = new FrameReader(MAX_FROM_HOST_BYTES);
    for await (const piece of this.#child.stdout) {
      for (const frame of frames.push(piece)) readFromHost(frame).forEach((m) => this.#hear(m));
    }
  }

  /** Its first word: pings that it could not answer while it started are forgotten. */
  #begin(): void {
    this.#hasSpoken = true;
    this.#pongs = this.#pings;
    this.#options.spoken?.(performance.now() - this.#bornMs);
  }

  #hear(message: FromHost): void {
    if (!this.#hasSpoken) this.#begin();
    if (message.kind === "pong") {
      this.#pongs = Math.max(this.#pongs, Math.min(message.count, this.#pings));
      for (const { pod, memoryBytes } of message.grown) {
        this.#instances.get(pod)?.grow(memoryBytes);
      }
      return;
    }
    // What an instance said before it was told to stop may still be on the way.
    const instance = this.#instances.get(message.pod);
    if (instance === undefined) return;
    if (message.kind === "started") instance.begin(message.memoryBytes);
    else if (message.kind === "outputs") this.#pass(instance, message.outputs);
    else {
      if (message.note !== "") {
        this.#pass(instance, [{ kind: "log", level: "error", line: message.note }]);
      }
      this.#release(message.pod);
      instance.end(message.end);
    }
  }

  /** A mistake in a hearer is not the host's fault. */
  #pass(instance: Instance, outputs: readonly PodOutput[]): void {
    try {
      instance.hear(outputs);
    } catch (cause) {
      this.#options.log?.error("pod output not taken", cause);
    }
  }

  #release(pod: number): void {
    const instance = this.#instances.get(pod);
    if (instance === undefined) return;
    this.#instances.delete(pod);
    this.#shelf.release(instance.component);
  }

  /** Messages of one turn of the event loop travel in one frame. */
  #say(message: ToHost): void {
    if (this.#isOver) return;
    this.#queue.push(message);
    if (this.#queue.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const queue = this.#queue;
    this.#queue = [];
    let first = 0;
    let length = 0;
    for (let at = 0; at < queue.length; at++) {
      length += lengthOf(queue[at]!);
      if (length < FULL_FRAME && at + 1 < queue.length) continue;
      this.#write(queue.slice(first, at + 1));
      first = at + 1;
      length = 0;
    }
  }

  #write(messages: readonly ToHost[]): void {
    const frame = encodeFrame(messages as unknown as Cbor[], messages.some(hasBytes));
    // A host that is gone shows in its output.
    this.#writer.write(frame).catch(() => undefined).finally(() => {
      // The megabytes of a program are given back at once: V8 would see them late.
      if (frame.length > LARGE_FRAME) frame.buffer.transfer(0);
    });
  }

  #mostMissed(): number {
    const longestMs = this.#longestSliceMs * START_SLICES * PATIENCE;
    const slice = Math.ceil(longestMs / this.#options.pingMs);
    return Math.max(this.#hasSpoken ? MAX_MISSED : MAX_MISSED_AT_START, slice);
  }

  #ping(): void {
    const most = this.#mostMissed();
    if (this.#pings - this.#pongs >= most) {
      const subject = `it did not answer ${most} pings`;
      const cause = new PeriError("busy", { op: "reach pod host", subject });
      this.#options.log?.error("pod host killed", cause, { instances: this.#instances.size });
      killChild(this.#child);
    } else if (this.#instances.size > 0) {
      this.#say({ kind: "ping", count: ++this.#pings });
    }
  }
}
