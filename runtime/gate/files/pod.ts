/**
 * What is asked of a pod that shows files (`peri:face/files`), and of the periphery that keeps their
 * contents.
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import type { BlobReader, Draft } from "../../ports/blobs.ts";

/** A file or a folder. */
export interface Entry {
  readonly name: string;
  readonly kind: "file" | "folder";
  readonly size: number;
  /** Milliseconds since 1970 UTC. */
  readonly modifiedMs: number;
  readonly writable: boolean;
  /** Where its content is, when the periphery keeps it. */
  readonly blob?: string;
}

/** A part of a folder. */
export interface Page {
  readonly entries: readonly Entry[];
  /** Where the next part begins; absent in the last. */
  readonly next?: string;
}

/** What a file holds. */
export type Content =
  | { readonly inline: Bytes }
  | { readonly blob: string; readonly size: number };

/** What a pod may keep. */
export interface Room {
  readonly mostBytes: number;
  readonly freeBytes: number;
}

/**
 * The files of one pod, for the person whose it is. Paths are absolute and plain. Everything throws
 * {@link PeriError} what the pod refuses, `expired` when it does not answer in time.
 */
export interface PodFiles {
  /** At once where it is known. */
  look(path: string): Entry | undefined | Promise<Entry | undefined>;
  list(path: string, after: string | undefined): Promise<Page>;
  read(path: string): Promise<Content>;
  save(path: string, content: Content, modifiedMs: number): Promise<void>;
  remove(path: string): Promise<void>;
  rename(path: string, to: string): Promise<void>;
  make(path: string): Promise<void>;
  /** Opens a content that the periphery keeps for this pod. @throws {PeriError} `not-found` */
  open(blob: string): Promise<BlobReader>;
  /** Begins a content that may become one of this pod's. */
  draft(): Draft;
  room(): Promise<Room>;
  /** The session is over; nothing is asked any more. */
  close(): void;
}

/** Files that are small enough for the pod itself are given to it; the periphery keeps the others. */
export const MAX_INLINE_BYTES = 32 * 1024;
