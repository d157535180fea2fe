/**
 * A sandbox for tests: pods are plain functions in this process. It keeps the contract of the
 * port (order, one event at a time, silence after the end) and nothing of its isolation.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import type { PodEnd, PodEvent, PodOutput, PodProgram } from "../../model/pod.ts";
import {
  fetchProgram,
  type PodBudget,
  type PodInstance,
  type ProgramSource,
  type Sandbox,
} from "../../ports/sandbox.ts";
import { formatEvent } from "../host/events.ts";
import { readOutput } from "../host/outputs.ts";
import { Recall } from "../host/recall.ts";
import { rest } from "./clock.ts";

/** A pod: opened once per instance, it takes one event at a time and says outputs. */
export type MemoryPod = (
  say: (output: PodOutput) => void,
) => (event: PodEvent) => void | Promise<void>;

/** Thrown by a pod to end as a real one would that went over its budget. */
export class PodOver extends Error {
  constructor(readonly end: PodEnd) {
    super(`stopped: ${end}`);
  }
}

/** Pods by what runs them: a program's component names its pod. */
export class MemorySandbox implements Sandbox {
  readonly #find: (program: PodProgram) => MemoryPod | undefined;
  readonly #said: (what: string) => void;
  readonly #instances = new Set<MemoryInstance>();

  /**
   * @param find the pod that plays a program; `undefined` when it does not start
   * @param said called with what a pod says before that is heard
   */
  constructor(
    find: (program: PodProgram) => MemoryPod | undefined,
    said: (what: string) => void = () => {},
  ) {
    this.#find = find;
    this.#said = said;
  }

  /** Instances that run, for tests that look after what was stopped. */
  get running(): number {
    return this.#instances.size;
  }

  async start(
    program: PodProgram | ProgramSource,
    { recalls = false }: PodBudget,
    hear: (output: PodOutput) => void,
  ): Promise<PodInstance> {
    const pod = this.#find(await fetchProgram(program));
    if (pod === undefined) {
      throw new PeriError("damaged", { op: "start pod", subject: program.component });
    }
    const recall = recalls ? new Recall() : undefined;
    const instance = new MemoryInstance(pod, hear, this.#said, recall);
    this.#instances.add(instance);
    void instance.ended.then(() => this.#instances.delete(instance));
    return instance;
  }

  async close(): Promise<void> {
    for (const instance of this.#instances) instance.stop();
    await Promise.all([...this.#instances].map((instance) => instance.ended));
  }

  /** Ends every instance as a host process does that dies. */
  crash(): void {
    const end = this.#instances.size > 1 ? "shared" : "host";
    for (const instance of this.#instances) instance.end(end);
  }
}

class MemoryInstance implements PodInstance {
  readonly ended: Promise<PodEnd>;
  readonly #hear: (output: PodOutput) => void;
  readonly #react: (event: PodEvent) => void | Promise<void>;
  readonly #ended = Promise.withResolvers<PodEnd>();
  #last: Promise<void> = Promise.resolve();
  /** Until it has come back from its last event. */
  #inside: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(
    pod: MemoryPod,
    hear: (output: PodOutput) => void,
    private readonly said: (what: string) => void,
    private readonly recall: Recall | undefined,
  ) {
    this.#hear = hear;
    this.ended = this.#ended.promise;
    this.#react = pod((output) => this.#say(output));
  }

  dispatch(events: readonly PodEvent[]): void {
    if (this.#isOver) return;
    for (const event of structuredClone(events)) {
      this.recall?.told(formatEvent(event));
      this.#queue(event);
    }
  }

  /** There is one process. */
  share(): void {}

  stop(): void {
    this.end("stopped");
  }

  end(reason: PodEnd): void {
    this.#isOver = true;
    this.#ended.resolve(reason);
  }

  #queue(event: PodEvent): void {
    this.#last = this.#last.then(() => this.#turn(event));
  }

  /** As in a pod host the next event comes when the pod has done what it does with the last. */
  async #turn(event: PodEvent): Promise<void> {
    await this.#inside;
    if (this.#isOver) return;
    this.#inside = new Promise(rest);
    try {
      await this.#react(event);
    } catch (thrown) {
      const line = `stopped: ${thrown instanceof Error ? thrown.message : thrown}`;
      this.#say({ kind: "log", level: "error", line });
      this.end(thrown instanceof PodOver ? thrown.end : "trap");
    }
  }

  #say(output: PodOutput): void {
    if (this.#isOver) return;
    const { kind } = output;
    this.said(kind === "request" ? `${kind} ${output.operation}` : kind);
    if (output.kind === "request" && output.operation === "idle") this.#answerIdle(output);
    else this.#pass(readOutput(structuredClone(output)));
  }

  /** As a pod host does: what is known of its rows is answered here. */
  #pass(output: PodOutput): void {
    this.recall?.said(output);
    const answer = output.kind === "request" ? this.recall?.answer(output) : undefined;
    if (output.kind !== "request" || answer === undefined) return this.#hear(output);
    this.#hear({ ...output, answer });
    const { invocation, step } = output;
    this.#queue({ kind: "settled", invocation, step, outcome: { ok: answer } });
  }

  /** As a pod host does: when nothing is left that the pod could do by itself. */
  #answerIdle({ invocation, step }: { readonly invocation: number; readonly step: number }): void {
    const outcome = { ok: "null" };
    rest(() => this.dispatch([{ kind: "settled", invocation, step, outcome }]));
  }
}
