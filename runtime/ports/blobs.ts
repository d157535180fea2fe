/**
 * Bytes too large for the store: files named by the SHA-256 of their content.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { BlobId } from "../model/words.ts";

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
}
