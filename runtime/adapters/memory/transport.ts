/**
 * A network in memory, for tests and simulations.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import type { ServerUrl } from "../../model/words.ts";
import type { Reply, Request, Transport } from "../../ports/transport.ts";

/** What a server does with a request. */
export type Handler = (request: Request) => Promise<Reply>;
/** What a network does between a request and its handler. */
export type Link = (request: Request, deliver: Handler) => Promise<Reply>;

/** Servers that reach each other by name; `link` is where things go wrong. */
export class MemoryNetwork {
  readonly #servers = new Map<ServerUrl, Handler>();

  /** A server is up; replaces what was there. */
  listen(server: ServerUrl, handler: Handler): void {
    this.#servers.set(server, handler);
  }

  /** A server is down. */
  drop(server: ServerUrl): void {
    this.#servers.delete(server);
  }

  /** The way out of one server. */
  transport(link: Link = (request, deliver) => deliver(request)): Transport {
    return {
      send: async (request) => {
        const reply = await link(request, (passed) => this.#deliver(passed));
        if (reply.body.length > request.maxReplyBytes) {
          const subject = `${request.server} sent ${reply.body.length} bytes`;
          throw new PeriError("too-large", { op: "reach server", subject });
        }
        return reply;
      },
      close: () => undefined,
    };
  }

  #deliver(request: Request): Promise<Reply> {
    const handler = this.#servers.get(request.server);
    if (handler) return handler(request);
    const subject = `${request.server} is down`;
    return Promise.reject(new PeriError("unreachable", { op: "reach server", subject }));
  }
}
