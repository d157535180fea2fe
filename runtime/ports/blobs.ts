/**
 * Bytes too large for the store: files named by the SHA-256 of their content.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { BlobId } from "../model/words.ts";

/** A blob that is read in parts. */
export interface BlobReader {
  readonly bytes: number;
  /**
   * At most so many bytes from a place on; none at its end. They are not checked against the id: of a
   * part that cannot be done.
   */
  read(at: number, length: number): Bytes | Promise<Bytes>;
  /** Lets go of it. Repeating it changes nothing. */
  close(): void;
}

/**
 * Bytes that are still being written, and become a blob when they are kept. One call at a time. A
 * process that ends takes it with it.
 */
export interface Draft {
  /** Without its head. */
  readonly bytes: number;
  /** What the blob begins with; counted nowhere here. */
  readonly head: Uint8Array;
  /** At most so many bytes from a place on; none at its end. */
  read(at: number, length: number): Bytes | Promise<Bytes>;
  /** Writes at a place; between its end and a later place are zeros. The bytes may be reused. */
  write(at: number, bytes: Uint8Array): void | Promise<void>;
  /** Makes it so long. */
  truncate(bytes: number): Promise<void>;
  /** The id it will have, under which {@link Blobs.sealed} knows it until it is written or let go. */
  seal(): Promise<BlobId>;
  /** Makes what was sealed a blob, on disk when this resolves. Repeating it changes nothing. */
  keep(): Promise<void>;
  /** Lets go of it, and of what was not kept. Repeating it changes nothing. */
  discard(): Promise<void>;
}

/** Content-addressed files. */
export interface Blobs {
  /** Keeps bytes; on disk (fsync, rename) when it resolves. Repeating it changes nothing. */
  put(bytes: Uint8Array): Promise<BlobId>;
  /**
   * The bytes of an id, checked against it.
   *
   * @throws {PeriError} `not-found`, or `damaged` when the content no longer matches its name.
   */
  get(id: BlobId): Promise<Bytes>;
  /** Forgets bytes; nothing happens when there are none. */
  remove(id: BlobId): Promise<void>;
  /** Opens bytes to be read in parts; whoever opens it closes it. @throws {PeriError} `not-found` */
  open(id: BlobId): Promise<BlobReader>;
  /** Begins bytes that are too many to be put at once; whoever begins it discards it. */
  draft(head: Uint8Array): Draft;
  /** The draft that has been sealed with this id, if there is one. */
  sealed(id: BlobId): Draft | undefined;
}
