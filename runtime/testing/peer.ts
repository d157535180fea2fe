/**
 * Functions of pods as a test calls them, for one person: a pod of theirs that does what the test
 * asks it, so that calls go the whole way from outbox to answer.
 *
 * @module
 */

import { COMMAND } from "../../pods/sdk/command.ts";
import { type CapabilityClass, openPeer, type PeerPort } from "../../pods/sdk/peer.ts";
import { HandPod } from "../../pods/sdk/testing/hand.ts";
import type { Run } from "../../pods/sdk/run.ts";
import type { InterfaceShape } from "../../pods/sdk/shape.ts";
import type { ErrorClasses } from "../../pods/sdk/typed.ts";
import { type DescribedInterface, describeInterface } from "../../wit/describe.ts";
import type { FunctionType } from "../../wit/types.ts";
import { POD_WORLD } from "../adapters/jco/world.ts";
import type { BuiltPod } from "./guests.ts";

/** Name of the pod that calls. */
export const CALLER = "caller";

/** What is called, and where. */
export interface Target {
  readonly shape: InterfaceShape;
  readonly errors: ErrorClasses;
  /** Fingerprint of the person. */
  readonly of: string;
  /** Name of their pod. */
  readonly pod: string;
  readonly deadlineMs?: number;
}

/** What calling needs of whoever calls. */
export interface CallerPort {
  /** Runs words of the pod {@link CALLER}, after it may call this interface. */
  run(needs: InterfaceShape, words: readonly string[], signal: AbortSignal): Promise<unknown>;
  /** Lets time pass until a promise is settled. */
  drive<Value>(work: Promise<Value>, what: string): Promise<Value>;
}

/** Work that a test has for a run, by its number. */
const jobs = new Map<string, (run: PeerPort) => Promise<void>>();
let count = 0;

/** See the module. */
class Caller extends HandPod {
  constructor(run: Run) {
    super(run);
    this.verb("do", "<job>", "Does what a test asks.", ([job]) => jobs.get(job!)!(run));
  }
}

/** The pod that calls, which may call these interfaces. */
export function makeCaller(needs: readonly InterfaceShape[]): BuiltPod {
  const manifest = {
    format: 1,
    world: POD_WORLD,
    name: CALLER,
    version: "0.1.0",
    about: "Calls pods for a test.",
    offers: [describeInterface({ name: COMMAND, functions: COMMAND_FUNCTIONS })],
    needs: needs.map(describeShape),
  };
  return { manifest, make: Caller };
}

/** The functions of a target; every call is a run of its own. */
export function openCalls(port: CallerPort, target: Target): object {
  const { shape, errors, of, pod: name, deadlineMs } = target;
  const at = { of, name, ...deadlineMs !== undefined && { deadlineMs } };
  const methodOf = (run: PeerPort, method: string) =>
    (openPeer(run, shape, errors, at) as Record<string, (...args: unknown[]) => unknown>)[method]!;
  const calls: Record<string, (...args: unknown[]) => unknown> = {};
  for (const { method, result } of shape.functions) {
    const what = `${shape.interface}#${method}`;
    const isStream = typeof result === "object" && result !== null && "stream" in result;
    calls[method] = isStream
      ? (...args) =>
        follow(
          port,
          target,
          what,
          (run) => methodOf(run, method)(...args) as AsyncIterable<unknown>,
        )
      : (...args) =>
        callOnce(port, target, what, (run) => methodOf(run, method)(...args) as Promise<unknown>);
  }
  return calls;
}

async function callOnce(
  port: CallerPort,
  { shape }: Target,
  what: string,
  call: (run: PeerPort) => Promise<unknown>,
): Promise<unknown> {
  const answer = Promise.withResolvers<unknown>();
  const ended = runJob(port, shape, (run) => call(run).then(answer.resolve, answer.reject));
  answer.promise.catch(() => {});
  // Whatever keeps the run from its end keeps it from an answer, too.
  ended.catch(answer.reject);
  return await port.drive(answer.promise, what);
}

/** Whoever leaves the loop ends the run, which ends its call. */
async function* follow(
  port: CallerPort,
  { shape }: Target,
  what: string,
  open: (run: PeerPort) => AsyncIterable<unknown>,
): AsyncGenerator<unknown> {
  const items: unknown[] = [];
  let more = Promise.withResolvers<void>();
  const leaving = new AbortController();
  let isOver = false;
  const ended = runJob(port, shape, async (run) => {
    for await (const item of open(run)) {
      items.push(item);
      more.resolve();
    }
  }, leaving.signal).finally(() => isOver = true);
  ended.catch(() => {});
  try {
    for (;;) {
      while (items.length > 0) yield items.shift();
      if (isOver) return await ended;
      more = Promise.withResolvers();
      await port.drive(Promise.race([more.promise, ended]), what);
    }
  } finally {
    leaving.abort();
    await port.drive(ended.catch(() => {}), `${what} is left`);
  }
}

/** Has a run do something; rejects with what that throws, or what keeps the run from its end. */
async function runJob(
  port: CallerPort,
  shape: InterfaceShape,
  work: (run: PeerPort) => Promise<void>,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const job = `${++count}`;
  let thrown: { readonly error: unknown } | undefined;
  jobs.set(job, async (run) => {
    try {
      await work(run);
    } catch (error) {
      // The error itself, not what would be left of it after the periphery.
      thrown = { error };
    }
  });
  try {
    await port.run(shape, ["do", job], signal);
  } finally {
    jobs.delete(job);
  }
  if (thrown !== undefined) throw thrown.error;
}

/** An interface as a manifest has it. */
function describeShape({ interface: name, functions }: InterfaceShape): DescribedInterface {
  const types = functions.map(({ name, params, result }): [string, FunctionType] => [
    name,
    { params, result } as FunctionType,
  ]);
  return describeInterface({ name, functions: new Map(types) });
}

/** `peri:face/command` of wit/face.wit. */
const COMMAND_FUNCTIONS: ReadonlyMap<string, FunctionType> = new Map<string, FunctionType>([
  ["verbs", {
    params: [],
    result: {
      list: { record: [["name", "string"], ["usage", "string"], ["about", "string"]] },
    },
  }],
  ["run", { params: [["argv", { list: "string" }], ["terminal", "bool"]], result: "u8" }],
  ["complete", { params: [["argv", { list: "string" }]], result: { list: "string" } }],
]);

/** A class by which others call an interface; the build generates it. */
export type Client<Class> = CapabilityClass<Class>;
