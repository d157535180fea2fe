/**
 * A passphrase from a file, for scripts.
 *
 * @module
 */

import { decodeUtf8 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { Passphrase } from "../ports/passphrase.ts";

const OP = "read the passphrase";
const MAX_BYTES = 4 * 1024;
/** Permission bits of everyone but the owner. */
const OTHERS = 0o077;

/** The first line of a file that its owner alone can read, or of a pipe such as `/dev/fd/3`. */
export function filePassphrase(path: string): Passphrase {
  let answer: Promise<string> | undefined;
  return {
    // A pipe can be read only once, and a new passphrase is wanted only once.
    ask: () => answer ??= readFirstLine(path),
    reject: () => Promise.resolve(false),
  };
}

async function readFirstLine(path: string): Promise<string> {
  try {
    using file = await Deno.open(path, { read: true });
    const { isFile, mode } = await file.stat();
    if (isFile && ((mode ?? 0) & OTHERS) !== 0) {
      const subject = `others may read ${path}`;
      throw new PeriError("denied", { op: OP, subject, hint: `chmod 600 ${path}` });
    }
    const bytes = await readUpTo(file, MAX_BYTES + 1);
    if (bytes.length <= MAX_BYTES) return decodeUtf8(bytes).split(/\r?\n/, 1)[0] ?? "";
    throw new PeriError("too-large", {
      op: OP,
      subject: `${path} has more than ${MAX_BYTES} bytes`,
    });
  } catch (cause) {
    if (cause instanceof PeriError) throw cause;
    const isMissing = cause instanceof Deno.errors.NotFound;
    const subject = isMissing ? `there is no ${path}` : `${path} cannot be read`;
    throw new PeriError(isMissing ? "not-found" : "denied", { op: OP, subject, cause });
  }
}

async function readUpTo(file: Deno.FsFile, limit: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(limit);
  let size = 0;
  while (size < limit) {
    const count = await file.read(buffer.subarray(size));
    if (count === null) break;
    size += count;
  }
  return buffer.subarray(0, size);
}
