/**
 * What servers have said to each other in a simulation of people, counted.
 *
 * @module
 */

import type { ServerUrl } from "../../../runtime/model/words.ts";
import type { Reply, Request } from "../../../runtime/ports/transport.ts";

/** Requests that were answered, and what there was to tell. */
export class Mail {
  total = 0;
  /** Notices that were taken, by who told whom. */
  readonly #notices = new Map<string, number>();
  readonly #changes = new Map<ServerUrl, number>();
  readonly #friendships = new Map<string, number>();

  /** A request was answered. */
  answered(from: ServerUrl, { server, path, body }: Request, { status }: Reply): void {
    this.total++;
    if (status !== 200 || body === undefined || path !== "/peri/v1/book") return;
    count(this.#notices, `${from} ${server}`);
  }

  /** A server may have something new of its own people. */
  announced(server: ServerUrl): void {
    count(this.#changes, server);
  }

  /** A server has another one as a friend from now on, or again. */
  befriended(server: ServerUrl, friend: ServerUrl): void {
    count(this.#friendships, `${server} ${friend}`);
  }

  /**
   * Where more was told than had changed. To one friend a server has at most a notice for each change
   * of its own people, and one for all there was when they became friends.
   */
  excess(): string[] {
    return [...this.#notices].flatMap(([pair, notices]) => {
      const [server] = pair.split(" ") as [ServerUrl];
      const most = 1 + (this.#changes.get(server) ?? 0) + (this.#friendships.get(pair) ?? 0);
      return notices > most ? [`${pair}: ${notices} notices for ${most} changes`] : [];
    });
  }
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
