/**
 * What failures of the disk mean to peri.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";

/** As much as SQLite may have wanted to write beyond the end of a file. */
const PROBE_BYTES = 64 * 1024;

/** EFBIG, ENOSPC and EDQUOT as Deno tells of them, and what SQLite makes of the second. */
const FULL = /\(os error (?:27|28|122)\)|database or disk is full/;

/** Whether something could not be written because the disk, a quota or a limit of size is full. */
export function isFull(cause: unknown): boolean {
  return FULL.test(cause instanceof Error ? cause.message : String(cause));
}

/**
 * SQLite knows a full disk and calls everything else that keeps a file from being written an I/O
 * error: a quota, a limit of size, a disk that is broken. A file beside the store finds out; what it
 * finds is said with the cause.
 */
export async function explain(cause: unknown, path: string): Promise<unknown> {
  if (!/disk I\/O error/i.test(textOf(cause))) return cause;
  const probe = `${path}.probe`;
  try {
    await extend(probe, Math.max(await sizeOf(path), await sizeOf(`${path}-wal`)));
    return cause;
  } catch (reason) {
    const why = textOf(reason).replace(/: \w+ '.*$/s, "");
    return new Error(`${textOf(cause)}: ${why}`, { cause });
  } finally {
    await Deno.remove(probe).catch(() => undefined);
  }
}

/** Only what is written takes room: in front of it is a hole. */
async function extend(path: string, offset: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, mode: 0o600 });
  await file.seek(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(PROBE_BYTES);
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

async function sizeOf(path: string): Promise<number> {
  return (await Deno.stat(path).catch(() => undefined))?.size ?? 0;
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** What a failure of Deno KV, or of a file of the home, means to peri. */
export function storeError(op: string, cause: unknown, path?: string): PeriError {
  const text = textOf(cause);
  const subject = path === undefined ? text : `${path}: ${text}`;
  if (isFull(cause)) {
    const hint = "make room on the disk of the home; nothing is lost and peri goes on by itself";
    return new PeriError("over-quota", { op, subject, hint, cause });
  }
  const isRefused = cause instanceof Deno.errors.PermissionDenied ||
    /readonly database|\(os error (?:1|13|30)\)/.test(text);
  if (isRefused) {
    const hint = "check who owns the home, and whether its disk is mounted for reading only";
    return new PeriError("denied", { op, subject, hint, cause });
  }
  if (/not a database|malformed/.test(text)) {
    const hint = "restore the home from a backup";
    return new PeriError("damaged", { op, subject, hint, cause });
  }
  if (/disk I\/O error/i.test(text)) {
    const hint = "the disk of the home does not take what is written; the system's log says why";
    return new PeriError("internal", { op, subject, hint, cause });
  }
  const isBound = /too large|too many/i.test(text);
  return new PeriError(isBound ? "too-large" : "internal", { op, subject, cause });
}
