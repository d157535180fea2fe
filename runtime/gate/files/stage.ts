/**
 * What a person does to files in one session, until it is a saved file. Editors write beside a file
 * and rename over it, or move it away and write it anew, or empty it and fill it again: all that stays
 * here, and the pod is told once of what has come of it.
 *
 * @module
 */

import type { BlobReader } from "../../ports/blobs.ts";
import { isPassing } from "./passing.ts";
import { folderOf, nameOf, pathIn } from "./path.ts";
import { type Entry, MAX_INLINE_BYTES, type PodFiles, type Room } from "./pod.ts";
import type { Wanted } from "./sftp/attributes.ts";
import type { OpenMode } from "./sftp/request.ts";
import { exists, full, missing, type Reading, readOnly, refuse, type Work } from "./work.ts";

/** Files that are being written at once. */
const MAX_WORKS = 128;
/** Saved files of which it is remembered when. */
const MAX_SAVED = 1_000;
/** Bytes that are copied at once. */
const COPY_BYTES = 256 * 1024;

/** One session's view of a pod's files. One call at a time. */
export class Stage {
  readonly #works = new Map<string, Work>();
  /** Files of the pod that were moved to a passing name: that name to their own. */
  readonly #aside = new Map<string, { readonly path: string; isReplaced: boolean }>();
  /** When files were saved of which the pod does not say when they were: editors look at that. */
  readonly #saved = new Map<string, number>();

  constructor(private readonly pod: PodFiles, private readonly nowMs: () => number) {}

  /** What is at a path; at once when it is known. */
  look(path: string): Entry | undefined | Promise<Entry | undefined> {
    const work = this.#works.get(path);
    if (work !== undefined) return this.entryOf(work);
    const aside = this.#aside.get(path);
    if (aside !== undefined) return this.#lookAside(aside.path, nameOf(path));
    if (this.#isAway(path)) return undefined;
    const entry = this.pod.look(path);
    if (this.#saved.size === 0 || entry === undefined) return entry;
    if (entry instanceof Promise) return entry.then((one) => one && this.#dated(path, one));
    return this.#dated(path, entry);
  }

  /** What a work is for those who look. */
  entryOf({ path = "", draft, base, modifiedMs }: Work): Entry {
    return {
      name: nameOf(path),
      kind: "file",
      size: base?.size ?? draft.bytes,
      modifiedMs: modifiedMs ?? this.nowMs(),
      writable: true,
    };
  }

  /** The entries of a folder, a part at a time, each once. */
  async *list(path: string): AsyncGenerator<readonly Entry[]> {
    const own = [...this.#works].filter(([at]) => folderOf(at) === path)
      .map(([, work]) => this.entryOf(work));
    const names = new Set(own.map(({ name }) => name));
    let next = this.pod.list(path, undefined);
    for (let isFirst = true;; isFirst = false) {
      const page = await next;
      // The pod works on the next part while the client takes this one.
      if (page.next !== undefined) (next = this.pod.list(path, page.next)).catch(() => {});
      const rest = page.entries.filter(({ name }) =>
        !names.has(name) && !this.#isAway(pathIn(path, name))
      );
      const dated = rest.map((entry) => this.#dated(pathIn(path, entry.name), entry));
      yield isFirst ? [...own, ...dated] : dated;
      if (page.next === undefined) return;
    }
  }

  /** Opens a file. */
  async open(path: string, mode: OpenMode): Promise<Reading | Work> {
    const entry = await this.look(path);
    if (entry?.kind === "folder") throw refuse("invalid", `${path} is a folder`);
    if (entry === undefined && !(mode.create && mode.write)) throw missing(path);
    if (entry !== undefined && mode.create && mode.exclusive) throw exists(path);
    const work = mode.write ? await this.#write(path, entry, mode.truncate) : this.#works.get(path);
    if (work === undefined) return await this.#read(path, entry!);
    work.writers++;
    return work;
  }

  /** A part of a file. */
  read(file: Reading | Work, at: number, length: number): Uint8Array | Promise<Uint8Array> {
    if (file.kind === "reading") return file.content.read(at, length);
    return this.#load(file).then(() => file.draft.read(at, length));
  }

  /** Writes to a file that is open. */
  write(work: Work, at: number, bytes: Uint8Array): void | Promise<void> {
    if (at + bytes.length > work.mostBytes) throw full(work.mostBytes);
    this.#touch(work);
    if (work.base === undefined) return work.draft.write(at, bytes);
    const own = bytes.slice();
    return this.#load(work).then(() => work.draft.write(at, own));
  }

  /** Tells the pod of what was written. @throws {PeriError} what it refuses */
  async sync(work: Work): Promise<void> {
    if (!work.isChanged || work.path === undefined || isPassing(nameOf(work.path))) return;
    if (work.refusal !== undefined) throw work.refusal;
    try {
      await this.#offer(work, work.path);
    } catch (refusal) {
      work.refusal = refusal;
      throw refusal;
    }
  }

  /** Closes a file; the last one to do so tells the pod. @throws {PeriError} what it refuses */
  async close(file: Reading | Work): Promise<void> {
    if (file.kind === "reading") return file.content.close();
    if (--file.writers > 0) return;
    const isKept = file.path !== undefined && isPassing(nameOf(file.path));
    if (isKept) return;
    try {
      await this.sync(file);
    } finally {
      await this.#drop(file);
    }
  }

  /** Sets what of a file can be set: how long it is, and when it was changed. */
  async set(path: string, wanted: Wanted): Promise<void> {
    const entry = await this.look(path);
    if (entry === undefined) throw missing(path);
    if (wanted.size === undefined || entry.kind === "folder") {
      const work = this.#works.get(path);
      if (work !== undefined) this.#date(work, wanted);
      return;
    }
    const work = await this.#write(path, entry, wanted.size === 0);
    work.writers++;
    try {
      await this.setOpen(work, wanted);
    } finally {
      await this.close(work);
    }
  }

  /** As {@link Stage.set}, for a file that is open. */
  async setOpen(file: Reading | Work, wanted: Wanted): Promise<void> {
    if (file.kind === "reading") {
      if (wanted.size !== undefined) throw refuse("denied", "it is open to be read only");
      return;
    }
    const { size } = wanted;
    if (size !== undefined) {
      if (size > file.mostBytes) throw full(file.mostBytes);
      if (size > 0) await this.#load(file);
      file.base = undefined;
      this.#touch(file);
      await file.draft.truncate(size);
    }
    this.#date(file, wanted);
  }

  /** Removes a file; what was moved aside and is there anew is forgotten only. */
  async remove(path: string): Promise<void> {
    const work = this.#works.get(path);
    const aside = this.#aside.get(path);
    if (work !== undefined) {
      this.#works.delete(path);
      work.path = undefined;
      if (work.writers === 0) await work.draft.discard();
      if (isPassing(nameOf(path))) return;
      if (await this.pod.look(path) === undefined) return;
    }
    const entry = work ? undefined : await this.look(path);
    if (work === undefined && entry === undefined) throw missing(path);
    if (entry?.kind === "folder") throw refuse("invalid", `${path} is a folder`);
    this.#aside.delete(path);
    if (aside?.isReplaced) return;
    await this.pod.remove(aside?.path ?? path);
  }

  /** Removes an empty folder. */
  async removeFolder(path: string): Promise<void> {
    const entry = await this.look(path);
    if (entry === undefined) throw missing(path);
    if (entry.kind !== "folder" || path === "/") throw refuse("invalid", `${path} is no folder`);
    await this.pod.remove(path);
    for (const [at, work] of [...this.#works]) {
      if (at.startsWith(`${path}/`)) await this.#drop(work);
    }
  }

  /** Makes a folder. */
  async make(path: string): Promise<void> {
    if (await this.look(path) !== undefined) throw exists(path);
    await this.pod.make(path);
  }

  /** Gives a file another path. @param over what is there is replaced */
  async rename(path: string, to: string, over: boolean): Promise<void> {
    if (path === to) return;
    const [entry, there] = [await this.look(path), await this.look(to)];
    if (entry === undefined) throw missing(path);
    if (there !== undefined && !over) throw exists(to);
    if (there?.kind === "folder") throw refuse("invalid", `${to} is a folder`);
    const work = this.#works.get(path);
    if (work !== undefined) return await this.#renameWork(work, path, to);
    if (entry.kind === "folder" || !(isPassing(nameOf(to)) || this.#aside.has(path))) {
      return await this.pod.rename(path, to);
    }
    await this.#moveAside(path, to);
  }

  /** What there is room for. */
  room(): Promise<Room> {
    return this.pod.room();
  }

  /** Lets go of everything that was not closed: nothing of it is saved. */
  async end(): Promise<void> {
    for (const work of [...this.#works.values()]) await this.#drop(work);
    this.#aside.clear();
  }

  /** A file that is to be written, with what the pod has of it unless all of that goes. */
  async #write(path: string, entry: Entry | undefined, isEmptied: boolean): Promise<Work> {
    const known = this.#works.get(path);
    if (known !== undefined) {
      if (isEmptied) await this.setOpen(known, { size: 0 });
      return known;
    }
    if (entry?.writable === false) throw readOnly(path);
    if (this.#works.size >= MAX_WORKS) throw refuse("busy", "too many files are being written");
    if (entry === undefined) await this.#checkFolder(folderOf(path));
    const { freeBytes } = await this.pod.room();
    const work: Work = {
      kind: "work",
      path,
      draft: this.pod.draft(),
      base: isEmptied ? undefined : entry,
      isChanged: entry === undefined || isEmptied,
      modifiedMs: isEmptied ? this.nowMs() : entry?.modifiedMs ?? this.nowMs(),
      writers: 0,
      mostBytes: freeBytes + (entry?.size ?? 0),
    };
    this.#works.set(path, work);
    return work;
  }

  async #checkFolder(path: string): Promise<void> {
    const folder = await this.look(path);
    if (folder === undefined) throw missing(path);
    if (folder.kind !== "folder") throw refuse("invalid", `${path} is no folder`);
    if (!folder.writable) throw readOnly(path);
  }

  async #read(path: string, entry: Entry): Promise<Reading> {
    const aside = this.#aside.get(path);
    if (aside?.isReplaced) throw missing(path);
    return { kind: "reading", entry, content: await this.#contentOf(aside?.path ?? path, entry) };
  }

  async #contentOf(path: string, { blob }: Entry): Promise<BlobReader> {
    if (blob !== undefined) return await this.pod.open(blob);
    const content = await this.pod.read(path);
    if ("blob" in content) return await this.pod.open(content.blob);
    const bytes = content.inline;
    const read = (at: number, length: number) => bytes.subarray(at, at + length);
    return { bytes: bytes.length, read, close() {} };
  }

  /** Takes over what the pod has of a file. */
  async #load(work: Work): Promise<void> {
    const { base, draft, path } = work;
    if (base === undefined || path === undefined) return;
    work.base = undefined;
    const content = await this.#contentOf(path, base);
    try {
      for (let at = 0; at < content.bytes;) {
        const bytes = await content.read(at, COPY_BYTES);
        if (bytes.length === 0) break;
        await draft.write(at, bytes);
        at += bytes.length;
      }
    } finally {
      content.close();
    }
  }

  async #offer(work: Work, path: string): Promise<void> {
    await this.#load(work);
    const { draft, modifiedMs = this.nowMs() } = work;
    const content = draft.bytes <= MAX_INLINE_BYTES
      ? { inline: await draft.read(0, draft.bytes) }
      : { blob: await draft.seal(), size: draft.bytes };
    await this.pod.save(path, content, modifiedMs);
    this.#remember(path, modifiedMs);
    work.isChanged = false;
    for (const aside of this.#aside.values()) if (aside.path === path) aside.isReplaced = true;
    // What was kept cannot be written any more: whoever goes on gets it from the pod.
    if ("blob" in content) await this.#renew(work, path);
  }

  async #renew(work: Work, path: string): Promise<void> {
    await work.draft.discard();
    const entry = await this.pod.look(path);
    Object.assign(work, { draft: this.pod.draft(), base: entry });
  }

  async #renameWork(work: Work, path: string, to: string): Promise<void> {
    const replaced = this.#works.get(to);
    const isSaved = !isPassing(nameOf(to)) && work.writers === 0;
    if (isSaved) {
      await this.#offer({ ...work }, to);
      await this.#drop(work);
    } else {
      await this.#load(work);
      work.isChanged = true;
      work.path = to;
      this.#works.delete(path);
      this.#works.set(to, work);
    }
    if (replaced !== undefined && replaced !== work) {
      if (this.#works.get(to) === replaced) this.#works.delete(to);
      replaced.path = undefined;
      if (replaced.writers === 0) await replaced.draft.discard();
    }
  }

  /** The pod's file keeps its place, and is seen at another. */
  async #moveAside(path: string, to: string): Promise<void> {
    const aside = this.#aside.get(path);
    const own = aside?.path ?? path;
    if (aside?.isReplaced) throw missing(path);
    const replaced = this.#works.get(to);
    if (replaced !== undefined) await this.#drop(replaced);
    if (own !== to && !isPassing(nameOf(to))) {
      await this.pod.rename(own, to);
    } else if (own !== to) this.#aside.set(to, { path: own, isReplaced: false });
    this.#aside.delete(path);
  }

  async #lookAside(path: string, name: string): Promise<Entry | undefined> {
    const entry = await this.pod.look(path);
    return entry && { ...entry, name };
  }

  #isAway(path: string): boolean {
    for (const aside of this.#aside.values()) {
      if (aside.path === path && !aside.isReplaced) return true;
    }
    return false;
  }

  #dated(path: string, entry: Entry): Entry {
    const modifiedMs = entry.modifiedMs === 0 ? this.#saved.get(path) : undefined;
    return modifiedMs === undefined ? entry : { ...entry, modifiedMs };
  }

  #remember(path: string, modifiedMs: number): void {
    this.#saved.delete(path);
    this.#saved.set(path, modifiedMs);
    const [oldest] = this.#saved.keys();
    if (this.#saved.size > MAX_SAVED) this.#saved.delete(oldest!);
  }

  #touch(work: Work): void {
    work.isChanged = true;
    work.modifiedMs = this.nowMs();
    delete work.refusal;
  }

  #date(work: Work, { modifiedMs }: Wanted): void {
    if (modifiedMs !== undefined) work.modifiedMs = modifiedMs;
  }

  async #drop(work: Work): Promise<void> {
    if (work.path !== undefined && this.#works.get(work.path) === work) {
      this.#works.delete(work.path);
    }
    work.path = undefined;
    await work.draft.discard();
  }
}
