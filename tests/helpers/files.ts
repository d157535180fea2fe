/**
 * A pod's files in memory, which remembers what it was told.
 *
 * @module
 */

import { folderOf, nameOf } from "../../runtime/gate/files/path.ts";
import type { Content, Entry, Page, PodFiles, Room } from "../../runtime/gate/files/pod.ts";
import { encodeUtf8 } from "../../runtime/model/bytes.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { BlobId } from "../../runtime/model/words.ts";
import type { BlobReader, Blobs, Draft } from "../../runtime/ports/blobs.ts";

type Kept = (Content & { readonly modifiedMs?: number }) | "folder";

/** See the module. A file whose text holds `refuse me` it does not take. */
export class MemoryFiles implements PodFiles {
  readonly nodes = new Map<string, Kept>([["/", "folder"]]);
  /** `save /a`, `rename /a /b`, in order. */
  readonly told: string[] = [];
  readonly closed: string[] = [];
  /** Entries of one page. */
  pageEntries = 100;
  mostBytes = 1 << 30;

  constructor(private readonly blobs: Blobs) {}

  /** Puts a text there, as if it had always been. */
  put(path: string, text: string): void {
    this.nodes.set(path, { inline: encodeUtf8(text) });
  }

  /** What is there as text. */
  async text(path: string): Promise<string | undefined> {
    const kept = this.nodes.get(path);
    if (kept === undefined || kept === "folder") return undefined;
    const bytes = "inline" in kept ? kept.inline : await this.blobs.get(kept.blob as BlobId);
    return new TextDecoder().decode(bytes);
  }

  look(path: string): Promise<Entry | undefined> {
    const kept = this.nodes.get(path);
    return Promise.resolve(kept && entryOf(path, kept));
  }

  list(path: string, after: string | undefined): Promise<Page> {
    const paths = [...this.nodes.keys()].filter((one) => one !== "/" && folderOf(one) === path);
    const rest = paths.sort().filter((one) => after === undefined || nameOf(one) > after);
    const entries = rest.slice(0, this.pageEntries)
      .map((one) => entryOf(one, this.nodes.get(one)!));
    const isLast = entries.length === rest.length;
    return Promise.resolve(isLast ? { entries } : { entries, next: entries.at(-1)!.name });
  }

  read(path: string): Promise<Content> {
    return Promise.resolve(this.nodes.get(path) as Content);
  }

  async save(path: string, content: Content, modifiedMs: number): Promise<void> {
    this.told.push(`save ${path}`);
    const text = "inline" in content ? new TextDecoder().decode(content.inline) : "";
    if (text.includes("refuse me")) {
      throw new PeriError("denied", { op: "save a file", subject: "it asks to be refused" });
    }
    if ("blob" in content) await this.blobs.sealed(content.blob as BlobId)!.keep();
    const kept = "inline" in content ? { inline: content.inline.slice() } : content;
    this.nodes.set(path, { ...kept, modifiedMs });
  }

  remove(path: string): Promise<void> {
    this.told.push(`remove ${path}`);
    const isFull = [...this.nodes.keys()].some((one) => one.startsWith(`${path}/`));
    if (isFull) {
      throw new PeriError("conflict", { op: "remove", subject: "there is something in it" });
    }
    this.nodes.delete(path);
    return Promise.resolve();
  }

  rename(path: string, to: string): Promise<void> {
    this.told.push(`rename ${path} ${to}`);
    for (const [one, kept] of [...this.nodes]) {
      if (one !== path && !one.startsWith(`${path}/`)) continue;
      this.nodes.delete(one);
      this.nodes.set(to + one.slice(path.length), kept);
    }
    return Promise.resolve();
  }

  make(path: string): Promise<void> {
    this.told.push(`make ${path}`);
    this.nodes.set(path, "folder");
    return Promise.resolve();
  }

  open(blob: string): Promise<BlobReader> {
    return this.blobs.open(blob as BlobId);
  }

  draft(): Draft {
    return this.blobs.draft(new Uint8Array());
  }

  room(): Promise<Room> {
    return Promise.resolve({ mostBytes: this.mostBytes, freeBytes: this.mostBytes });
  }

  close(): void {
    this.closed.push("session");
  }
}

function entryOf(path: string, kept: Kept): Entry {
  const head = { name: nameOf(path), modifiedMs: 1_800_000_000_000, writable: true };
  if (kept === "folder") return { ...head, kind: "folder", size: 0 };
  const { modifiedMs = 0 } = kept;
  const file = { ...head, kind: "file", modifiedMs } as const;
  if ("inline" in kept) return { ...file, size: kept.inline.length };
  return { ...file, size: kept.size, blob: kept.blob };
}
