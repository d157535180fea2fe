/**
 * A link through this process, which works on every machine: each of two places is reached through
 * a port here that passes bytes on, or does not.
 *
 * @module
 */

import type { Link, Trouble } from "./link.ts";
import { freePort, type Place } from "./town.ts";

const HOST = "127.0.0.1";

/**
 * What becomes of connections: they pass, stand still, are broken, break somewhere within a message,
 * or break when a request has passed and its reply has not.
 */
type Mode = "open" | "still" | "broken" | "torn" | "mute";

/** Passes connections on to a port. */
class Relay implements Disposable {
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #to: number;
  readonly #chance: () => number;
  readonly #connections = new Set<Deno.TcpConn>();
  #mode: Mode = "open";
  #moved = Promise.withResolvers<void>();

  constructor(to: number, chance: () => number) {
    this.#to = to;
    this.#chance = chance;
    this.#listener = Deno.listen({ hostname: HOST, port: 0 });
    this.port = this.#listener.addr.port;
    void this.#accept();
  }

  /** What happens from now on, to old connections too. */
  set mode(mode: Mode) {
    this.#mode = mode;
    if (mode === "broken") this.#breakAll();
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    this.mode = "broken";
  }

  async #accept(): Promise<void> {
    try {
      for await (const connection of this.#listener) void this.#take(connection);
    } catch {
      // The listener is closed.
    }
  }

  async #take(near: Deno.TcpConn): Promise<void> {
    this.#connections.add(near);
    if (this.#mode === "broken") return this.#break(near);
    try {
      const far = await Deno.connect({ hostname: HOST, port: this.#to });
      this.#connections.add(far);
      await Promise.all([this.#pass(near, far, "asks"), this.#pass(far, near, "replies")]).finally(
        () => this.#break(far),
      );
    } catch {
      // One of them is gone, and so is the other.
    }
    this.#break(near);
  }

  async #pass(from: Deno.TcpConn, to: Deno.TcpConn, way: "asks" | "replies"): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    for (;;) {
      const count = await from.read(buffer);
      while (this.#mode === "still") await this.#moved.promise;
      if (count === null) return await to.closeWrite();
      if (this.#mode === "mute" && way === "replies") throw new Error("mute");
      const isTorn = this.#mode === "torn" && this.#chance() < 0.5;
      await writeAll(to, buffer.subarray(0, isTorn ? count * this.#chance() : count));
      if (isTorn) throw new Error("torn");
    }
  }

  #breakAll(): void {
    for (const connection of this.#connections) this.#break(connection);
  }

  #break(connection: Deno.TcpConn): void {
    if (this.#connections.delete(connection)) connection.close();
  }
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

/** Joins two places on this machine. */
export function openRelays(chance: () => number): Link {
  const ports = [freePort(), freePort()] as const;
  const [left, right] = [new Relay(ports[0], chance), new Relay(ports[1], chance)];
  const both = [left, right];
  return {
    name: "a relay",
    places: [placeBehind(left, ports[0]), placeBehind(right, ports[1])],
    troubles: [
      trouble("replies are lost", both, "mute"),
      trouble("everything stands still", both, "still"),
      trouble("one way stands still", [left], "still"),
      trouble("connections are refused", both, "broken"),
      trouble("connections break within a message", both, "torn"),
    ],
    [Symbol.asyncDispose]: () => Promise.resolve(both.forEach((relay) => relay[Symbol.dispose]())),
  };
}

function placeBehind({ port: seen }: Relay, port: number): Place {
  return { port, url: `http://${HOST}:${seen}` };
}

function trouble(name: string, relays: readonly Relay[], mode: Mode): Trouble {
  const turn = (mode: Mode) => Promise.resolve(relays.forEach((relay) => relay.mode = mode));
  return { name, begin: () => turn(mode), end: () => turn("open") };
}
