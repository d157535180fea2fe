/**
 * The SSH port: connections, how many there may be, and how long they may take to come in. The
 * library that speaks the protocol is loaded with the first of them.
 *
 * @module
 */

import { createServer, type Server, type Socket } from "node:net";
import type { Entrant } from "../gate/ssh/channel.ts";
import type { SshGate } from "../gate/ssh/gate.ts";
import { formatPeer, isLoopback, type ListenAddress } from "../model/address.ts";
import {
  MAX_SSH_CONNECTIONS,
  MAX_SSH_CONNECTIONS_PER_PERSON,
  MAX_SSH_SESSIONS_PER_PERSON,
  MAX_SSH_STARTING,
  MAX_SSH_STARTING_PER_PEER,
  SSH_GRACE_MS,
  SSH_IDLE_MS,
} from "../model/ssh/limits.ts";
import type { Log } from "../ports/log.ts";
import { keepHeadroom } from "./headroom.ts";
import { listenError } from "./listening.ts";
import { serveConnection } from "./ssh/connection.ts";
import { ALGORITHMS, library, type SshClient } from "./ssh/library.ts";

/** A running SSH port. */
export interface SshServer {
  /** Where it listens, with the port the system chose. */
  readonly address: ListenAddress;
  /** Takes no new connections and ends those that there are. Repeating it changes nothing. */
  close(): Promise<void>;
}

/** What may be set otherwise in tests and measurements. */
export interface SshServerOptions {
  readonly graceMs?: number;
  readonly idleMs?: number;
  readonly maxStarting?: number;
  readonly maxConnectionsPerPerson?: number;
  readonly maxSessionsPerPerson?: number;
}

/** A dead client is noticed by what it does not answer. */
const KEEPALIVE = { keepaliveInterval: 30_000, keepaliveCountMax: 4 };

/**
 * Opens the SSH port. Who comes before the gate is there waits for it.
 *
 * @param hostKey a secret key of OpenSSH's format, without a passphrase
 * @throws {PeriError} `busy` when the port is taken, `denied` when it may not be used, `invalid` when
 * the address is not of this machine.
 */
export async function openSshServer(
  listen: ListenAddress,
  hostKey: string,
  gate: Promise<SshGate>,
  log: Log,
  options: SshServerOptions = {},
): Promise<SshServer> {
  const sockets = new Set<Socket>();
  const starting = new Starting(options.maxStarting ?? MAX_SSH_STARTING);
  const places = new Places(options.maxSessionsPerPerson ?? MAX_SSH_SESSIONS_PER_PERSON);
  const welcome = openWelcome(hostKey, gate, places, options);
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // Without a listener a torn connection would be an uncaught error.
    socket.on("error", () => {});
    const entered = starting.add(socket, options.graceMs ?? SSH_GRACE_MS);
    welcome(socket, entered).catch((cause) => {
      log.error("SSH connection failed", cause);
      socket.destroy();
    });
  });
  keepHeadroom(server, MAX_SSH_CONNECTIONS, log);
  await startListening(server, listen);
  server.on("error", (cause) => log.error("SSH port failed", cause));
  const { port } = server.address() as { port: number };
  let closing: Promise<void> | undefined;
  return {
    address: { host: listen.host, port },
    close: () =>
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Hands a socket to the library, and the client that it makes of it to its connection. */
function openWelcome(
  hostKey: string,
  gate: Promise<SshGate>,
  places: Places,
  { idleMs = SSH_IDLE_MS, maxConnectionsPerPerson }: SshServerOptions,
) {
  const connections = new Places(maxConnectionsPerPerson ?? MAX_SSH_CONNECTIONS_PER_PERSON);
  const place = (person: Entrant) => places.take(person);
  const entries = new WeakMap<Socket, () => void>();
  const open = async () => {
    const [{ Server }, opened] = await Promise.all([library(), gate]);
    const config = { hostKeys: [hostKey], algorithms: ALGORITHMS, ident: "peri", ...KEEPALIVE };
    return new Server(config, (client: SshClient) => {
      const entered = entries.get(client._sock)!;
      const enter = (person: Entrant) => {
        entered();
        return connections.take(person);
      };
      serveConnection(client, client._sock, { gate: opened, idleMs, enter, place });
    });
  };
  let server: ReturnType<typeof open> | undefined;
  return async (socket: Socket, entered: () => void): Promise<void> => {
    entries.set(socket, entered);
    (await (server ??= open())).injectSocket(socket);
  };
}

/** Connections of which nobody is in yet, those that have waited longest first. */
class Starting {
  readonly #waiting = new Map<Socket, string>();

  constructor(private readonly most: number) {}

  /** Takes one in for a while; returns what is called when somebody is in. */
  add(socket: Socket, graceMs: number): () => void {
    const address = socket.remoteAddress ?? "";
    // A proxy on this machine speaks for many.
    const peer = isLoopback(address) ? "" : formatPeer(address);
    this.#waiting.set(socket, peer);
    const late = setTimeout(() => socket.destroy(), graceMs);
    const remove = () => {
      clearTimeout(late);
      this.#waiting.delete(socket);
    };
    socket.once("close", remove);
    this.#bound(peer);
    return remove;
  }

  /** Whoever means it is in within a moment, so that it is the others who have waited longest. */
  #bound(peer: string): void {
    if (this.#waiting.size > this.most) this.#end(() => true);
    if (peer === "") return;
    const count = [...this.#waiting.values()].filter((one) => one === peer).length;
    if (count > MAX_SSH_STARTING_PER_PEER) this.#end((one) => one === peer);
  }

  #end(isMeant: (peer: string) => boolean): void {
    for (const [socket, peer] of this.#waiting) {
      if (!isMeant(peer)) continue;
      this.#waiting.delete(socket);
      return void socket.destroy();
    }
  }
}

/** How many connections, or sessions, each person has. */
class Places {
  readonly #taken = new Map<Entrant, number>();

  constructor(private readonly most: number) {}

  take(person: Entrant): (() => void) | undefined {
    const count = this.#taken.get(person) ?? 0;
    if (count >= this.most) return undefined;
    this.#taken.set(person, count + 1);
    return () => {
      const left = this.#taken.get(person)! - 1;
      if (left === 0) this.#taken.delete(person);
      else this.#taken.set(person, left);
    };
  }
}

function startListening(server: Server, listen: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(listenError("--ssh", listen, cause)));
    server.listen(listen.port, listen.host, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}
