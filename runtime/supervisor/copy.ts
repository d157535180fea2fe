/**
 * Copies the state of one version for the next, in commits of bounded size. Values that stand
 * elsewhere are shared, as rows name them by their content.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import type { PodRef } from "../model/words.ts";
import type { Entry, Key, Store } from "../ports/store.ts";
import { readUsedBytes } from "./account.ts";
import { copyUses } from "./large.ts";
import { STATE_PARTS, stateKey } from "./rows.ts";

/** Rows read at once: 100 of the largest values are 6 MB. */
const PAGE = 100;
/** Bytes of one commit, which holds 800 KiB: texts may take two bytes for each character. */
const MAX_COMMIT_BYTES = 600 * 1024;
/** What a row takes beyond its value. */
const ROW_BYTES = 700;
/** Progress is told when so much more has been copied. */
const NOTE_BYTES = 8 * 1024 * 1024;

/** Who waits for a version to change. */
export interface Watcher {
  /** Progress for people. */
  note?(text: string): void;
  /** Aborts when they want no more of it. */
  readonly signal?: AbortSignal;
}

/**
 * Copies all of a state. The place must be empty.
 *
 * @throws {PeriError} `over-quota` when the disk is full, `expired` when interrupted; what was
 * copied by then is to be swept.
 */
export async function copyState(
  store: Store,
  ref: PodRef,
  from: number,
  to: number,
  watcher: Watcher,
): Promise<void> {
  // First: rows that name a file for which nothing stands would be a file that may go.
  await copyUses(store, { ...ref, generation: from }, { ...ref, generation: to });
  const progress = new Progress(await readUsedBytes(store, { ...ref, generation: from }), watcher);
  for (const part of STATE_PARTS) {
    const [source, target] = [from, to].map((generation) =>
      stateKey({ ...ref, generation }, part)
    ) as [Key, Key];
    let puts: { key: Key; value: unknown }[] = [];
    let bytes = 0;
    const flush = async () => {
      if (puts.length > 0) await store.commit({ puts });
      progress.add(bytes);
      puts = [];
      bytes = 0;
    };
    for await (const { key, value } of rowsOf(store, source)) {
      if (watcher.signal?.aborted) throw interrupted(ref);
      const size = sizeOf(value);
      if (bytes + size > MAX_COMMIT_BYTES) await flush();
      puts.push({ key: [...target, ...key.slice(source.length)], value });
      bytes += size;
    }
    await flush();
  }
}

/** Every row at and below a key. */
async function* rowsOf(store: Store, prefix: Key): AsyncGenerator<Entry<unknown>> {
  const own = await store.get(prefix);
  if (own !== undefined) yield own;
  let start: Key | undefined;
  for (;;) {
    const page = await store.list<unknown>({ prefix, limit: PAGE, ...(start ? { start } : {}) });
    yield* page;
    if (page.length < PAGE) return;
    start = [...page.at(-1)!.key, 0];
  }
}

function sizeOf(value: unknown): number {
  const text = typeof value === "string" ? value.length * 2 : 0;
  const bytes = value instanceof Uint8Array ? value.length : 0;
  return ROW_BYTES + text + bytes;
}

class Progress {
  #bytes = 0;
  #toldBytes = 0;

  constructor(readonly allBytes: number, readonly watcher: Watcher) {}

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes - this.#toldBytes < NOTE_BYTES) return;
    this.#toldBytes = this.#bytes;
    // What rows take beyond their texts is not in the account.
    const part = Math.min(99, Math.floor(50 * this.#bytes / this.allBytes));
    this.watcher.note?.(`copying the state: ${part} %`);
  }
}

function interrupted({ pod }: PodRef): PeriError {
  return new PeriError("expired", { op: "copy a state", subject: `${pod}: interrupted` });
}
