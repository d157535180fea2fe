/**
 * The standard streams of this process.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import { isFull } from "./failures.ts";

/** Bytes read from standard input at once. */
const PIECE_BYTES = 64 * 1024;

/** Standard input. Pieces are the reader's own; one reader at a time. */
export function openInput() {
  return {
    isTerminal: Deno.stdin.isTerminal(),
    pieces: { [Symbol.asyncIterator]: readPieces },
    setRaw: (raw: boolean) => Deno.stdin.setRaw(raw),
  };
}

/** Standard output or error. Writes happen in the order of the calls; each writes all it is given. */
export function openOutput(stream: typeof Deno.stdout) {
  const isTerminal = stream.isTerminal();
  let written: Promise<void> = Promise.resolve();
  return {
    isTerminal,
    get columns(): number | undefined {
      return isTerminal ? Deno.consoleSize().columns : undefined;
    },
    get rows(): number | undefined {
      return isTerminal ? Deno.consoleSize().rows : undefined;
    },
    write: (bytes: Uint8Array): Promise<void> =>
      written = written.then(() => writeAll(stream, bytes)),
  };
}

/** Calls `listener` at every Ctrl-C instead of ending the process, until the result is called. */
export function onInterrupt(listener: () => void): () => void {
  Deno.addSignalListener("SIGINT", listener);
  return () => Deno.removeSignalListener("SIGINT", listener);
}

/** Calls `listener` when the terminal has another size, until the result is called. */
export function onResize(listener: () => void): () => void {
  Deno.addSignalListener("SIGWINCH", listener);
  return () => Deno.removeSignalListener("SIGWINCH", listener);
}

async function* readPieces(): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(PIECE_BYTES);
  for (;;) {
    const size = await Deno.stdin.read(buffer);
    if (size === null) return;
    yield buffer.slice(0, size);
  }
}

/** @throws {PeriError} `over-quota` when it goes to a file whose disk is full. */
async function writeAll(stream: typeof Deno.stdout, bytes: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
  } catch (cause) {
    if (!isFull(cause)) throw cause;
    throw new PeriError("over-quota", {
      op: "write the output",
      subject: cause instanceof Error ? cause.message : String(cause),
      hint: "make room on the disk where the output goes",
      cause,
    });
  }
}
