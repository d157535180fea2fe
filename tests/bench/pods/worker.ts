/**
 * A plain Deno worker with pods, seen from the bench.
 *
 * @module
 */

import { callOf } from "./event.ts";
import type { Callable } from "./hosted.ts";
import type { Told } from "./raw_worker.ts";

const script = new URL("raw_worker.ts", import.meta.url).href;

/** Starts a worker with instances of what jco made of a component. */
export async function openWorker(folder: string, pods: number): Promise<Callable & Disposable> {
  const worker = new Worker(script, { type: "module" });
  const waiting = new Map<number, PromiseWithResolvers<void>>();
  const tell = (id: number, told: Told) => {
    const answer = Promise.withResolvers<void>();
    waiting.set(id, answer);
    worker.postMessage(told);
    return answer.promise;
  };
  worker.onmessage = ({ data: { id } }: MessageEvent<{ readonly id: number }>) => {
    waiting.get(id)!.resolve();
    waiting.delete(id);
  };
  await tell(0, { folder, pods });
  let calls = 0;
  return {
    call: (pod) => tell(++calls, { id: calls, pod, event: callOf(calls, "noop") }),
    [Symbol.dispose]: () => worker.terminate(),
  };
}
