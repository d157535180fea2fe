/**
 * Blobs as files named by their SHA-256, in folders of their first two digits.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { type Bytes, formatHex, sha256 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { BlobId } from "../model/words.ts";
import type { BlobReader, Blobs, Draft } from "../ports/blobs.ts";
import { FileDraft } from "./blobs/draft.ts";
import { openReader } from "./blobs/reader.ts";
import { storeError } from "./failures.ts";

/** Folder in a folder of blobs for what is still being written; no hash begins so. */
const DRAFTS = "drafts";

/** Blobs in a folder, which is made when it is missing. */
export function fileBlobs(folder: string): Blobs {
  return new FileBlobs(folder);
}

class FileBlobs implements Blobs {
  readonly #folder: string;
  #writes = 0;
  readonly #sealed = new Map<BlobId, Draft>();
  #drafts: string | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(bytes: Uint8Array): Promise<BlobId> {
    const id = formatHex(sha256(bytes)) as BlobId;
    const path = this.#pathOf(id);
    if (await this.#has(id)) return id;
    const passing = `${path}.${Deno.pid}-${this.#writes++}.tmp`;
    try {
      await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeSynced(passing, bytes);
      await Deno.rename(passing, path);
      // The name itself is on disk only when its folders are.
      await syncFolder(dirname(path));
      await syncFolder(this.#folder);
    } catch (cause) {
      await Deno.remove(passing).catch(() => undefined);
      throw storeError("write blob", cause, path);
    }
    return id;
  }

  async get(id: BlobId): Promise<Bytes> {
    const bytes = await this.#read(id);
    if (formatHex(sha256(bytes)) === id) return bytes;
    const hint = `the file ${this.#pathOf(id)} was changed; restore it from a backup`;
    throw new PeriError("damaged", { op: "read blob", subject: id, hint });
  }

  async remove(id: BlobId): Promise<void> {
    try {
      await Deno.remove(this.#pathOf(id));
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotFound)) throw storeError("remove blob", cause, id);
    }
  }

  async open(id: BlobId): Promise<BlobReader> {
    try {
      return await openReader(this.#pathOf(id));
    } catch (cause) {
      throw readError(id, this.#pathOf(id), cause);
    }
  }

  draft(head: Uint8Array): Draft {
    return new FileDraft(head, {
      make: () => this.#newDraft(),
      sealed: this.#sealed,
      take: (path, id) => this.#take(path, id),
    });
  }

  sealed(id: BlobId): Draft | undefined {
    return this.#sealed.get(id);
  }

  /** A path for a draft. Those of a process that has ended are gone by then. */
  async #newDraft(): Promise<string> {
    const folder = join(this.#folder, DRAFTS);
    if (this.#drafts === undefined) {
      await Deno.remove(folder, { recursive: true }).catch(() => undefined);
      this.#drafts = folder;
    }
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    return join(folder, `${this.#writes++}`);
  }

  /** Makes a file that is on disk the blob of an id. */
  async #take(path: string, id: BlobId): Promise<void> {
    const place = this.#pathOf(id);
    try {
      await Deno.mkdir(dirname(place), { recursive: true, mode: 0o700 });
      await Deno.rename(path, place);
      await syncFolder(dirname(place));
      await syncFolder(this.#folder);
    } catch (cause) {
      throw storeError("write blob", cause, place);
    }
  }

  async #has(id: BlobId): Promise<boolean> {
    try {
      return formatHex(sha256(await this.#read(id))) === id;
    } catch {
      return false;
    }
  }

  async #read(id: BlobId): Promise<Bytes> {
    try {
      return await Deno.readFile(this.#pathOf(id));
    } catch (cause) {
      throw readError(id, this.#pathOf(id), cause);
    }
  }

  #pathOf(id: BlobId): string {
    if (!/^[0-9a-f]{64}$/.test(id)) {
      throw new PeriError("invalid", { op: "read blob", subject: "not a blob's name" });
    }
    return join(this.#folder, id.slice(0, 2), id.slice(2));
  }
}

function readError(id: BlobId, path: string, cause: unknown): PeriError {
  if (!(cause instanceof Deno.errors.NotFound)) return storeError("read blob", cause, path);
  const hint = "restore the folder blobs of the home from a backup";
  return new PeriError("not-found", { op: "read blob", subject: id, hint, cause });
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  await file.sync();
}

async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path, { read: true });
  await folder.sync();
}
