/**
 * Files that a person names.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";

/** Whether something is there that may be looked at. */
export function hasFile(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

/**
 * The bytes of a file, or of a pipe.
 *
 * @throws {PeriError} `not-found`; `too-large` over `maxBytes`, for a file before it is read;
 * `denied` when it cannot be read.
 */
export async function readFile(path: string, maxBytes: number): Promise<Bytes> {
  try {
    using file = await Deno.open(path);
    const { size, isFile } = await file.stat();
    if (isFile && size > maxBytes) throw tooLarge(path, maxBytes);
    return await readUpTo(file, maxBytes, path);
  } catch (thrown) {
    throw thrown instanceof PeriError ? thrown : unreadable(path, thrown);
  }
}

/**
 * Writes a whole file, and to disk. What was cut off by a crash can be told from a whole one only
 * by its reader.
 *
 * @param isNew whether it must not be there yet
 * @throws {PeriError} `exists`; `denied`; `over-quota` when the disk is full.
 */
export async function writeFile(
  path: string,
  pieces: readonly Uint8Array[],
  { isNew }: { readonly isNew: boolean },
): Promise<void> {
  const how = isNew ? { createNew: true } : { create: true, truncate: true };
  try {
    await writePieces(path, pieces, how);
  } catch (thrown) {
    throw unwritable(path, thrown);
  }
}

/**
 * Writes a file for its owner alone: to `<path>.part` and to disk, then under its name.
 *
 * @throws {PeriError} `exists`; `denied`; `over-quota` when the disk is full.
 */
export async function writeSecretFile(
  path: string,
  pieces: readonly Uint8Array[],
): Promise<void> {
  const passing = `${path}.part`;
  try {
    if (await hasFile(path)) throw new Deno.errors.AlreadyExists(path);
    // What an earlier try left behind may be open to others.
    await Deno.remove(passing).catch(() => undefined);
    await writePieces(passing, pieces, { createNew: true, mode: 0o600 });
    await Deno.rename(passing, path);
  } catch (thrown) {
    await Deno.remove(passing).catch(() => undefined);
    throw unwritable(path, thrown);
  }
}

async function writePieces(
  path: string,
  pieces: readonly Uint8Array[],
  how: Deno.OpenOptions,
): Promise<void> {
  using file = await Deno.open(path, { write: true, ...how });
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
  }
  await file.sync();
}

async function readUpTo(file: Deno.FsFile, maxBytes: number, path: string): Promise<Bytes> {
  let held = new Uint8Array(64 * 1024);
  let size = 0;
  for (;;) {
    if (size === held.length) held = grown(held);
    const read = await file.read(held.subarray(size));
    if (read === null) return held.slice(0, size);
    size += read;
    if (size > maxBytes) throw tooLarge(path, maxBytes);
  }
}

function grown(held: Bytes): Bytes {
  const larger = new Uint8Array(held.length * 2);
  larger.set(held);
  return larger;
}

function tooLarge(path: string, maxBytes: number): PeriError {
  const subject = `${path} has more than ${maxBytes} bytes`;
  return new PeriError("too-large", { op: "read file", subject });
}

function unreadable(path: string, cause: unknown): PeriError {
  const { NotFound, NotCapable } = Deno.errors;
  if (cause instanceof NotFound || cause instanceof NotCapable) {
    // The launcher allows what is named on the command line and there; anything else does not exist.
    const subject = `there is no file ${path}`;
    const hint = `look what is there: ls ${path.replace(/[^/]+\/?$/, "") || "."}`;
    return new PeriError("not-found", { op: "read file", subject, hint, cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PeriError("denied", { op: "read file", subject: `${path}: ${reason}`, cause });
}

function unwritable(path: string, cause: unknown): PeriError {
  const op = "write file";
  if (cause instanceof Deno.errors.AlreadyExists) {
    const subject = `${path} is there already`;
    return new PeriError("exists", { op, subject, hint: "choose another name", cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  const kind = /No space|quota/i.test(reason) ? "over-quota" : "denied";
  return new PeriError(kind, { op, subject: `${path}: ${reason}`, cause });
}
