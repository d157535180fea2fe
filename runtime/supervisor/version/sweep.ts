/**
 * Sweeps away what a pod leaves: its partition in commits of bounded size, its components when
 * nobody else uses them. The index row stays until all is gone, so that it can be taken up again.
 *
 * @module
 */

import { type BlobId, parseFingerprint, parsePodName, type PodRef } from "../../model/words.ts";
import { PeriError } from "../../model/errors.ts";
import type { Blobs } from "../../ports/blobs.ts";
import type { Entry, Key, Store } from "../../ports/store.ts";
import { forgetFiles, loosePods, sweepFiles, sweepLoose } from "../state/large.ts";
import { readResident, type ResidentPod } from "../resident.ts";
import {
  INDEX_PREFIX,
  indexKey,
  type IndexRow,
  keptKey,
  partitionKey,
  STATE_PARTS,
  stateKey,
  type StatePlace,
} from "../rows.ts";

/** Rows deleted by one commit. */
const STEP = 500;
/** Index rows read at once. */
const PAGE = 1000;

/** Removes what no pod needs any more. */
export class Sweeper {
  constructor(readonly store: Store, readonly blobs: Blobs) {}

  /** Pods that live here, after finishing what a crash interrupted. */
  async recover(): Promise<PodRef[]> {
    for (const ref of await loosePods(this.store)) await sweepLoose(this.store, this.blobs, ref);
    const staying: PodRef[] = [];
    for (const { key, value } of await this.#index()) {
      const ref = { person: parseFingerprint(String(key[1])), pod: parsePodName(String(key[2])) };
      if (value.state === "leaving") await this.sweep(ref);
      else staying.push(ref);
      // A version that is kept is a second one.
      if (value.state === "installed" && (value.isChanging || value.blobs.length > 1)) {
        await this.settle(ref).catch(passDamaged);
      }
    }
    return staying;
  }

  /** Removes the large values of a pod and all rows of its partition. */
  async clear(ref: PodRef): Promise<void> {
    await sweepFiles(this.store, this.blobs, ref);
    await this.#clearBelow(partitionKey(ref));
  }

  /** Removes one state of a pod. */
  async clearState(place: StatePlace): Promise<void> {
    await forgetFiles(this.store, this.blobs, place);
    for (const part of STATE_PARTS) {
      const key = stateKey(place, part);
      await this.#clearBelow(key);
      await this.store.commit({ deletes: [key] });
    }
  }

  async #clearBelow(prefix: Key): Promise<void> {
    for (;;) {
      const rows = await this.store.list({ prefix, limit: STEP });
      if (rows.length === 0) return;
      await this.store.commit({ deletes: rows.map(({ key }) => key) });
    }
  }

  /** Removes all rows of a pod marked as leaving, then its components, then the mark. */
  async sweep(ref: PodRef): Promise<void> {
    await this.clear(ref);
    const key = indexKey(ref);
    const row = await this.store.get<IndexRow>(key);
    await this.forgetBlobs(row?.value.blobs ?? [], key);
    await this.store.commit({ deletes: [key] });
  }

  /** Removes components that no pod uses. */
  async forgetBlobs(ids: readonly BlobId[], except?: Entry<unknown>["key"]): Promise<void> {
    const used = new Set<BlobId>();
    for (const { key, value } of await this.#index()) {
      if (except === undefined || key.join("/") !== except.join("/")) {
        for (const id of value.blobs) used.add(id);
      }
    }
    for (const id of ids) if (!used.has(id)) await this.blobs.remove(id);
  }

  /**
   * After a change of version, or where one was interrupted: what belongs neither to the version
   * that runs nor to the one that is kept is forgotten. Nothing of the pod runs meanwhile.
   */
  async settle(ref: PodRef): Promise<void> {
    const key = indexKey(ref);
    const pod = await readResident(this.store, ref);
    const row = await this.store.get<IndexRow>(key);
    if (row === undefined) return;
    await this.#forgetStates(pod);
    const { component, previous } = pod;
    const used = [component, previous?.component].filter((id) => id !== undefined);
    const old = row.value.blobs.filter((id) => !used.includes(id));
    if (old.length === 0 && !row.value.isChanging) return;
    await this.forgetBlobs(old, key);
    const { isChanging: _, ...rest } = row.value;
    await this.store.commit({ puts: [{ key, value: { ...rest, blobs: [...new Set(used)] } }] });
  }

  /** Removes the version that a pod keeps; its record says already that it is not to be used. */
  async forgetPrevious({ ref, component, previous }: ResidentPod): Promise<void> {
    if (previous === undefined) return;
    const { generation } = previous;
    await this.clearState({ ...ref, generation });
    await this.#clearBelow(keptKey(ref, generation));
    if (previous.component === component) return;
    await this.forgetBlobs([previous.component], indexKey(ref));
  }

  async #forgetStates({ ref, generation, previous }: ResidentPod): Promise<void> {
    const kept = await this.store.list({ prefix: partitionKey(ref, "kept"), limit: PAGE });
    // A version that was to take its place left no record.
    const next = Math.max(generation, previous?.generation ?? 0) + 1;
    for (const one of new Set([...kept.map(({ key }) => Number(key[4])), next])) {
      if (one === previous?.generation) continue;
      if (one !== generation) await this.clearState({ ...ref, generation: one });
      await this.#clearBelow(keptKey(ref, one));
    }
  }

  async #index(): Promise<Entry<IndexRow>[]> {
    const rows: Entry<IndexRow>[] = [];
    for (;;) {
      const last = rows.at(-1)?.key;
      const start = last === undefined ? {} : { start: [...last, 0] };
      const page = await this.store.list<IndexRow>({ prefix: INDEX_PREFIX, limit: PAGE, ...start });
      rows.push(...page);
      if (page.length < PAGE) return rows;
    }
  }
}

/** Which component a pod runs whose record is damaged nobody knows: both stay. */
function passDamaged(cause: unknown): void {
  if (!(cause instanceof PeriError) || cause.kind !== "damaged") throw cause;
}
