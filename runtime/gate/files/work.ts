/**
 * Files that are open in a session, and why some are not.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import type { BlobReader, Draft } from "../../ports/blobs.ts";
import type { Entry } from "./pod.ts";

/** A file that is open to be read. */
export interface Reading {
  readonly kind: "reading";
  readonly entry: Entry;
  readonly content: BlobReader;
}

/** A file that is being written, by one or more who have it open; the pod has not heard of it. */
export interface Work {
  readonly kind: "work";
  /** Where it is; undefined when it was removed while it was open. */
  path: string | undefined;
  readonly draft: Draft;
  /** The pod's file, while what it holds has not been taken over. */
  base: Entry | undefined;
  /** It is not what the pod has. */
  isChanged: boolean;
  modifiedMs: number | undefined;
  /** Why the pod did not take what it holds now. */
  refusal?: unknown;
  /** Who has it open. */
  writers: number;
  /** Bytes it may have. */
  readonly mostBytes: number;
}

/** What cannot be done with a file. */
export function refuse(kind: "invalid" | "denied" | "busy", subject: string): PeriError {
  return new PeriError(kind, { op: "use a file", subject });
}

/** There is no file. */
export function missing(path: string): PeriError {
  return new PeriError("not-found", { op: "find a file", subject: `there is no ${path}` });
}

/** There is a file already. */
export function exists(path: string): PeriError {
  return new PeriError("exists", { op: "make a file", subject: `${path} is there already` });
}

/** A file is there to be read only. */
export function readOnly(path: string): PeriError {
  return new PeriError("denied", { op: "write a file", subject: `${path} is there to be read` });
}

/** There is no room. */
export function full(mostBytes: number): PeriError {
  const subject = `the pod has room for ${mostBytes} bytes`;
  return new PeriError("over-quota", { op: "write a file", subject });
}
