/**
 * The store in a Deno KV file; the one owner of `Deno.openKv`.
 *
 * Deno KV syncs every commit to disk by itself, one after the other. Here changes that come while
 * a commit runs are merged into the next one, so that a burst shares one fsync.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import type { Change, Entry, Key, Range, Store, When } from "../ports/store.ts";
import { type Batch, planBatch } from "./batch.ts";
import { explain, storeError } from "./failures.ts";

/** Permission bits of everyone but the owner. */
const OTHERS = 0o077;

/** How long a change that may wait waits for another one. */
const SOON_MS = 25;

/** Most keys that Deno KV reads at once. */
const MAX_READS = 10;

interface Asked {
  readonly key: Key;
  readonly done: (entry: Entry<unknown> | undefined) => void;
  readonly failed: (error: unknown) => void;
}

interface Pending {
  readonly change: Change;
  readonly done: (written: boolean) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Opens the store in a file, which is made when it is missing. The caller closes it.
 *
 * @throws {PeriError} `denied` when the file cannot be written, `damaged` when it is no store,
 * `over-quota` when the disk is full, `internal` for anything else.
 */
export async function openDenoKv(path: string): Promise<Store> {
  try {
    await keepPrivate(path);
    return new DenoKvStore(await Deno.openKv(path), path);
  } catch (cause) {
    // SQLite makes two files beside it, even to read.
    throw storeError("open store", await explain(cause, path), path);
  }
}

/**
 * The keys of pods and all letters are in it, and a home that was there before may be open to
 * others. SQLite gives the files beside it the permissions of this one.
 */
async function keepPrivate(path: string): Promise<void> {
  // A file that may only be read SQLite would open too, and refuse the first commit.
  (await Deno.open(path, { write: true, create: true, mode: 0o600 })).close();
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const mode = (await Deno.stat(file).catch(() => undefined))?.mode ?? 0;
    if ((mode & OTHERS) !== 0) await Deno.chmod(file, 0o600);
  }
}

class DenoKvStore implements Store {
  readonly #kv: Deno.Kv;
  readonly #path: string;
  #asked: Asked[] = [];
  #queue: Pending[] = [];
  #running: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(kv: Deno.Kv, path: string) {
    this.#kv = kv;
    this.#path = path;
  }

  /** What is asked for in the same turn of the event loop is read at once. */
  get<Value>(key: Key): Promise<Entry<Value> | undefined> {
    return new Promise((done, failed) => {
      this.#asked.push({ key, done: done as Asked["done"], failed });
      if (this.#asked.length === 1) queueMicrotask(() => this.#answer());
    });
  }

  #answer(): void {
    const asked = this.#asked;
    this.#asked = [];
    for (let at = 0; at < asked.length; at += MAX_READS) {
      void this.#read(asked.slice(at, at + MAX_READS));
    }
  }

  async #read(asked: readonly Asked[]): Promise<void> {
    try {
      const found = await this.#kv.getMany<Stored<unknown>[]>(
        asked.map(({ key }) => key as Deno.KvKey),
      );
      asked.forEach(({ key, done }, index) => {
        const { value, versionstamp: version } = found[index]!;
        done(version === null ? undefined : { key, value: unwrap(value), version });
      });
    } catch (cause) {
      const [only] = asked;
      if (asked.length === 1) only!.failed(storeError("read store", cause));
      // One key that cannot be read is not the fault of the others.
      else for (const one of asked) void this.#read([one]);
    }
  }

  async list<Value>(range: Range): Promise<Entry<Value>[]> {
    const { limit, reverse = false } = range;
    if (!(limit >= 1 && limit <= 1000)) {
      throw new PeriError("too-large", { op: "read store", subject: `${limit} entries at once` });
    }
    const found: Entry<Value>[] = [];
    try {
      // One batch is one read, and so as of one moment.
      const entries = this.#kv.list<Stored<Value>>(selector(range), {
        limit,
        batchSize: limit,
        reverse,
      });
      for await (const { key, value, versionstamp } of entries) {
        found.push({ key: key as Key, value: unwrap(value), version: versionstamp });
      }
    } catch (cause) {
      throw storeError("read store", cause);
    }
    return found;
  }

  commit(change: Change, when: When = "now"): Promise<boolean> {
    if (this.#closed) {
      const subject = "the store is closed";
      return Promise.reject(new PeriError("internal", { op: "write store", subject }));
    }
    return new Promise((done, failed) => {
      this.#queue.push({ change, done, failed });
      if (when === "now") this.#start();
      else this.#timer ??= setTimeout(() => this.#start(), SOON_MS);
    });
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#drain();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#start();
    await this.#running;
    this.#kv.close();
  }

  async #drain(): Promise<void> {
    // Changes of the same turn of the event loop belong together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = planBatch(this.#queue.map((pending) => pending.change));
      await this.#write(this.#queue.splice(0, batch.count), batch);
    }
    this.#running = undefined;
  }

  async #write(group: readonly Pending[], batch: Batch): Promise<void> {
    try {
      const written = await this.#apply(batch);
      if (written || group.length === 1) return group.forEach((pending) => pending.done(written));
    } catch (cause) {
      const error = storeError("write store", await explain(cause, this.#path));
      if (group.length === 1 || error.kind !== "too-large") {
        return group.forEach((pending) => pending.failed(error));
      }
    }
    // A merged change fails as a whole when one of its parts does: then each has its own try.
    for (const pending of group) await this.#write([pending], planBatch([pending.change]));
  }

  async #apply({ checks, mutations }: Batch): Promise<boolean> {
    const atomic = this.#kv.atomic();
    for (const { key, version } of checks) {
      atomic.check({ key: key as Deno.KvKey, versionstamp: version });
    }
    for (const mutation of mutations) {
      const key = mutation.key as Deno.KvKey;
      if ("value" in mutation) atomic.set(key, wrap(mutation.value));
      else atomic.delete(key);
    }
    const { ok } = await atomic.commit();
    return ok;
  }
}

/**
 * A text that needs two bytes a character in V8's form would be held against the 64 KiB limit at
 * twice its size; as UTF-8 it is what `limits.ts` counts.
 */
interface Utf8 {
  readonly utf8: Uint8Array;
}

type Stored<Value> = Value | Utf8;

function wrap(value: unknown): unknown {
  const wide = typeof value === "string" && value.length > 1024 && value.isWellFormed();
  return wide ? { utf8: new TextEncoder().encode(value) } satisfies Utf8 : value;
}

function unwrap<Value>(stored: Stored<Value>): Value {
  const isWrapped = typeof stored === "object" && stored !== null && "utf8" in stored &&
    stored.utf8 instanceof Uint8Array;
  return (isWrapped ? new TextDecoder().decode(stored.utf8) : stored) as Value;
}

function selector({ prefix, start, end }: Range): Deno.KvListSelector {
  const keys = { prefix, start, end } as Record<"prefix" | "start" | "end", Deno.KvKey>;
  if (start && end) return { start: keys.start, end: keys.end };
  if (start) return { prefix: keys.prefix, start: keys.start };
  return end ? { prefix: keys.prefix, end: keys.end } : { prefix: keys.prefix };
}
