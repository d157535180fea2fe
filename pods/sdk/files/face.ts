/**
 * The files of a pod as its periphery asks for them, made from its folders.
 *
 * ```ts
 * class NoteFiles extends FileFace {
 *   protected override readonly root = folder({
 *     notes: rows(this.table<Note>("notes"), { text: ({ text }) => text, save: (text) => ({ text }) }),
 *     photos: shelf(this.pod, "photos"),
 *   });
 * }
 * export default class Notes extends Pod {
 *   readonly files = new NoteFiles(this);
 * }
 * ```
 *
 * @module
 */

import { Refusal } from "../refusal.ts";
import { sizeUtf8 } from "../text/utf8.ts";
import { type Content, type Entry, Files, type Page } from "./contract.ts";
import { cannot, type Folder, folderAt, lookAt, type Node, nodeAt, placeAt } from "./tree.ts";

/** Nodes asked of a folder for one page, and about the bytes of a page: an answer has 48 KiB. */
const [PAGE_NODES, PAGE_BYTES] = [250, 36 * 1024];
/** An entry's bytes besides its name. */
const ENTRY_BYTES = 120;
/** Longest name, as in most file systems. */
const MAX_NAME_BYTES = 255;

/** Extended by the part of a pod that offers `peri:face/files`. */
export abstract class FileFace extends Files {
  /** The folder that is `/`. */
  protected abstract readonly root: Folder;

  /** What is at a path. */
  override async look(path: string): Promise<Entry | undefined> {
    const node = await lookAt(this.root, path);
    return node && entryOf(node);
  }

  /** A part of a folder. */
  override async list(path: string, after?: string): Promise<Page> {
    const folder = await folderAt(this.root, "list a folder", path);
    const listed = await folder.list(after, PAGE_NODES);
    const entries: Entry[] = [];
    let bytes = 0;
    let last: string | undefined;
    for (const [at, node] of listed) {
      const entry = entryOf(node);
      bytes += ENTRY_BYTES + 2 * sizeUtf8(entry.name) + (entry.blob?.length ?? 0);
      if (entries.length > 0 && bytes > PAGE_BYTES) return { entries, next: last };
      entries.push(entry);
      last = at;
    }
    return listed.length < PAGE_NODES ? { entries } : { entries, next: last };
  }

  /** The content of a file. */
  override async read(path: string): Promise<Content> {
    const node = await nodeAt(this.root, "read a file", path);
    if (node.kind === "file") return await node.read();
    throw new Refusal("invalid", { op: "read a file", subject: `${path} is a folder` });
  }

  /** Takes a file that was saved. */
  override async save(path: string, content: Content, modifiedMs: number): Promise<void> {
    const { folder, name } = await placeAt(this.root, "save a file", path);
    checkName(name);
    if (folder.save === undefined) throw cannot("save a file", path);
    await folder.save(name, content, modifiedMs);
  }

  /** Removes a file or an empty folder. */
  override async remove(path: string): Promise<void> {
    const { folder, name } = await placeAt(this.root, "remove a file", path);
    const node = await folder.look(name);
    if (node === undefined) throw missing("remove a file", path);
    if (folder.remove === undefined) throw cannot("remove a file", path);
    await folder.remove(node);
  }

  /** Gives a file another path; where that is another kind of folder, it is saved there. */
  override async rename(path: string, to: string): Promise<void> {
    const op = "rename a file";
    const { folder, name } = await placeAt(this.root, op, path);
    const target = await placeAt(this.root, op, to);
    checkName(target.name);
    const node = await folder.look(name);
    if (node === undefined) throw missing(op, path);
    if (!node.writable) throw cannot(op, path);
    if (await folder.rename?.(node, target.folder, target.name)) return;
    if (node.kind === "folder" || !folder.remove) throw cannot(op, path);
    if (target.folder.save === undefined) throw cannot(op, to);
    await target.folder.save(target.name, await node.read(), node.modifiedMs);
    await folder.remove(node);
  }

  /** Makes a folder. */
  override async make(path: string): Promise<void> {
    const { folder, name } = await placeAt(this.root, "make a folder", path);
    checkName(name);
    if (folder.make === undefined) throw cannot("make a folder", path);
    await folder.make(name);
  }
}

function entryOf(node: Node): Entry {
  const { name, kind } = node;
  if (kind === "folder") {
    const folder = node.open();
    const writable = folder.save !== undefined || folder.make !== undefined;
    return { name, kind, size: 0, modifiedMs: node.modifiedMs ?? 0, writable };
  }
  const { size, modifiedMs, writable = false, blob } = node;
  return { name, kind, size, modifiedMs, writable, ...blob !== undefined && { blob } };
}

function checkName(name: string): void {
  if (sizeUtf8(name) <= MAX_NAME_BYTES) return;
  const subject = `its name is longer than ${MAX_NAME_BYTES} bytes`;
  throw new Refusal("invalid", { op: "save a file", subject });
}

function missing(op: string, path: string): Refusal {
  return new Refusal("not-found", { op, subject: `there is no ${path}` });
}
