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

interface Claimed {
  /** By the plan of a run, which may wait for others to be committed with it. */
  readonly isPlanned: boolean;
  readonly released: PromiseWithResolvers<void>;
}

/** The open calls of all pods that live here. */
export class Calls {
  readonly #store: Store;
  /** Claims that wait for their end. */
  readonly #claimed = new Map<string, Claimed>();
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
    return this.isClaimed(pod, token) ? undefined : await this.#claim(pod, token, false);
  }

  /**
   * As {@link claim}, for the plan of a pod's run: waits while somebody else ends or answers the
   * call. Who claims otherwise never waits for a plan, so this ends.
   *
   * @param planned the call, when its row is not on disk yet
   */
  async seize(pod: PodRef, token: ResponseToken, planned?: OpenCall): Promise<Claim | undefined> {
    for (;;) {
      const claimed = this.#claimed.get(nameOf(pod, token));
      if (!claimed) return await this.#claim(pod, token, true, planned);
      if (claimed.isPlanned) return undefined;
      await claimed.released.promise;
    }
  }

  /** Whether somebody is just ending or answering a call. */
  isClaimed(pod: PodRef, token: ResponseToken): boolean {
    return this.#claimed.has(nameOf(pod, token));
  }

  async #claim(
    pod: PodRef,
    token: ResponseToken,
    isPlanned: boolean,
    planned?: OpenCall,
  ): Promise<Claim | undefined> {
    const name = nameOf(pod, token);
    this.#claimed.set(name, { isPlanned, released: Promise.withResolvers() });
    let call = planned;
    try {
      call ??= this.#known.get(name) ?? await this.#read(pod, token);
    } finally {
      if (!call) this.#release(name);
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
    this.#release(name);
    if (committed && left) this.#remember(name, left);
    else if (committed) this.#known.delete(name);
  }

  #release(name: string): void {
    this.#claimed.get(name)?.released.resolve();
    this.#claimed.delete(name);
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
