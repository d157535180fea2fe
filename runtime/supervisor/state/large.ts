/**
 * Values too large for a row: files named by their content, and rows that say how often a pod uses
 * each. A file is there before the commit that names it and until after the one that lets it go,
 * and a mark stands wherever a crash could leave one over.
 *
 * @module
 */

import { decodeUtf8, encodeUtf8, formatHex, sha256, utf8Length } from "../../model/bytes.ts";
import { PeriError, toPeriError } from "../../model/errors.ts";
import { MAX_STATE_VALUE_BYTES } from "../../model/limits.ts";
import {
  type BlobId,
  formatPodRef,
  parseFingerprint,
  parsePodName,
  type PodRef,
} from "../../model/words.ts";
import type { Blobs, Draft } from "../../ports/blobs.ts";
import type { Key, Store } from "../../ports/store.ts";
import { LOOSE_PREFIX, looseKey, partitionKey, type StatePlace } from "../rows.ts";

/** What a row holds in place of a large value. */
export interface LargeRef {
  readonly blob: BlobId;
  /** Of the value as UTF-8, or of a content. */
  readonly bytes: number;
  /** It is a content: the pod sees where it is, not what it is. */
  readonly isContent?: true;
}

/** The value of a table's row: JSON text, or where it is. */
export type Stored = string | LargeRef;

/** Gives the value behind a reference. @throws {PeriError} as {@link readLarge}. */
export type ReadLarge = (large: LargeRef) => Promise<string>;

/** A large value on its way to its file; without `content` and `draft` it is there. */
export interface LargeValue {
  readonly ref: LargeRef;
  readonly content?: Uint8Array;
  readonly draft?: Pick<Draft, "keep">;
}

/** What a {@link LargeRef} and the row of its file take. */
export const LARGE_REF_BYTES = 300;
/** What ends the head of a file. */
const LINE_FEED = 10;
/** Rows read or deleted at once. */
const STEP = 500;

/** A large value that is not what it was, or not there. Only its own reader is to blame its absence on. */
export class LostValue extends PeriError {
  constructor(cause: PeriError) {
    super("damaged", {
      op: "read a large value",
      subject: cause.kind === "not-found" ? "its file is missing" : "its file was changed",
      hint: "restore the folder blobs of the home from a backup",
      cause,
    });
  }
}

/** Whether a value does not fit a row. */
export function isLarge(text: string): boolean {
  // No UTF-16 unit takes more than three bytes.
  if (text.length * 3 <= MAX_STATE_VALUE_BYTES) return false;
  return text.length > MAX_STATE_VALUE_BYTES || utf8Length(text) > MAX_STATE_VALUE_BYTES;
}

/** Whether the value of a write goes to a file: as was decided, or as its size says. */
export function goesToFile(
  { value, isFile }: { readonly value?: string; readonly isFile?: boolean },
): boolean {
  return value !== undefined && (isFile ?? isLarge(value));
}

/**
 * A large value as its file. The file begins with its pod and the version that wrote it, so that
 * nobody lets go of a file that another pod or a component uses, or learns that there is one, and
 * none comes back that an older state is just letting go.
 */
export function largeOf(place: StatePlace, text: string): LargeValue {
  const head = headOf(place);
  const bytes = utf8Length(text);
  const content = new Uint8Array(head.length + bytes);
  content.set(head);
  new TextEncoder().encodeInto(text, content.subarray(head.length));
  const blob = formatHex(sha256(content)) as BlobId;
  return { ref: { blob, bytes }, content };
}

/** The value behind a reference. @throws {LostValue} when its file is missing or was changed. */
export async function readLarge(blobs: Blobs, { blob }: LargeRef): Promise<string> {
  try {
    const content = await blobs.get(blob);
    return decodeUtf8(content.subarray(content.indexOf(LINE_FEED) + 1));
  } catch (cause) {
    const error = toPeriError(cause, "read a large value");
    if (error.kind === "not-found" || error.kind === "damaged") throw new LostValue(error);
    throw cause;
  }
}

/** The row that says how often a state names a file; 0: it does not, and the file may have to go. */
export function usesKey({ generation, ...pod }: StatePlace, blob: BlobId): Key {
  return partitionKey(pod, "blob", blob, generation);
}

/** How often a state names a file. */
export async function readUses(store: Store, place: StatePlace, blob: BlobId): Promise<number> {
  return (await store.get<number>(usesKey(place, blob)))?.value ?? 0;
}

/** Removes a file unless a state of the pod names it; the row of `place` is 0 by then. */
export async function removeUnused(
  store: Store,
  blobs: Blobs,
  place: StatePlace,
  blob: BlobId,
): Promise<void> {
  const rows = await store.list<number>({ prefix: partitionKey(place, "blob", blob), limit: STEP });
  if (rows.every(({ value }) => value === 0)) await blobs.remove(blob);
}

/** Before a state is copied: what it names, its copy will. */
export async function copyUses(store: Store, from: StatePlace, to: StatePlace): Promise<void> {
  for await (const page of usesOf(store, from)) {
    const own = page.filter(({ generation }) => generation === from.generation);
    const puts = own.map(({ blob, uses }) => ({ key: usesKey(to, blob), value: uses }));
    if (puts.length > 0) await store.commit({ puts });
  }
}

/** Lets go of all files that a state names; it is of no use afterwards. */
export async function forgetFiles(store: Store, blobs: Blobs, place: StatePlace): Promise<void> {
  for await (const page of usesOf(store, place)) {
    const own = page.filter(({ generation }) => generation === place.generation);
    const keys = own.map(({ blob }) => usesKey(place, blob));
    if (keys.length === 0) continue;
    await store.commit({ puts: keys.map((key) => ({ key, value: 0 })) });
    for (const { blob } of own) await removeUnused(store, blobs, place, blob);
    await store.commit({ deletes: keys });
  }
}

/** Removes what no state of a pod names, after a crash or a commit that failed. */
export async function sweepLoose(store: Store, blobs: Blobs, pod: PodRef): Promise<void> {
  for await (const page of usesOf(store, pod)) {
    for (const { blob, generation, uses } of page) {
      if (uses > 0) continue;
      await removeUnused(store, blobs, { ...pod, generation }, blob);
      await store.commit({ deletes: [usesKey({ ...pod, generation }, blob)] });
    }
  }
  await store.commit({ deletes: [looseKey(pod)] });
}

/** Removes all files of a pod that leaves; its rows stay, so that a crash is made up for. */
export async function sweepFiles(store: Store, blobs: Blobs, pod: PodRef): Promise<void> {
  for await (const page of usesOf(store, pod)) {
    for (const { blob } of page) await blobs.remove(blob);
  }
  const mark = await store.get(looseKey(pod));
  if (mark !== undefined) await store.commit({ deletes: [mark.key] });
}

/** Pods of which a crash may have left files over. */
export async function loosePods(store: Store): Promise<PodRef[]> {
  const pods: PodRef[] = [];
  for (;;) {
    const last = pods.at(-1);
    const start = last === undefined ? {} : { start: [...looseKey(last), 0] };
    const rows = await store.list({ prefix: LOOSE_PREFIX, limit: STEP, ...start });
    for (const { key } of rows) {
      pods.push({ person: parseFingerprint(String(key[1])), pod: parsePodName(String(key[2])) });
    }
    if (rows.length < STEP) return pods;
  }
}

/** That a state names a file so often. */
interface Uses {
  readonly blob: BlobId;
  readonly generation: number;
  readonly uses: number;
}

/** Files of a pod and the states that name them, in pages. */
async function* usesOf(store: Store, pod: PodRef): AsyncGenerator<readonly Uses[]> {
  const prefix = partitionKey(pod, "blob");
  let start: Key | undefined;
  for (;;) {
    const page = { prefix, limit: STEP, ...start === undefined ? {} : { start } };
    const rows = await store.list<number>(page);
    yield rows.map(({ key, value }) => ({
      blob: key[4] as BlobId,
      generation: Number(key[5]),
      uses: value,
    }));
    if (rows.length < STEP) return;
    start = [...rows.at(-1)!.key, 0];
  }
}

/** What a file of a state begins with. */
export function headOf({ generation, ...pod }: StatePlace): Uint8Array {
  return encodeUtf8(`peri:value ${formatPodRef(pod)} ${generation}\n`);
}
