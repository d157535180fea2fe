/**
 * Which waiting changes can be one commit without anyone seeing a difference. Pure.
 *
 * @module
 */

import type { Change, Key } from "../ports/store.ts";

/** A write; without a value the key is deleted. */
export type Mutation =
  | { readonly key: Key; readonly value: unknown }
  | { readonly key: Key };

/** Changes that go together, as one list of checks and one of writes in order. */
export interface Batch {
  /** How many of the waiting changes it holds, from the front; at least one. */
  readonly count: number;
  readonly checks: NonNullable<Change["checks"]>;
  readonly mutations: readonly Mutation[];
}

const MAX_MUTATIONS = 1_000;
const MAX_CHECKS = 100;
/** Deno KV allows 819,200 bytes; the difference is for what is only estimated here. */
const MAX_BYTES = 700_000;

/**
 * The longest run of changes from the front that fits the bounds of one commit, at least one.
 * A change that checks a key which an earlier one writes waits for the next commit: inside one
 * commit, checks see the state before it.
 */
export function planBatch(changes: readonly Change[]): Batch {
  const batch = new Merged();
  for (const change of changes) if (!batch.take(change)) break;
  return batch;
}

class Merged implements Batch {
  count = 0;
  readonly checks: { key: Key; version: string | null }[] = [];
  readonly mutations: Mutation[] = [];
  readonly #written = new Set<string>();
  #named = 0;
  #bytes = 0;

  take({ checks = [], puts = [], deletes = [] }: Change): boolean {
    const bytes = this.#bytes + sizeOf(checks) + sizeOf(puts) + sizeOf(deletes);
    const fits = bytes <= MAX_BYTES && this.checks.length + checks.length <= MAX_CHECKS &&
      this.mutations.length + puts.length + deletes.length <= MAX_MUTATIONS;
    if (this.count > 0 && (!fits || checks.some(({ key }) => this.#writes(key)))) return false;
    this.count++;
    this.#bytes = bytes;
    this.checks.push(...checks);
    for (const key of deletes) this.mutations.push({ key });
    this.mutations.push(...puts);
    return true;
  }

  /** Names are made only when somebody checks, which is rare. */
  #writes(key: Key): boolean {
    while (this.#named < this.mutations.length) {
      this.#written.add(nameOf(this.mutations[this.#named++]!.key));
    }
    return this.#written.has(nameOf(key));
  }
}

function nameOf(key: Key): string {
  return key.map((part) =>
    part instanceof Uint8Array ? `b${part.toHex()}` : `${typeof part}${String(part)}`
  ).join("\0");
}

/** Bytes of a value in V8's form, rather too many than too few. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return 8 + utf8Bound(value);
  if (typeof value !== "object" || value === null) return 10;
  if (ArrayBuffer.isView(value)) return 16 + value.byteLength;
  let bytes = 8;
  if (Array.isArray(value)) { for (const item of value) bytes += sizeOf(item); }
  else for (const key in value) bytes += sizeOf(key) + sizeOf((value as Fields)[key]);
  return bytes;
}

type Fields = Readonly<Record<string, unknown>>;

/** Exact for long texts, of which there are few; three bytes a unit for short ones. */
function utf8Bound(text: string): number {
  return text.length <= 1024 ? 2 * text.length : new TextEncoder().encode(text).length;
}
