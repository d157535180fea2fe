/**
 * A Deno worker with instances of a pod, without any host. Told `{folder, pods}` once, then calls
 * `{id, pod, event}`; says `{id}` when the run of a call has ended.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import type { PodEvent } from "../../../runtime/model/pod.ts";
import { loadRaw, type RawPod } from "./raw.ts";

/** What the worker is told. */
export type Told =
  | { readonly folder: string; readonly pods: number }
  | { readonly id: number; readonly pod: number; readonly event: PodEvent };

const pods: RawPod[] = [];

self.onmessage = async ({ data }: MessageEvent<Told>) => {
  if ("folder" in data) {
    const join = await loadRaw(data.folder);
    while (pods.length < data.pods) pods.push(await join());
    return self.postMessage({ id: 0 });
  }
  await pods[data.pod]!.call(data.event);
  self.postMessage({ id: data.id });
};
