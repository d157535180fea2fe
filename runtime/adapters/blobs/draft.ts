/**
 * Bytes that are still being written: small ones in memory, more in a file beside the blobs. They are
 * hashed on the way while they come in order.
 *
 * @module
 */

import { createHash, type Hash } from "node:crypto";
import type { Bytes } from "../../model/bytes.ts";
import type { BlobId } from "../../model/words.ts";
import type { Draft } from "../../ports/blobs.ts";
import { storeError } from "../failures.ts";

/** What a draft needs of the folder it will be in. */
export interface Desk {
  /** A new path for it. */
  make(): Promise<string>;
  /** Drafts that have been sealed. */
  readonly sealed: Map<BlobId, Draft>;
  /** Makes a file that is on disk the blob of an id. */
  take(path: string, id: BlobId): Promise<void>;
}

/** Bytes that are collected before they are written. */
const BUFFER_BYTES = 1024 * 1024;
/** A small draft begins with this. */
const FIRST_BYTES = 64 * 1024;

/** See the module. */
export class FileDraft implements Draft {
  /** What is not in the file, from `#from` on. */
  #buffer: Bytes = new Uint8Array(FIRST_BYTES);
  #from = 0;
  #filled = 0;
  #bytes = 0;
  #file: { readonly path: string; readonly handle: Deno.FsFile } | undefined;
  #spare: Bytes | undefined;
  /** Of what is in the file, when it came in order. */
  #hash: Hash | undefined;
  #hashed = 0;
  /** Where the file is written next, if that is known. */
  #place = 0;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown;
  #id: BlobId | undefined;
  #isKept = false;

  constructor(readonly head: Uint8Array, private readonly desk: Desk) {}

  get bytes(): number {
    return this.#bytes;
  }

  write(at: number, bytes: Uint8Array): void | Promise<void> {
    this.#reopen();
    const end = at + bytes.length;
    const fits = at >= this.#from && at <= this.#from + this.#filled &&
      end <= this.#from + BUFFER_BYTES;
    if (!fits) return this.#writeApart(at, bytes);
    this.#put(at, bytes);
  }

  async read(at: number, length: number): Promise<Bytes> {
    const end = Math.min(at + length, this.#bytes);
    if (at >= end) return new Uint8Array();
    if (at >= this.#from && end <= this.#from + this.#filled) {
      return this.#buffer.slice(at - this.#from, end - this.#from);
    }
    await this.#flush();
    return await this.#readFile(this.head.length + at, end - at);
  }

  async truncate(bytes: number): Promise<void> {
    this.#reopen();
    if (bytes === this.#bytes) return;
    await this.#settle();
    if (this.#file === undefined && bytes <= BUFFER_BYTES) {
      this.#grow(bytes);
      this.#buffer.fill(0, Math.min(bytes, this.#filled), this.#buffer.length);
      this.#filled = bytes;
    } else {
      await this.#flush();
      const { handle } = await this.#open();
      await handle.truncate(this.head.length + bytes);
      if (bytes < this.#hashed) this.#hash = undefined;
      this.#from = bytes;
    }
    this.#bytes = bytes;
  }

  async seal(): Promise<BlobId> {
    if (this.#id !== undefined) return this.#id;
    try {
      await this.#flush(true);
      const { handle } = await this.#open();
      const syncing = handle.syncData();
      const id = await this.#digest() as BlobId;
      await syncing;
      this.#id = id;
    } catch (cause) {
      throw storeError("write blob", cause, "a file that was saved");
    }
    this.desk.sealed.set(this.#id, this);
    return this.#id;
  }

  async keep(): Promise<void> {
    if (this.#isKept || this.#id === undefined || this.#file === undefined) return;
    this.#isKept = true;
    await this.desk.take(this.#file.path, this.#id);
  }

  async discard(): Promise<void> {
    this.#forget();
    await this.#settle().catch(() => {});
    const file = this.#file;
    this.#file = undefined;
    file?.handle.close();
    if (file !== undefined && !this.#isKept) await Deno.remove(file.path).catch(() => undefined);
  }

  /** From now on it is not what was sealed. */
  #reopen(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isKept) throw new Error("a draft was written after it was kept");
    this.#forget();
  }

  #forget(): void {
    if (this.#id !== undefined && this.desk.sealed.get(this.#id) === this) {
      this.desk.sealed.delete(this.#id);
    }
    this.#id = undefined;
  }

  #put(at: number, bytes: Uint8Array): void {
    const place = at - this.#from;
    this.#grow(place + bytes.length);
    this.#buffer.set(bytes, place);
    this.#filled = Math.max(this.#filled, place + bytes.length);
    this.#bytes = Math.max(this.#bytes, at + bytes.length);
  }

  async #writeApart(at: number, bytes: Uint8Array): Promise<void> {
    // Who writes in order waits for the buffer before the last only.
    const isNext = at === this.#from + this.#filled;
    const own = bytes.slice();
    await this.#flush(!isNext);
    if (!isNext) this.#from = at;
    for (let done = 0; done < own.length; done += BUFFER_BYTES) {
      if (done > 0) await this.#flush();
      this.#put(at + done, own.subarray(done, done + BUFFER_BYTES));
    }
  }

  #grow(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.min(BUFFER_BYTES, Math.max(bytes, 2 * this.#buffer.length)));
    grown.set(this.#buffer.subarray(0, this.#filled));
    this.#buffer = grown;
  }

  /** Hands the buffer to the file. @param isSettled waits until all is written */
  async #flush(isSettled = true): Promise<void> {
    const { handle } = await this.#open();
    await this.#settle();
    const [at, bytes] = [this.#from, this.#buffer.subarray(0, this.#filled)];
    const full = this.#buffer;
    this.#buffer = this.#spare ?? new Uint8Array(BUFFER_BYTES);
    this.#spare = undefined;
    this.#from += this.#filled;
    this.#filled = 0;
    if (bytes.length > 0) {
      this.#writing = this.#writeOut(handle, at, bytes).then(
        () => void (this.#spare = full.length === BUFFER_BYTES ? full : undefined),
        (cause) => void (this.#failure = cause),
      );
      this.#absorb(at, bytes);
    }
    if (isSettled) await this.#settle();
  }

  async #settle(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw storeError("write blob", this.#failure, "a draft");
  }

  async #writeOut(handle: Deno.FsFile, at: number, bytes: Bytes): Promise<void> {
    const start = this.head.length + at;
    if (this.#place !== start) await handle.seek(start, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) done += await handle.write(bytes.subarray(done));
    this.#place = start + bytes.length;
  }

  #absorb(at: number, bytes: Bytes): void {
    if (this.#hash === undefined) return;
    if (at === this.#hashed) {
      this.#hash.update(bytes);
      this.#hashed += bytes.length;
    } else if (at < this.#hashed) this.#hash = undefined;
  }

  async #digest(): Promise<string> {
    if (this.#hash !== undefined && this.#hashed === this.#bytes) {
      return this.#hash.copy().digest("hex");
    }
    const hash = createHash("sha256").update(this.head);
    for (let at = 0; at < this.#bytes; at += BUFFER_BYTES) {
      const length = Math.min(BUFFER_BYTES, this.#bytes - at);
      hash.update(await this.#readFile(this.head.length + at, length));
    }
    return hash.digest("hex");
  }

  async #readFile(at: number, length: number): Promise<Bytes> {
    const { handle } = await this.#open();
    const bytes = new Uint8Array(length);
    this.#place = -1;
    await handle.seek(at, Deno.SeekMode.Start);
    let filled = 0;
    while (filled < length) {
      const count = await handle.read(bytes.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    return bytes;
  }

  async #open(): Promise<{ readonly path: string; readonly handle: Deno.FsFile }> {
    if (this.#file !== undefined) return this.#file;
    const path = await this.desk.make();
    const handle = await Deno.open(path, { read: true, write: true, createNew: true, mode: 0o600 });
    this.#file = { path, handle };
    await this.#writeOut(handle, -this.head.length, this.head as Bytes);
    this.#hash = createHash("sha256").update(this.head);
    return this.#file;
  }
}
