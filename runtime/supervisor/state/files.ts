/**
 * The files of one instance's large values, in step with its commits: they are put before the
 * commit that names them and removed after the one that lets them go.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import type { BlobId } from "../../model/words.ts";
import type { Blobs } from "../../ports/blobs.ts";
import { type Change, mergeChanges, type Store } from "../../ports/store.ts";
import { type LargeValue, readUses, removeUnused, sweepLoose, usesKey } from "./large.ts";
import { looseKey, type StatePlace } from "../rows.ts";
import type { Fence } from "../turn/terms.ts";

/** Whose files, and where. */
export interface FilesOptions {
  readonly place: StatePlace;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly fence: Fence;
}

/** Files that are written at once. */
const MAX_PUTS = 8;

/** See the module. Turns are planned and committed in order, one commit at a time. */
export class Files {
  readonly #options: FilesOptions;
  /** Uses of files as of the last planned turn. */
  readonly #uses = new Map<BlobId, number>();
  /** Whether there are files for a commit that has not happened. */
  #announced = false;

  constructor(options: FilesOptions) {
    this.#options = options;
  }

  /** How often rows name a file after all turns that were planned. */
  async usesOf(blob: BlobId): Promise<number> {
    const { store, place } = this.#options;
    return this.#uses.get(blob) ?? await readUses(store, place, blob);
  }

  /** The rows of files whose names turn up or vanish with a turn's writes; of most turns none. */
  async plan(
    released: readonly BlobId[],
    values: readonly (LargeValue | undefined)[],
  ): Promise<{ readonly change: Change; readonly large: readonly LargeValue[] } | undefined> {
    const named = values.flatMap((value) => value ?? []);
    if (named.length === 0 && released.length === 0) return undefined;
    const before = new Map<BlobId, number>();
    const shift = async (blob: BlobId, by: number) => {
      const uses = await this.usesOf(blob);
      if (!before.has(blob)) before.set(blob, uses);
      this.#uses.set(blob, uses + by);
    };
    for (const { ref } of named) await shift(ref.blob, 1);
    for (const blob of released) await shift(blob, -1);
    const changed = [...before].filter(([blob, uses]) => this.#uses.get(blob) !== uses);
    const puts = changed.map(([blob]) => this.#rowOf(blob));
    return { change: { puts }, large: named };
  }

  /**
   * Puts the files that a commit names; before that a row stands for each, so that a crash leaves
   * none unknown. Returns the commit as it is to be.
   *
   * @throws {PeriError} as the store and the blobs do; `conflict` when the pod has moved on.
   */
  async keep(large: readonly LargeValue[], change: Change): Promise<Change> {
    const loose = looseKey(this.#options.place);
    if (large.length > 0) await this.#announce(large);
    if (this.#lostBy(change).length > 0) {
      return mergeChanges([change, { puts: [{ key: loose, value: true }] }]);
    }
    return large.length === 0 ? change : mergeChanges([change, { deletes: [loose] }]);
  }

  /**
   * The commit has happened: removes the files that it let go, unless a later turn wants them. What
   * fails here is made up for at the next start.
   */
  async letGo(change: Change): Promise<void> {
    this.#announced = false;
    const lost = this.#lostBy(change);
    if (lost.length === 0) return;
    const { place, store } = this.#options;
    const gone: BlobId[] = [];
    for (const blob of lost) if (await this.#remove(blob)) gone.push(blob);
    const rows = gone.map((blob) => usesKey(place, blob));
    const deletes = gone.length < lost.length ? rows : [...rows, looseKey(place)];
    store.commit({ deletes }, "soon").catch(() => {});
  }

  /** Removes the files of a commit that did not happen, as far as that is possible now. */
  async undo(cause: unknown): Promise<void> {
    const isOurs = !(cause instanceof PeriError && cause.kind === "conflict");
    if (!this.#announced || !isOurs) return;
    this.#announced = false;
    const { blobs, place, store } = this.#options;
    await sweepLoose(store, blobs, place).catch(() => {});
  }

  async #announce(large: readonly LargeValue[]): Promise<void> {
    const { blobs, fence, place, store } = this.#options;
    const ids = [...new Set(large.map(({ ref: { blob } }) => blob))];
    const uses = await Promise.all(ids.map((blob) => readUses(store, place, blob)));
    // What is on disk may name a file that a turn of this commit lets go and another takes up.
    const rows = ids.filter((_, at) => uses[at] === 0)
      .map((blob) => ({ key: usesKey(place, blob), value: 0 }));
    this.#announced = true;
    const puts = [{ key: looseKey(place), value: true }, ...rows];
    if (!await store.commit({ puts, checks: [fence] })) {
      const subject = `${place.pod} has moved on since the run began`;
      throw new PeriError("conflict", { op: "keep a large value", subject });
    }
    // Those that are there already too: one that was damaged is so no longer.
    for (let at = 0; at < large.length; at += MAX_PUTS) {
      const some = large.slice(at, at + MAX_PUTS);
      await Promise.all(some.map(async ({ content, draft }) => {
        await (content === undefined ? draft?.keep() : blobs.put(content));
      }));
    }
  }

  async #remove(blob: BlobId): Promise<boolean> {
    if (this.#uses.get(blob) !== 0) return false;
    try {
      const { store, blobs, place } = this.#options;
      await removeUnused(store, blobs, place, blob);
      return this.#uses.delete(blob);
    } catch {
      return false;
    }
  }

  /** Files that no row names after a commit. */
  #lostBy({ puts = [] }: Change): BlobId[] {
    return puts.filter(({ key, value }) => key[3] === "blob" && value === 0)
      .map(({ key }) => key[4] as BlobId);
  }

  #rowOf(blob: BlobId): { readonly key: ReturnType<typeof usesKey>; readonly value: number } {
    return { key: usesKey(this.#options.place, blob), value: this.#uses.get(blob)! };
  }
}
