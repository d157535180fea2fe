/**
 * The rows the supervisor owns (ARCHITECTURE.md, "State"): every row of a pod begins with its
 * partition, so that no pod can name the rows of another.
 *
 * @module
 */

import type { BlobId, PodRef } from "../model/words.ts";
import type { Change, Key, KeyPart } from "../ports/store.ts";

/** The row that says who owns this periphery. */
export const OWNER_KEY: Key = ["owner"];
/** Below this stands one {@link IndexRow} for every pod that lives here. */
export const INDEX_PREFIX: Key = ["residents"];

/** Below this stands a row for every pod of which a crash may leave files over. */
export const LOOSE_PREFIX: Key = ["loose"];

/** Who owns this periphery. */
export interface OwnerRow {
  readonly person: string;
}

/**
 * That a pod lives here. `leaving`: what is left of it is to be swept away; it stands so while a
 * pod is being installed too, so that a crash on the way leaves nothing behind.
 */
export interface IndexRow {
  readonly state: "installed" | "leaving";
  /** Components that may have been stored for this pod. */
  readonly blobs: readonly BlobId[];
  /** Its version is being changed: what of it is not used is to be swept away. */
  readonly isChanging?: true;
}

/**
 * The state of one version of a pod. A version works on a copy of the state of the one before it,
 * so the two stand side by side until the older one is let go.
 */
export interface StatePlace extends PodRef {
  /** 0 for the first; grows. */
  readonly generation: number;
}

/** Parts of a pod's partition of which every generation has its own: all that an upgrade copies. */
export const STATE_PARTS = ["state", "count", "used"] as const;

/** A key in a part of a pod's state. */
export function stateKey(
  place: StatePlace,
  part: typeof STATE_PARTS[number],
  ...parts: readonly KeyPart[]
): Key {
  const name = place.generation === 0 ? part : `${part}.${place.generation}`;
  return partitionKey(place, name, ...parts);
}

/** Of which generation's state a key of the store is; none when it is of no state. */
export function generationOf(key: Key): number | undefined {
  const [part, generation = "0"] = String(key[3]).split(".");
  const isState = key[0] === "pod" && STATE_PARTS.some((name) => name === part);
  return isState ? Number(generation) : undefined;
}

/** Below this stands the record of a version that is kept, by the generation of its state. */
export function keptKey(ref: PodRef, generation: number): Key {
  return partitionKey(ref, "kept", generation);
}

/** A key inside a pod's partition. */
export function partitionKey(ref: PodRef, ...parts: readonly KeyPart[]): Key {
  return ["pod", ref.person, ref.pod, ...parts];
}

/** The key of a pod's {@link IndexRow}. */
export function indexKey(ref: PodRef): Key {
  return [...INDEX_PREFIX, ref.person, ref.pod];
}

/** The row with the highest serial this periphery has drafted for a pod; outlives the pod. */
export function serialKey(ref: PodRef): Key {
  return ["serial", ref.person, ref.pod];
}

/** The row that stands while a file of a pod may be there that nothing names. */
export function looseKey(ref: PodRef): Key {
  return [...LOOSE_PREFIX, ref.person, ref.pod];
}

/**
 * One change of several in order. Where they write the same key the last write stands; where they
 * check the same key the first check does, as the later ones build on the earlier writes.
 */
export function joinChanges(parts: readonly Change[]): Change {
  const checks = new Map<string, NonNullable<Change["checks"]>[number]>();
  const writes = new Map<
    string,
    { readonly key: Key; readonly put?: { readonly value: unknown } }
  >();
  for (const part of parts) {
    for (const check of part.checks ?? []) {
      const name = nameOf(check.key);
      if (!checks.has(name) && !writes.has(name)) checks.set(name, check);
    }
    for (const { key, value } of part.puts ?? []) writes.set(nameOf(key), { key, put: { value } });
    for (const key of part.deletes ?? []) writes.set(nameOf(key), { key });
  }
  const all = [...writes.values()];
  return {
    checks: [...checks.values()],
    puts: all.flatMap(({ key, put }) => put === undefined ? [] : [{ key, value: put.value }]),
    deletes: all.flatMap(({ key, put }) => put === undefined ? [key] : []),
  };
}

/** A text that is the same for equal keys only. */
function nameOf(key: Key): string {
  let name = "";
  for (const part of key) {
    const text = part instanceof Uint8Array ? part.toHex() : `${part}`;
    name += `${part instanceof Uint8Array ? "bytes" : typeof part} ${text.length} ${text} `;
  }
  return name;
}
