/**
 * One session of an SSH connection as the gate sees it.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { Channel } from "../../gate/ssh/channel.ts";
import { MAX_SSH_UNSENT_BYTES } from "../../model/ssh/limits.ts";
import type { SshChannel } from "./library.ts";

/** A channel with what ends it. */
export interface OpenChannel extends Channel {
  /** What has come and waits to be read. */
  readonly heldBytes: number;
  /** The client has sent a signal that ends a program. */
  interrupt(): void;
  /** The window of its terminal has another size. */
  resize(columns: number, rows: number): void;
  /** The client is gone, or has closed the session. */
  leave(): void;
  /** Says the exit code and closes the session; nothing happens when the client is gone. */
  end(exitCode: number): void;
}

/**
 * Wraps a channel of the library.
 *
 * @param socket of the connection: what it has not sent yet is waited for, for the library only asks
 * whether the client allows more
 */
export function openChannel(channel: SshChannel, socket: Duplex): OpenChannel {
  const gone = Promise.withResolvers<void>();
  const interrupted = new AbortController();
  const close = () => {
    interrupted.abort();
    gone.resolve();
  };
  let hasLeft = false;
  const leave = () => {
    hasLeft = true;
    close();
  };
  // Without a listener an error of a stream ends the process.
  for (const stream of [channel, channel.stderr]) stream.on("error", leave);
  channel.on("close", leave);
  let resized: ((columns: number, rows: number) => void) | undefined;
  let isGone = false;
  void gone.promise.then(() => isGone = true);
  return {
    incoming: { [Symbol.asyncIterator]: () => piecesOf(channel, gone.promise) },
    interrupted: interrupted.signal,
    get heldBytes() {
      return channel.readableLength;
    },
    resize: (columns, rows) => resized?.(columns, rows),
    onResize: (listener) => void (resized = listener),
    interrupt: () => interrupted.abort(),
    leave,
    close,
    async write(fd, bytes) {
      const out = fd === 1 ? channel : channel.stderr;
      const written = new Promise<void>((resolve) => {
        // A view: what is written is encrypted, or waits, before this resolves.
        const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
        if (!isGone) out.write(view, () => resolve());
      });
      // The library never calls back for a client that has closed the channel.
      await Promise.race([written, gone.promise]);
      if (socket.writableLength > MAX_SSH_UNSENT_BYTES) {
        await Promise.race([drained(socket), gone.promise]);
      }
      if (isGone) throw new Error("the session is over");
    },
    end(exitCode) {
      if (hasLeft) return;
      channel.exit(exitCode);
      channel.end();
    },
  };
}

function drained(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
  });
}

/** Pieces until the end of file. Node's own iterator would end the whole channel with it. */
async function* piecesOf(channel: SshChannel, gone: Promise<void>): AsyncGenerator<Uint8Array> {
  let changed = Promise.withResolvers<void>();
  let isOver = false;
  const change = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const end = () => {
    isOver = true;
    change();
  };
  channel.on("readable", change);
  channel.on("end", end);
  void gone.then(end);
  for (;;) {
    const next = changed.promise;
    const piece: Uint8Array | null = channel.read();
    if (piece !== null) yield piece;
    else if (isOver) return;
    else await next;
  }
}
