/**
 * The control socket: a Unix socket of mode 0600 in the home.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { PeriError } from "../model/errors.ts";
import { type Desk, type Line, serveSession } from "../gate/control/session.ts";

/** Sessions at once. */
const MAX_SESSIONS = 256;
/** Wait after a connection that could not be taken. */
const ACCEPT_AGAIN_MS = 100;

/** A listening control socket. */
export interface ControlSocket {
  /** Takes no new session, removes the socket, and waits for running sessions to end by themselves. */
  close(): Promise<void>;
}

/**
 * Listens on `path` and serves sessions. The caller holds the home's lock, so a socket that is
 * there already was left by a dead server and is replaced.
 *
 * @param path from `controlSocket`
 * @throws {PeriError} `denied` when it cannot be written.
 */
export async function openControlSocket(path: string, desk: Desk): Promise<ControlSocket> {
  const listener = await listen(path);
  const running = new Set<Promise<void>>();
  const closing = new AbortController();
  const take = (connection: Deno.UnixConn) => {
    if (running.size >= MAX_SESSIONS) return connection.close();
    const session = serveSession(lineOf(connection), desk, { person: null });
    running.add(session);
    void session.finally(() => running.delete(session));
  };
  const accepting = acceptAll(listener, take, closing.signal, desk.log);
  return {
    async close() {
      closing.abort();
      listener.close();
      await accepting;
      await Deno.remove(path).catch(() => {});
      await Promise.all(running);
    },
  };
}

/** Takes connections until the listener is closed; rejects never. */
async function acceptAll(
  listener: Deno.UnixListener,
  take: (connection: Deno.UnixConn) => void,
  closing: AbortSignal,
  log: Desk["log"],
): Promise<void> {
  let isFailing = false;
  while (!closing.aborted) {
    try {
      take(await listener.accept());
      isFailing = false;
    } catch (cause) {
      if (closing.aborted) return;
      // Too many open files, which others close again. Whoever calls waits in the meantime.
      if (!isFailing) log.error("no session can be taken", cause);
      isFailing = true;
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_AGAIN_MS));
    }
  }
}

async function listen(path: string): Promise<Deno.UnixListener> {
  // Bound where nobody else can look and then moved: there is no moment at which others could
  // connect, whatever the mode of the home is. Shorter than `control.sock`, for the limit of a path.
  const nook = join(dirname(path), ".run");
  try {
    await Deno.mkdir(nook, { recursive: true, mode: 0o700 });
    await Deno.chmod(nook, 0o700);
    await Deno.remove(join(nook, "s")).catch(() => {});
    const listener = Deno.listen({ transport: "unix", path: join(nook, "s") });
    await Deno.chmod(join(nook, "s"), 0o600);
    await Deno.rename(join(nook, "s"), path);
    return listener;
  } catch (cause) {
    throw new PeriError("denied", {
      op: "open the control socket",
      subject: `${path}: ${cause instanceof Error ? cause.message : cause}`,
      hint: "check who owns the home; PERI_HOME names another one",
      cause,
    });
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
