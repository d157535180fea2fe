/**
 * The client's way to the control socket.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";

/**
 * A line to the server behind a control socket; undefined when no server listens there.
 *
 * @throws {PeriError} `denied` when the socket is somebody else's, `busy` when too many wait there.
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
    // A socket without a listener was left by a server that died; this very moment, when it resets.
    const { NotFound, ConnectionRefused, ConnectionReset, NotADirectory } = Deno.errors;
    const gone = [NotFound, ConnectionRefused, ConnectionReset, NotADirectory];
    if (gone.some((kind) => cause instanceof kind)) return undefined;
    if (cause instanceof Deno.errors.WouldBlock) {
      const subject = `${path}: more wait there than it lets in`;
      const hint = "try again in a moment";
      throw new PeriError("busy", { op: "reach the server", subject, hint, cause });
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
  try {
    for (let at = 0; at < piece.length;) at += await connection.write(piece.subarray(at));
  } catch (cause) {
    // A broken pipe is what becomes of standard output when its reader has enough; this is no such.
    if (!(cause instanceof Deno.errors.BrokenPipe)) throw cause;
    throw new Deno.errors.ConnectionReset("the server is gone", { cause });
  }
}
