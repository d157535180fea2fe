/**
 * Requests of one session and their answers.
 *
 * @module
 */

import { type PeriError, toPeriError } from "../../model/errors.ts";
import { Handles, type Listing, MAX_HANDLES } from "./handles.ts";
import { parsePath } from "./path.ts";
import type { Stage } from "./stage.ts";
import {
  encodeAttributes,
  encodeDataHead,
  encodeHandle,
  encodeLimits,
  encodeNames,
  encodePath,
  encodeRoom,
  encodeStatus,
  MAX_DATA_BYTES,
  shortText,
  STATUS,
  type Status,
} from "./sftp/answer.ts";
import { BadPacket } from "./sftp/bytes.ts";
import type { OpenMode, Request } from "./sftp/request.ts";
import { missing, refuse } from "./work.ts";

/** An answer, in one piece or more. */
export type Answer = readonly Uint8Array[];

const STATUSES: Partial<Record<PeriError["kind"], Status>> = {
  "not-found": STATUS.noSuchFile,
  "denied": STATUS.denied,
};

/** Answers requests one at a time, in their order. */
export class Desk {
  readonly #handles = new Handles();

  constructor(private readonly stage: Stage) {}

  /** The answer to a request; at once where nobody must be asked. Never throws. */
  answer(request: Request): Answer | Promise<Answer> {
    try {
      const answer = this.#answer(request);
      return answer instanceof Promise
        ? answer.catch((cause) => [failure(request.id, cause)])
        : answer;
    } catch (cause) {
      return [failure(request.id, cause)];
    }
  }

  /** Lets go of all that is open; nothing of it is saved. */
  async end(): Promise<void> {
    for (const opened of this.#handles.takeAll()) {
      if (opened.kind === "file" && opened.file.kind === "reading") opened.file.content.close();
    }
    await this.stage.end();
  }

  #answer(request: Request): Answer | Promise<Answer> {
    const { id } = request;
    switch (request.kind) {
      case "read":
        return this.#read(request);
      case "write":
        return this.#write(request);
      case "stat":
        return this.#stat(id, parsePath(request.path));
      case "readdir":
        return this.#readFolder(id, this.#handles.listing(request.handle));
      case "realpath":
        return [encodePath(id, parsePath(request.path))];
      case "limits":
        return [encodeLimits(id, MAX_HANDLES)];
      case "unknown":
        return [encodeStatus(id, STATUS.unsupported, "there is no such thing here")];
      default:
        return this.#ask(request);
    }
  }

  /** What may have to wait. */
  async #ask(request: Request): Promise<Answer> {
    const { id } = request;
    const { stage } = this;
    switch (request.kind) {
      case "open":
        return [encodeHandle(id, await this.#open(parsePath(request.path), request.mode))];
      case "opendir":
        return [encodeHandle(id, await this.#openFolder(parsePath(request.path)))];
      case "close":
        await this.#close(request.handle);
        break;
      case "fstat":
        return [encodeAttributes(id, this.#entryOf(request.handle))];
      case "fsync": {
        const { file } = this.#handles.file(request.handle);
        if (file.kind === "work") await stage.sync(file);
        break;
      }
      case "setstat":
        await stage.set(parsePath(request.path), request.wanted);
        break;
      case "fsetstat":
        await stage.setOpen(this.#handles.file(request.handle).file, request.wanted);
        break;
      case "remove":
        await stage.remove(parsePath(request.path));
        break;
      case "rmdir":
        await stage.removeFolder(parsePath(request.path));
        break;
      case "mkdir":
        await stage.make(parsePath(request.path));
        break;
      case "rename":
        await stage.rename(parsePath(request.path), parsePath(request.to), request.over);
        break;
      case "readlink":
        throw refuse("invalid", "there are no links here");
      case "statvfs":
        return [encodeRoom(id, await stage.room())];
    }
    return [encodeStatus(id, STATUS.ok)];
  }

  #read({ id, handle, at, length }: Request & { kind: "read" }): Answer | Promise<Answer> {
    const { file, isReadable } = this.#handles.file(handle);
    if (!isReadable) throw refuse("denied", "it is open to be written only");
    const bytes = this.stage.read(file, at, Math.min(length, MAX_DATA_BYTES));
    return bytes instanceof Promise ? bytes.then((read) => data(id, read)) : data(id, bytes);
  }

  #write({ id, handle, at, bytes }: Request & { kind: "write" }): Answer | Promise<Answer> {
    const { file, isAppending } = this.#handles.file(handle);
    if (file.kind === "reading") throw refuse("denied", "it is open to be read only");
    const place = isAppending ? this.stage.entryOf(file).size : at;
    const written = this.stage.write(file, place, bytes);
    const done = [encodeStatus(id, STATUS.ok)];
    return written === undefined ? done : written.then(() => done);
  }

  #stat(id: number, path: string): Answer | Promise<Answer> {
    const entry = this.stage.look(path);
    if (entry instanceof Promise) return entry.then((found) => this.#attributes(id, path, found));
    return this.#attributes(id, path, entry);
  }

  #attributes(id: number, path: string, entry: Awaited<ReturnType<Stage["look"]>>): Answer {
    if (entry === undefined) throw missing(path);
    return [encodeAttributes(id, entry)];
  }

  async #open(path: string, mode: OpenMode): Promise<number> {
    this.#handles.check();
    const file = await this.stage.open(path, mode);
    const isReadable = mode.read || !mode.write;
    return this.#handles.add({ kind: "file", file, isAppending: mode.append, isReadable });
  }

  async #openFolder(path: string): Promise<number> {
    this.#handles.check();
    const entry = await this.stage.look(path);
    if (entry === undefined) throw missing(path);
    if (entry.kind === "file") throw refuse("invalid", `${path} is a file`);
    const pages = this.stage.list(path);
    return this.#handles.add({ kind: "listing", pages, entries: [], given: 0 });
  }

  async #close(handle: number): Promise<void> {
    const opened = this.#handles.take(handle);
    if (opened.kind === "file") await this.stage.close(opened.file);
    else await opened.pages.return?.();
  }

  async #readFolder(id: number, listing: Listing): Promise<Answer> {
    while (listing.given === listing.entries.length) {
      const next = await listing.pages.next();
      if (next.done) return [encodeStatus(id, STATUS.end)];
      listing.entries = next.value;
      listing.given = 0;
    }
    const { packet, count } = encodeNames(id, listing.entries, listing.given);
    listing.given += count;
    return [packet];
  }

  #entryOf(handle: number) {
    const { file } = this.#handles.file(handle);
    return file.kind === "work" ? this.stage.entryOf(file) : file.entry;
  }
}

function data(id: number, bytes: Uint8Array): Answer {
  if (bytes.length === 0) return [encodeStatus(id, STATUS.end)];
  return [encodeDataHead(id, bytes.length), bytes];
}

/** What a client is told of a failure. */
export function failure(id: number, cause: unknown): Uint8Array {
  if (cause instanceof BadPacket) return encodeStatus(id, STATUS.badMessage, cause.message);
  const { kind, subject, hint } = toPeriError(cause, "use a file");
  const text = kind === "internal" ? "something is wrong with the server" : subject;
  const shown = shortText(hint ? `${text} (${hint})` : text);
  return encodeStatus(id, STATUSES[kind] ?? STATUS.failure, shown);
}
