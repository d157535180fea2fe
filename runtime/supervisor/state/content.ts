/**
 * Contents: bytes that a pod owns and never sees, in the table `peri:contents` (docs/PROTOCOL.md,
 * "Contents"). A row of it says where they are. They came from a person who saved a file, as a sealed
 * draft whose head names the pod and its version, or they stand in another row already.
 *
 * @module
 */

import { type Bytes, equalBytes } from "../../model/bytes.ts";
import { PeriError, toPeriError } from "../../model/errors.ts";
import type { TableWrite } from "../../model/pod.ts";
import type { BlobId } from "../../model/words.ts";
import type { BlobReader, Blobs } from "../../ports/blobs.ts";
import { checkJson } from "../json.ts";
import type { StatePlace } from "../rows.ts";
import { headOf, type LargeRef, type LargeValue, LostValue } from "./large.ts";

/** The table of contents. */
export const CONTENTS_TABLE = "peri:contents";
/** What ends the head of a file. */
const LINE_FEED = 10;
/** Longest head of a file. */
const MAX_HEAD_BYTES = 256;
const ID = /^[0-9a-f]{64}$/;

/** Whether a write puts a content into its table. */
export function namesContent({ table, value }: TableWrite): boolean {
  return table === CONTENTS_TABLE && value !== undefined;
}

/** As it is read: `{"blob": id, "size": bytes}`. */
export function formatContent({ blob, bytes }: LargeRef): string {
  return JSON.stringify({ blob, size: bytes });
}

/**
 * What a pod writes of a content, in the one way it is written.
 *
 * @throws {PeriError} `invalid` when it says something else.
 */
export function checkContent(text: string): string {
  return formatContent(parseContent(text));
}

/** A row of a turn for a content, once it is sure that the pod owns it and how long it is. */
export async function findContent(
  { place, blobs, usesOf }: {
    readonly place: StatePlace;
    readonly blobs: Blobs;
    usesOf(blob: BlobId): Promise<number>;
  },
  text: string,
): Promise<LargeValue> {
  const { blob, bytes } = parseContent(text);
  const draft = blobs.sealed(blob);
  if (draft !== undefined && equalBytes(draft.head, headOf(place))) {
    return { ref: { blob, bytes: draft.bytes, isContent: true }, draft };
  }
  if (await usesOf(blob) === 0) {
    throw new PeriError("denied", {
      op: "keep a content",
      subject: `${blob.slice(0, 12)}… is none of this pod's`,
    });
  }
  const reader = await openContent(blobs, blob);
  reader.close();
  if (reader.bytes !== bytes) throw notContent(`its size is ${reader.bytes}, not ${bytes}`);
  return { ref: { blob, bytes, isContent: true } };
}

/**
 * A content of a pod, without the head of its file.
 *
 * @throws {LostValue} when its file is missing.
 */
export async function openContent(blobs: Blobs, blob: BlobId): Promise<BlobReader> {
  const reader = await blobs.open(blob).catch((cause) => {
    const error = toPeriError(cause, "read a content");
    throw error.kind === "not-found" ? new LostValue(error) : error;
  });
  const head: Bytes = await reader.read(0, MAX_HEAD_BYTES);
  const skipped = head.indexOf(LINE_FEED) + 1;
  return {
    bytes: reader.bytes - skipped,
    read: (at, length) => reader.read(skipped + at, length),
    close: () => reader.close(),
  };
}

function parseContent(text: string): LargeRef {
  const value = checkJson("content", text) as { blob?: unknown; size?: unknown } | null;
  const { blob, size } = typeof value === "object" && value !== null ? value : {};
  if (typeof blob !== "string" || !ID.test(blob)) throw notContent("it names no blob");
  if (!Number.isSafeInteger(size) || size as number < 0) throw notContent("it has no size");
  return { blob: blob as BlobId, bytes: size as number };
}

function notContent(subject: string): PeriError {
  return new PeriError("invalid", { op: "keep a content", subject });
}
