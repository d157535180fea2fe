/**
 * Where state lives. Narrow on purpose: a distributed engine can stand behind it (ARCHITECTURE.md,
 * "Growing"). Nobody outside an adapter may assume that one process alone uses the store.
 *
 * @module
 */

/** One part of a key. Parts order as Uint8Array < string < number < boolean, each in its own order. */
export type KeyPart = string | number | Uint8Array | boolean;
/** A key: at most 1,900 bytes in all parts. */
export type Key = readonly KeyPart[];

/** A stored value with the version that the commit which wrote it gave it. */
export interface Entry<Value> {
  readonly key: Key;
  readonly value: Value;
  /** Opaque; changes with every write of the key. */
  readonly version: string;
}

/** A stretch of keys below a prefix, in key order. */
export interface Range {
  readonly prefix: Key;
  /** First key of the stretch, itself included; below the prefix, as the end is. */
  readonly start?: Key;
  /** End of the stretch, itself excluded. */
  readonly end?: Key;
  /** Most entries returned, 1 to 1,000. */
  readonly limit: number;
  /** Last keys first. */
  readonly reverse?: boolean;
}

/** Writes that happen together or not at all. */
export interface Change {
  /** Versions that must still hold; `null` means the key must not exist. At most 100. */
  readonly checks?: readonly { readonly key: Key; readonly version: string | null }[];
  /** Values are structured-cloneable and at most 64 KiB each. Puts and deletes: at most 1,000, 800 KiB. */
  readonly puts?: readonly { readonly key: Key; readonly value: unknown }[];
  readonly deletes?: readonly Key[];
}

/** When a change is wanted on disk; `now` unless something else is said. */
export type When = "now" | "soon";

/** An ordered, transactional, durable map. */
export interface Store {
  /** The entry of a key as of the last commit that resolved. */
  get<Value>(key: Key): Promise<Entry<Value> | undefined>;
  /** Entries of a range, as of one moment. @throws {PeriError} `internal` when it fails. */
  list<Value>(range: Range): Promise<Entry<Value>[]>;
  /**
   * Applies a change: deletes, then puts. `true`: all of it is on disk (fsync) and visible.
   * `false`: a check failed, nothing is written. Changes committed by one caller take effect in the
   * order of the calls. Values may not be changed before it resolves. What may happen `soon` may
   * wait a moment for another commit to go with.
   *
   * @throws {PeriError} `over-quota` when the disk is full, `internal` when it fails, `too-large`
   * over a bound; nothing is written then.
   */
  commit(change: Change, when?: When): Promise<boolean>;
  /** Waits for running commits, then releases the store. */
  close(): Promise<void>;
}

/** One change that does everything its parts do. */
export function mergeChanges(parts: readonly Change[]): Change {
  return {
    checks: parts.flatMap((part) => part.checks ?? []),
    puts: parts.flatMap((part) => part.puts ?? []),
    deletes: parts.flatMap((part) => part.deletes ?? []),
  };
}
