/**
 * Withdraw: a pod ends its own open calls, by the keys it gave them, in the commit of the run that
 * says so. Whoever answers is told by a message of the lane; what is on its way is dropped.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { decodeUtf8, encodeUtf8 } from "../model/bytes.ts";
import {
  formatPodRef,
  parseResponseToken,
  type PodRef,
  type ResponseToken,
} from "../model/words.ts";
import type { Key, Store } from "../ports/store.ts";
import type { Calls, Claim } from "./calls.ts";
import { deletesOfOpen, keys, type OpenCall } from "./rows.ts";

/** A call that its pod ends. */
export interface Withdrawal {
  readonly to: PodRef;
  readonly token: ResponseToken;
  /** When it would have ended by itself. */
  readonly dueMs: number;
}

/** Calls that end, ready to be committed. */
export interface PlannedWithdrawals {
  readonly items: readonly Withdrawal[];
  readonly deletes: readonly Key[];
  /** A call of this plan takes a key. */
  opened(key: string, token: ResponseToken, call: OpenCall): void;
  /** To be called once, after the commit. */
  settle(committed: boolean): void;
}

/** What a plan that is not committed yet says of a key; without a call it is free. */
interface Named {
  readonly open?: { readonly token: ResponseToken; readonly call: OpenCall };
}

/** The keys of open calls of all pods that live here. */
export class Withdrawals {
  readonly #store: Store;
  readonly #calls: Calls;
  readonly #planned = new Map<string, Named>();

  constructor(store: Store, calls: Calls) {
    this.#store = store;
    this.#calls = calls;
  }

  /** Ends the calls of these keys; a key without an open call is left out. */
  async plan(pod: PodRef, names: Iterable<string>): Promise<PlannedWithdrawals> {
    const claims: Claim[] = [];
    const mine = new Map<string, Named>();
    try {
      for (const key of new Set(names)) {
        const claim = await this.#claim(pod, key);
        if (!claim) continue;
        claims.push(claim);
        this.#say(pod, key, {}, mine);
      }
    } catch (error) {
      this.#settle(claims, mine, false);
      throw error;
    }
    return {
      items: claims.map(({ token, call: { to, dueMs } }) => ({ to, token, dueMs })),
      deletes: claims.flatMap(({ token, call }) => deletesOfOpen(pod, token, call)),
      opened: (key, token, call) => this.#say(pod, key, { open: { token, call } }, mine),
      settle: (committed) => this.#settle(claims, mine, committed),
    };
  }

  /** Forgets what a pod's rows said, because it left or its rows came from elsewhere. */
  drop(pod: PodRef): void {
    const prefix = nameOf(pod, "");
    for (const name of this.#planned.keys()) {
      if (name.startsWith(prefix)) this.#planned.delete(name);
    }
  }

  async #claim(pod: PodRef, key: string): Promise<Claim | undefined> {
    const planned = this.#planned.get(nameOf(pod, key));
    if (planned) {
      const { open } = planned;
      return open && await this.#calls.seize(pod, open.token, open.call);
    }
    const row = await this.#store.get<Bytes>(keys.key(pod, key));
    if (!row) return undefined;
    return await this.#calls.seize(pod, parseResponseToken(decodeUtf8(row.value)));
  }

  #say(pod: PodRef, key: string, named: Named, mine: Map<string, Named>): void {
    const name = nameOf(pod, key);
    this.#planned.set(name, named);
    mine.set(name, named);
  }

  #settle(claims: readonly Claim[], mine: ReadonlyMap<string, Named>, committed: boolean): void {
    for (const claim of claims) claim.settle(committed);
    for (const [name, named] of mine) {
      if (this.#planned.get(name) === named) this.#planned.delete(name);
    }
  }
}

/** Row of `keys.key`. */
export function encodeKeyed(token: ResponseToken): Bytes {
  return encodeUtf8(token);
}

function nameOf(pod: PodRef, key: string): string {
  return `${formatPodRef(pod)} ${key}`;
}
