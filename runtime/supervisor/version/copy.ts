/**
 * Copies the state of one version for the next, in commits of bounded size. Values that stand
 * elsewhere are shared, as rows name them by their content.
 *
 * @module
 */

import { utf8Length } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { PodRef } from "../../model/words.ts";
import type { Change, Entry, Key, Store } from "../../ports/store.ts";
import { readUsedBytes } from "../state/account.ts";
import { copyUses } from "../state/large.ts";
import { STATE_PARTS, stateKey } from "../rows.ts";
import { sizeOfEntry } from "../state/state.ts";

/** Rows read at once: 100 of the largest values are 6 MB. */
const PAGE = 100;
/** Rows read at once after a page of small ones. */
const LARGE_PAGE = 500;
/** Bytes of a page up to which its rows are small. */
const SMALL_PAGE_BYTES = 100 * 1024;
/** Bytes and rows of one commit, which holds 800 KiB and 1,000. */
const MAX_COMMIT_BYTES = 600 * 1024;
const MAX_COMMIT_ROWS = 900;
/** What a row takes beyond its value, at most. */
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
  const writer = new Writer(store);
  for (const part of STATE_PARTS) {
    const [source, target] = [from, to].map((generation) =>
      stateKey({ ...ref, generation }, part)
    ) as [Key, Key];
    for await (const { key, value } of rowsOf(store, source)) {
      if (watcher.signal?.aborted) throw interrupted(ref);
      await writer.put([...target, ...key.slice(source.length)], value);
      if (typeof value === "string") progress.add(sizeOfEntry(`${key[4]}`, `${key[5]}`, value));
    }
  }
  await writer.end();
}

/** Writes rows in commits of bounded size, one of them while the next one is read. */
class Writer {
  #puts: { readonly key: Key; readonly value: unknown }[] = [];
  #bytes = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(readonly store: Store) {}

  async put(key: Key, value: unknown): Promise<void> {
    const size = sizeOf(value);
    const isFull = this.#bytes + size > MAX_COMMIT_BYTES || this.#puts.length >= MAX_COMMIT_ROWS;
    if (isFull) await this.#flush();
    this.#puts.push({ key, value });
    this.#bytes += size;
  }

  async end(): Promise<void> {
    await this.#flush();
    await this.#last;
  }

  async #flush(): Promise<void> {
    await this.#last;
    const puts = this.#puts;
    this.#puts = [];
    this.#bytes = 0;
    this.#last = commitAll(this.store, puts);
    // Whoever flushes next hears of it.
    this.#last.catch(() => {});
  }
}

/** Commits rows together, or in halves where they take more than they seemed to. */
async function commitAll(store: Store, puts: NonNullable<Change["puts"]>): Promise<void> {
  if (puts.length === 0) return;
  try {
    await store.commit({ puts });
  } catch (cause) {
    if (puts.length === 1 || !(cause instanceof PeriError) || cause.kind !== "too-large") {
      throw cause;
    }
    const half = Math.ceil(puts.length / 2);
    for (const part of [puts.slice(0, half), puts.slice(half)]) await commitAll(store, part);
  }
}

/** Every row at and below a key. */
async function* rowsOf(store: Store, prefix: Key): AsyncGenerator<Entry<unknown>> {
  const own = await store.get(prefix);
  if (own !== undefined) yield own;
  let start: Key | undefined;
  for (let limit = PAGE;;) {
    const page = await store.list<unknown>({ prefix, limit, ...(start ? { start } : {}) });
    yield* page;
    if (page.length < limit) return;
    start = [...page.at(-1)!.key, 0];
    const bytes = page.reduce((sum, { value }) => sum + sizeOf(value) - ROW_BYTES, 0);
    limit = bytes * PAGE <= SMALL_PAGE_BYTES * page.length ? LARGE_PAGE : PAGE;
  }
}

/** About the bytes of a row: a text of other than ASCII characters takes two for each. */
function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return ROW_BYTES + value.length;
  if (typeof value !== "string") return ROW_BYTES;
  return ROW_BYTES + (utf8Length(value) === value.length ? 1 : 2) * value.length;
}

class Progress {
  #bytes = 0;
  #toldBytes = 0;

  constructor(readonly allBytes: number, readonly watcher: Watcher) {}

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes - this.#toldBytes < NOTE_BYTES) return;
    this.#toldBytes = this.#bytes;
    const part = Math.min(99, Math.floor(100 * this.#bytes / this.allBytes));
    this.watcher.note?.(`copying the state: ${part} %`);
  }
}

function interrupted({ pod }: PodRef): PeriError {
  return new PeriError("expired", { op: "copy a state", subject: `${pod}: interrupted` });
}
