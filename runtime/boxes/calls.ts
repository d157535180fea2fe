/**
 * Open calls: posts that wait for their answers. Whoever ends one claims it first, so that an
 * answer and a deadline that meet do not both take effect.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { MAX_OPEN_CALLS } from "../model/limits.ts";
import { formatPodRef, type PodRef, type ResponseToken } from "../model/words.ts";
import type { Store } from "../ports/store.ts";
import { decodeOpen, keys, type OpenCall } from "./rows.ts";

/** An open call that is being ended or answered. */
export interface Claim {
  readonly token: ResponseToken;
  readonly call: OpenCall;
  /** To be called once, after the commit; `left` is what stays open. */
  settle(committed: boolean, left?: OpenCall): void;
}

/** The open calls of all pods that live here. */
export class Calls {
  readonly #store: Store;
  readonly #claimed = new Set<string>();
  /** Calls opened by this process, so that most answers need no reading. */
  readonly #known = new Map<string, OpenCall>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** A call's row is on disk. */
  opened(pod: PodRef, token: ResponseToken, call: OpenCall): void {
    this.#remember(nameOf(pod, token), call);
  }

  /** The open call of a token, for the caller alone; none when it is not open or just ending. */
  async claim(pod: PodRef, token: ResponseToken): Promise<Claim | undefined> {
    const name = nameOf(pod, token);
    if (this.#claimed.has(name)) return undefined;
    this.#claimed.add(name);
    let call: OpenCall | undefined;
    try {
      call = this.#known.get(name) ?? await this.#read(pod, token);
    } finally {
      if (!call) this.#claimed.delete(name);
    }
    return call && { token, call, settle: (...how) => this.#settle(name, ...how) };
  }

  /** Forgets what a pod's rows said, because it left or its rows came from elsewhere. */
  drop(pod: PodRef): void {
    const prefix = `${formatPodRef(pod)} `;
    for (const name of this.#known.keys()) if (name.startsWith(prefix)) this.#known.delete(name);
  }

  async #read(pod: PodRef, token: ResponseToken): Promise<OpenCall | undefined> {
    const entry = await this.#store.get<Bytes>(keys.open(pod, token));
    return entry && decodeOpen(entry.value);
  }

  #settle(name: string, committed: boolean, left?: OpenCall): void {
    this.#claimed.delete(name);
    if (committed && left) this.#remember(name, left);
    else if (committed) this.#known.delete(name);
  }

  #remember(name: string, call: OpenCall): void {
    this.#known.set(name, call);
    if (this.#known.size <= MAX_OPEN_CALLS) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

function nameOf(pod: PodRef, token: ResponseToken): string {
  return `${formatPodRef(pod)} ${token}`;
}
