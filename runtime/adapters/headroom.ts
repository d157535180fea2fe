/**
 * Room for open files. Every connection is one, and a process that has as many as it may can do
 * nothing any more: `node:http` then stops taking connections for good (Deno 2.9, no event tells
 * of it), and no pod, commit or command can be served.
 *
 * @module
 */

import type { Server, Socket } from "node:net";
import type { Log } from "../ports/log.ts";

/** Files that are left for everything but connections from outside. */
const KEPT_FILES = 128;
/** Connections between two looks. */
const STEP = 32;

const SELF = new URL(import.meta.url);

/** Whether this process may open so many more files at this moment. */
export function canOpen(count: number): boolean {
  const held: Deno.FsFile[] = [];
  try {
    while (held.length < count) held.push(Deno.openSync(SELF));
    return true;
  } catch {
    return false;
  } finally {
    held.forEach((file) => file.close());
  }
}

/**
 * Lets a server have at most `most` connections, and no more than there is room for; what comes
 * beyond is closed at once.
 *
 * @param hasRoom whether so many more files may be opened
 */
export function keepHeadroom(
  server: Server,
  most: number,
  log: Pick<Log, "warn">,
  hasRoom: (count: number) => boolean = canOpen,
): void {
  let open = 0;
  server.maxConnections = most;
  server.on("connection", (socket: Socket) => {
    open++;
    socket.once("close", () => {
      open--;
      // Others may have closed theirs too: it is looked at again on the way up.
      if (open < server.maxConnections / 2) server.maxConnections = most;
    });
    if (open % STEP !== 0 || hasRoom(KEPT_FILES + STEP)) return;
    server.maxConnections = open;
    log.warn("no room for more connections: the process may open too few files", { open });
  });
}
