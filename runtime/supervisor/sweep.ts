/**
 * Sweeps away what a pod leaves: its partition in commits of bounded size, its components when
 * nobody else uses them. The index row stays until all is gone, so that it can be taken up again.
 *
 * @module
 */

import { type BlobId, parseFingerprint, parsePodName, type PodRef } from "../model/words.ts";
import { PeriError } from "../model/errors.ts";
import type { Blobs } from "../ports/blobs.ts";
import type { Entry, Store } from "../ports/store.ts";
import { readResident } from "./resident.ts";
import { INDEX_PREFIX, indexKey, type IndexRow, partitionKey } from "./rows.ts";

/** Rows deleted by one commit. */
const STEP = 500;
/** Index rows read at once. */
const PAGE = 1000;

/** Removes what no pod needs any more. */
export class Sweeper {
  constructor(readonly store: Store, readonly blobs: Blobs) {}

  /** Pods that live here, after finishing what a crash interrupted. */
  async recover(): Promise<PodRef[]> {
    const staying: PodRef[] = [];
    for (const { key, value } of await this.#index()) {
      const ref = { person: parseFingerprint(String(key[1])), pod: parsePodName(String(key[2])) };
      if (value.state === "leaving") await this.sweep(ref);
      else staying.push(ref);
      if (value.state === "installed" && value.blobs.length > 1) {
        await this.settle(ref).catch(passDamaged);
      }
    }
    return staying;
  }

  /** Removes all rows of a pod's partition. */
  async clear(ref: PodRef): Promise<void> {
    for (;;) {
      const rows = await this.store.list({ prefix: partitionKey(ref), limit: STEP });
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

  /** After an upgrade, or where one was interrupted: what the pod does not run is forgotten. */
  async settle(ref: PodRef): Promise<void> {
    const key = indexKey(ref);
    const { component } = await readResident(this.store, ref);
    const row = await this.store.get<IndexRow>(key);
    const old = (row?.value.blobs ?? []).filter((id) => id !== component);
    await this.forgetBlobs(old, key);
    const blobs = component === undefined ? [] : [component];
    await this.store.commit({ puts: [{ key, value: { state: "installed", blobs } }] });
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
