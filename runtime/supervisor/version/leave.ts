/**
 * A pod leaves, with all its state.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { DRAIN_MS } from "../../model/limits.ts";
import { type BlobId, parsePodName, type PodRef } from "../../model/words.ts";
import type { Store } from "../../ports/store.ts";
import type { Lives } from "../life/lives.ts";
import type { Shares } from "../guests/shares.ts";
import type { PodLogs } from "../log.ts";
import type { Recorder } from "../replay/recorder.ts";
import type { ResidentMap } from "../residents.ts";
import { indexKey, type IndexRow } from "../rows.ts";
import type { Sweeper } from "./sweep.ts";

/** The server's own pod: a key and a behalf, no component. */
export const SERVER_POD = parsePodName("periphery");

/** What leaving works with. */
export interface LeavePorts {
  readonly store: Store;
  readonly residents: ResidentMap;
  readonly lives: Lives;
  readonly logs: PodLogs;
  readonly recorder: Recorder;
  readonly shares: Shares;
}

/**
 * Removes a pod; to be run while no other comes, changes or leaves. It is put back when its life
 * cannot be ended.
 *
 * @throws {PeriError} `not-found`; `denied` for the server's own pod.
 */
export async function leave(ports: LeavePorts, sweeper: Sweeper, ref: PodRef): Promise<void> {
  const { residents, lives } = ports;
  if (residents.isUnreadable(ref)) return await erase(ports, sweeper, ref);
  const pod = residents.get(ref);
  if (pod.component === undefined) throw ownPod(ref, "remove pod");
  residents.remove(ref);
  try {
    await lives.end(ref, DRAIN_MS);
    await markLeaving(ports.store, ref);
  } catch (cause) {
    residents.put(pod);
    lives.begin(pod);
    throw cause;
  }
  await forget(ports, sweeper, ref);
}

/** Removes what is there of a pod that does not work; as {@link leave}. */
export async function erase(ports: LeavePorts, sweeper: Sweeper, ref: PodRef): Promise<void> {
  await markLeaving(ports.store, ref);
  ports.residents.remove(ref);
  await forget(ports, sweeper, ref);
}

/** The index row of a pod that is to be swept away, with every component that it has. */
export function leavingRow(blobs: readonly BlobId[]): IndexRow {
  return { state: "leaving", blobs };
}

/** The server's own pod is not one of its person's. */
export function ownPod({ pod }: PodRef, op: string): PeriError {
  const subject = `${pod} is the server's own pod`;
  return new PeriError("denied", { op, subject, hint: "your pods: peri pod list" });
}

async function forget(
  { logs, recorder, shares }: LeavePorts,
  sweeper: Sweeper,
  ref: PodRef,
): Promise<void> {
  shares.leave(ref);
  await logs.forget(ref);
  await recorder.forget(ref);
  await sweeper.sweep(ref);
}

async function markLeaving(store: Store, ref: PodRef): Promise<void> {
  const key = indexKey(ref);
  const row = await store.get<IndexRow>(key);
  await store.commit({ puts: [{ key, value: leavingRow(row?.value.blobs ?? []) }] });
}
