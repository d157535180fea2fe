/**
 * The client's way to the control socket.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";

/**
 * A line to the server behind a control socket; undefined when no server listens there.
 *
 * @throws {PeriError} `denied` when the socket is somebody else's.
 */
export async function dialControl(path: string) {
  const connection = await connect(path);
  if (connection === undefined) return undefined;
  let open = true;
  let sent: Promise<void> = Promise.resolve();
  return {
    incoming: readPieces(connection),
    send: (piece: Uint8Array): Promise<void> => sent = sent.then(() => writeAll(connection, piece)),
    close(): Promise<void> {
      if (open) connection.close();
      open = false;
      return Promise.resolve();
    },
  };
}

async function connect(path: string): Promise<Deno.UnixConn | undefined> {
  try {
    return await Deno.connect({ transport: "unix", path });
  } catch (cause) {
    // A socket without a listener was left by a server that died.
    const { NotFound, ConnectionRefused, NotADirectory } = Deno.errors;
    if ([NotFound, ConnectionRefused, NotADirectory].some((kind) => cause instanceof kind)) {
      return undefined;
    }
    throw new PeriError("denied", {
      op: "reach the server",
      subject: `${path}: ${cause instanceof Error ? cause.message : cause}`,
      hint: "check who owns the home; PERI_HOME names another one",
      cause,
    });
  }
}

/** Bare reads: a stream would have to be loaded and would copy once more. */
async function* readPieces(connection: Deno.UnixConn): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const size = await connection.read(buffer);
    if (size === null) return;
    yield buffer.slice(0, size);
  }
}

async function writeAll(connection: Deno.UnixConn, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length;) at += await connection.write(piece.subarray(at));
}
