/**
 * Marks that keep pods from running: stopped by their person, or given up after repeated failures.
 * A mark is a row of its own in the pod's partition, so it survives restarts and upgrades and goes
 * where the pod goes.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { type BlobId, formatPodRef, type PodRef } from "../../model/words.ts";
import type { Change, Key, Store } from "../../ports/store.ts";
import type { ResidentPod, Revoked } from "../resident.ts";
import { indexKey, type IndexRow, partitionKey } from "../rows.ts";
import type { Fence } from "../turn/terms.ts";

/** Why a pod does not run. */
export interface Mark {
  readonly by: "person" | "server";
  readonly sinceMs: number;
  /** In words, for its person. */
  readonly why: string;
  /** What failed: another version of the pod is given a chance. Absent of a person's mark. */
  readonly component?: BlobId;
  /** What lets it run again, where that is not `peri pod start`. */
  readonly hint?: string;
}

/** The marks of all pods. */
export class Marks {
  readonly #marks = new Map<string, { readonly podKey: string; readonly mark: Mark }>();

  constructor(readonly store: Store) {}

  /** Reads the mark of a pod that has been loaded. */
  async load(pod: ResidentPod): Promise<void> {
    const row = await this.store.get<Mark>(markKey(pod.ref));
    if (row !== undefined) this.#keep(pod, row.value);
  }

  /** Why a pod does not run; undefined when it may. */
  of({ ref, podKey, component, revoked }: ResidentPod): Mark | undefined {
    if (revoked !== undefined) return revokedMark(ref, revoked);
    const found = this.#marks.get(formatPodRef(ref));
    // A pod that has left and come again is another one.
    if (found?.podKey !== podKey) return undefined;
    const { mark } = found;
    return mark.component === undefined || mark.component === component ? mark : undefined;
  }

  /** Marks a pod. `false`: it has left or was changed meanwhile, and nothing happened. */
  async put(pod: ResidentPod, mark: Mark, fence: Fence): Promise<boolean> {
    const change = { puts: [{ key: markKey(pod.ref), value: mark }] };
    if (!await this.#commit(change, fence)) return false;
    this.#keep(pod, mark);
    return true;
  }

  /** Takes a pod's mark away, if it has one. `false`: as {@link Marks.put}. */
  async clear(pod: ResidentPod, fence: Fence): Promise<boolean> {
    if (!this.#marks.has(formatPodRef(pod.ref))) return true;
    if (!await this.#commit({ deletes: [markKey(pod.ref)] }, fence)) return false;
    this.#marks.delete(formatPodRef(pod.ref));
    return true;
  }

  #keep({ ref, podKey }: ResidentPod, mark: Mark): void {
    this.#marks.set(formatPodRef(ref), { podKey, mark });
  }

  async #commit(change: Change, fence: Fence): Promise<boolean> {
    return await this.store.commit({ ...change, checks: [fence] });
  }
}

/** The row by which it is seen that a pod lives here unchanged; undefined when it leaves. */
export async function fenceOf(store: Store, ref: PodRef): Promise<Fence | undefined> {
  const key = indexKey(ref);
  const row = await store.get<IndexRow>(key);
  return row?.value.state === "installed" ? { key, version: row.version } : undefined;
}

/** What visitors of a marked pod are told. */
export function refuseMarked({ pod }: PodRef, { by, sinceMs, why, hint }: Mark): PeriError {
  const since = `since ${new Date(sinceMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return new PeriError("busy", {
    op: "run a command",
    subject: hint !== undefined
      ? `the pod ${pod} does not run ${since}: ${why}`
      : by === "person"
      ? `the pod ${pod} is stopped ${since}; what comes for it waits`
      : `the pod ${pod} has failed and is stopped ${since}: ${why}`,
    hint: hint ?? `peri pod start ${pod}`,
  });
}

/** No row of its own: it comes and goes with the behalf, in the same commit. */
function revokedMark({ pod }: PodRef, { reason, sinceMs }: Revoked): Mark {
  const isLost = reason === "compromised";
  const hint = isLost ? `peri pod remove ${pod}` : `peri behalf renew ${pod}`;
  return { by: "person", sinceMs, why: `its behalf is revoked (${reason})`, hint };
}

function markKey(ref: PodRef): Key {
  return partitionKey(ref, "stopped");
}
