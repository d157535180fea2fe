/**
 * Blobs in memory, for tests.
 *
 * @module
 */

import { type Bytes, formatHex, sha256 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { BlobId } from "../../model/words.ts";
import type { BlobReader, Blobs, Draft } from "../../ports/blobs.ts";

/** Content-addressed bytes of one process. */
export class MemoryBlobs implements Blobs {
  readonly #blobs = new Map<BlobId, Bytes>();

  readonly #sealed = new Map<BlobId, Draft>();

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

  async open(id: BlobId): Promise<BlobReader> {
    const bytes = await this.get(id);
    const read = (at: number, length: number) => bytes.slice(at, at + length);
    return { bytes: bytes.length, read, close() {} };
  }

  draft(head: Uint8Array): Draft {
    return new MemoryDraft(head, this.#sealed, this);
  }

  sealed(id: BlobId): Draft | undefined {
    return this.#sealed.get(id);
  }
}

class MemoryDraft implements Draft {
  #content: Bytes = new Uint8Array();
  #id: BlobId | undefined;

  constructor(
    readonly head: Uint8Array,
    private readonly all: Map<BlobId, Draft>,
    private readonly blobs: MemoryBlobs,
  ) {}

  get bytes(): number {
    return this.#content.length;
  }

  read(at: number, length: number): Bytes {
    return this.#content.slice(at, at + length);
  }

  write(at: number, bytes: Uint8Array): void {
    this.#open();
    if (at + bytes.length > this.bytes) this.#resize(at + bytes.length);
    this.#content.set(bytes, at);
  }

  truncate(bytes: number): Promise<void> {
    this.#open();
    return Promise.resolve(this.#resize(bytes));
  }

  seal(): Promise<BlobId> {
    this.#id = formatHex(sha256(this.#whole())) as BlobId;
    this.all.set(this.#id, this);
    return Promise.resolve(this.#id);
  }

  async keep(): Promise<void> {
    await this.blobs.put(this.#whole());
  }

  discard(): Promise<void> {
    return Promise.resolve(this.#open());
  }

  #open(): void {
    if (this.#id !== undefined && this.all.get(this.#id) === this) this.all.delete(this.#id);
    this.#id = undefined;
  }

  #resize(bytes: number): void {
    const content = new Uint8Array(bytes);
    content.set(this.#content.subarray(0, bytes));
    this.#content = content;
  }

  #whole(): Bytes {
    const whole = new Uint8Array(this.head.length + this.bytes);
    whole.set(this.head);
    whole.set(this.#content, this.head.length);
    return whole;
  }
}
