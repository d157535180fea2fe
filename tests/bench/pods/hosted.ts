/**
 * Pods in the hosts of peri, without a supervisor: events go in and what they say comes out.
 *
 * @module
 */

import { openHosts } from "../../../runtime/adapters/hosts.ts";
import { POD_MEMORY_BYTES, POD_SLICE_MS } from "../../../runtime/model/limits.ts";
import type { PodOutput, PodProgram } from "../../../runtime/model/pod.ts";
import type { PodInstance, Sandbox } from "../../../runtime/ports/sandbox.ts";
import { callOf } from "./event.ts";

/** What every pod may use. */
export const BUDGET = { memoryBytes: POD_MEMORY_BYTES, sliceMs: POD_SLICE_MS };

/** Who can be called. */
export interface Callable {
  /** Calls a pod that does nothing; resolves when the run has ended. */
  call(pod: number): Promise<void>;
}

/** Pods in one host. */
export interface Hosted extends Callable, AsyncDisposable {
  readonly hosts: Sandbox;
  /** Starts one more; resolves when it runs. */
  start(program: PodProgram): Promise<PodInstance>;
}

/** Opens one host with nothing in it. */
export function openHosted(): Hosted {
  const hosts = openHosts({ count: 1 });
  const instances: PodInstance[] = [];
  const waiting = new Map<number, PromiseWithResolvers<void>>();
  let calls = 0;
  const hear = (output: PodOutput) => {
    if (output.kind === "log") console.error(output.line);
    if (output.kind !== "finish") return;
    waiting.get(output.invocation)!.resolve();
    waiting.delete(output.invocation);
  };
  return {
    hosts,
    async start(program) {
      const instance = await hosts.start(program, BUDGET, hear);
      instances.push(instance);
      return instance;
    },
    async call(pod) {
      const event = callOf(++calls, "noop");
      const ended = Promise.withResolvers<void>();
      waiting.set(event.invocation, ended);
      instances[pod]!.dispatch([event]);
      await ended.promise;
    },
    [Symbol.asyncDispose]: () => hosts.close(),
  };
}

/** Microseconds of each of so many calls, over all pods in turn, so many at once. */
export async function timeCalls(
  { call }: Callable,
  { count, pods, width }: { readonly count: number; readonly pods: number; readonly width: number },
): Promise<number> {
  let begun = 0;
  const line = async () => {
    while (begun < count) await call(begun++ % pods);
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: width }, line));
  return (performance.now() - startMs) * 1000 / count;
}
