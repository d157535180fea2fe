/**
 * The control socket: a Unix socket of mode 0600 in a folder of mode 0700.
 *
 * @module
 */

import { dirname } from "node:path";
import { PeriError } from "../model/errors.ts";
import { type Desk, type Line, serveSession } from "../gate/control/session.ts";

/** Longest path of a Unix socket on Linux, `sun_path` in unix(7). */
const MAX_SOCKET_PATH = 107;
/** Sessions at once. */
const MAX_SESSIONS = 256;

/** A listening control socket. */
export interface ControlSocket {
  /** Takes no new session, removes the socket, and waits for running sessions to end by themselves. */
  close(): Promise<void>;
}

/**
 * Listens on `path` and serves sessions. The caller holds the home's lock, so a socket that is
 * there already was left by a dead server and is replaced.
 *
 * @throws {PeriError} `invalid` when the path is too long, `denied` when it cannot be written.
 */
export async function openControlSocket(path: string, desk: Desk): Promise<ControlSocket> {
  const listener = await listen(path);
  const running = new Set<Promise<void>>();
  const accepting = (async () => {
    for await (const connection of listener) {
      if (running.size >= MAX_SESSIONS) {
        connection.close();
        continue;
      }
      const session = serveSession(lineOf(connection), desk);
      running.add(session);
      void session.finally(() => running.delete(session));
    }
  })();
  return {
    async close() {
      listener.close();
      await accepting;
      await Deno.remove(path).catch(() => {});
      await Promise.all(running);
    },
  };
}

async function listen(path: string): Promise<Deno.UnixListener> {
  if (new TextEncoder().encode(path).length > MAX_SOCKET_PATH) {
    throw new PeriError("invalid", {
      op: "open the control socket",
      subject: `${path} is longer than the ${MAX_SOCKET_PATH} bytes a Unix socket may have`,
      hint: "set PERI_HOME to a shorter path",
    });
  }
  try {
    await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await Deno.remove(path).catch(() => {});
    return listenPrivately(path);
  } catch (cause) {
    throw new PeriError("denied", {
      op: "open the control socket",
      subject: `${path}: ${cause instanceof Error ? cause.message : cause}`,
      hint: "check who owns the home; PERI_HOME names another one",
      cause,
    });
  }
}

/** The mode is set by the umask so that there is no moment at which others could connect. */
function listenPrivately(path: string): Deno.UnixListener {
  const previous = Deno.umask(0o177);
  try {
    return Deno.listen({ transport: "unix", path });
  } finally {
    Deno.umask(previous);
  }
}

function lineOf(connection: Deno.UnixConn): Line {
  const writer = connection.writable.getWriter();
  let closed = false;
  return {
    incoming: connection.readable,
    send: (piece) => writer.write(piece),
    close() {
      if (closed) return;
      closed = true;
      // Closing the writer first lets everything that was sent arrive.
      void writer.close().catch(() => {}).finally(() => {
        try {
          connection.close();
        } catch {
          // the streams have closed it
        }
      });
    },
  };
}
