/**
 * Blobs in memory, for tests.
 *
 * @module
 */

import { type Bytes, formatHex, sha256 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { BlobId } from "../../model/words.ts";
import type { Blobs } from "../../ports/blobs.ts";

/** Content-addressed bytes of one process. */
export class MemoryBlobs implements Blobs {
  readonly #blobs = new Map<BlobId, Bytes>();

  /** How many there are, for tests. */
  get count(): number {
    return this.#blobs.size;
  }

  /** Their names, for tests. */
  get names(): readonly BlobId[] {
    return [...this.#blobs.keys()];
  }

  put(bytes: Uint8Array): Promise<BlobId> {
    const id = formatHex(sha256(bytes)) as BlobId;
    this.#blobs.set(id, new Uint8Array(bytes));
    return Promise.resolve(id);
  }

  get(id: BlobId): Promise<Bytes> {
    const bytes = this.#blobs.get(id);
    if (bytes) return Promise.resolve(new Uint8Array(bytes));
    return Promise.reject(new PeriError("not-found", { op: "read blob", subject: id }));
  }

  remove(id: BlobId): Promise<void> {
    this.#blobs.delete(id);
    return Promise.resolve();
  }
}
