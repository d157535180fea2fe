/**
 * A file that is read in parts, ahead of who reads it from front to back.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../model/bytes.ts";
import type { BlobReader } from "../../ports/blobs.ts";

/** Bytes that are read at once. */
const CHUNK_BYTES = 1024 * 1024;

interface Chunk {
  readonly at: number;
  readonly bytes: Bytes;
}

/** Opens a file. @throws {Deno.errors.NotFound} */
export async function openReader(path: string): Promise<BlobReader> {
  const file = await Deno.open(path, { read: true });
  try {
    return new Reader(file, (await file.stat()).size);
  } catch (cause) {
    file.close();
    throw cause;
  }
}

class Reader implements BlobReader {
  #chunk: Chunk = { at: 0, bytes: new Uint8Array() };
  /** The chunk after it, on its way. */
  #next: { readonly at: number; readonly chunk: Promise<Chunk> } | undefined;
  #working: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  /** Where the file is read next. */
  #place = 0;

  constructor(private readonly file: Deno.FsFile, readonly bytes: number) {}

  read(at: number, length: number): Bytes | Promise<Bytes> {
    const end = Math.min(at + length, this.bytes);
    if (at >= end) return new Uint8Array();
    const { at: from, bytes } = this.#chunk;
    if (at >= from && end <= from + bytes.length) return bytes.subarray(at - from, end - from);
    return this.#fetch(at, end);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    void this.#working.finally(() => this.file.close());
  }

  async #fetch(at: number, end: number): Promise<Bytes> {
    const { at: from, bytes } = this.#chunk;
    const follows = at >= from && at <= from + bytes.length && bytes.length > 0;
    const start = Math.floor(at / CHUNK_BYTES) * CHUNK_BYTES;
    // Whoever jumps about wants little more than they say.
    const isFirst = at === 0;
    if (!follows && !isFirst && this.#next?.at !== start) {
      return (await this.#load(at, end - at)).bytes;
    }
    const ready = this.#next?.at === start ? this.#next.chunk : this.#load(start, CHUNK_BYTES);
    this.#next = undefined;
    this.#chunk = await ready;
    const after = start + CHUNK_BYTES;
    if (after < this.bytes) {
      const chunk = this.#load(after, CHUNK_BYTES);
      chunk.catch(() => {});
      this.#next = { at: after, chunk };
    }
    const loaded = this.#chunk;
    const part = loaded.bytes.subarray(at - loaded.at, end - loaded.at);
    // Fewer bytes than were asked for would be the end of the file to who reads it.
    if (part.length === end - at || loaded.at + loaded.bytes.length < after) return part;
    return concatBytes([part, await this.read(at + part.length, end - at - part.length)]);
  }

  #load(at: number, length: number): Promise<Chunk> {
    const loading = this.#working.then(async () => {
      const bytes = new Uint8Array(Math.min(length, this.bytes - at));
      if (this.#place !== at) await this.file.seek(at, Deno.SeekMode.Start);
      let filled = 0;
      while (filled < bytes.length) {
        const count = await this.file.read(bytes.subarray(filled));
        if (count === null) break;
        filled += count;
      }
      this.#place = at + filled;
      return { at, bytes: bytes.subarray(0, filled) };
    });
    this.#working = loading.catch(() => {});
    return loading;
  }
}
