/**
 * Where the boxes and the supervisor meet without knowing each other; `mod.ts` joins them.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { ErrorRecord } from "../model/errors.ts";
import type {
  Call,
  Errand,
  InboxEvent,
  LaterErrand,
  Post,
  Reply,
  StreamWork,
} from "../model/message.ts";
import type { Fingerprint, PodRef } from "../model/words.ts";
import type { Change } from "./store.ts";

/** Messages that have their place in their lanes and wait to be committed. */
export interface PlannedMail {
  /** Part of the caller's commit. */
  readonly change: Change;
  /** To be called once, after the commit: `true` wakes delivery, `false` gives up the places. */
  settle(committed: boolean): void;
}

/** What the supervisor needs of the boxes. */
export interface Mailbox {
  /**
   * Gives posts and replies of one pod their places. Plans of one pod are committed in the order
   * in which they were made; when one is not, those after it are not either. Posts open their
   * tokens; errands are events of the pod itself. Cancels come before posts, so that a post can
   * take the place of an earlier one; they end errands that wait for their time, too.
   *
   * @throws {PeriError} `too-large` over a bound of `limits.ts`, `over-quota` when too many errands
   * wait, `invalid` for an answer to a stream that is not open or an item that is not of its type.
   */
  plan(
    from: PodRef,
    posts: readonly Post[],
    replies: readonly Reply[],
    errands?: readonly Errand[],
    streams?: StreamWork,
  ): Promise<PlannedMail>;
  /** Events of a pod after an arrival number, oldest first. */
  waiting(pod: PodRef, afterArrival: number, limit: number): Promise<InboxEvent[]>;
  /** Errands of a pod that wait for their time, the next ones first. */
  later(pod: PodRef, limit: number): Promise<LaterErrand[]>;
  /** What removes an event; part of the commit of the run that handled it. */
  removal(pod: PodRef, event: InboxEvent): Change;
  /** What counts one more attempt at an event. */
  attempted(pod: PodRef, event: InboxEvent): Change;
}

/** A pod that lives here, as far as the boxes need it. */
export interface Resident {
  readonly ref: PodRef;
  readonly podKey: Fingerprint;
  /** Transferable secret key of the pod. */
  readonly secretKey: Bytes;
  /** The pod's introduction: certificate of the person, behalf, signature. */
  readonly introduction: {
    readonly certificate: Bytes;
    readonly document: string;
    readonly signature: Bytes;
  };
  readonly serial: number;
  /** When its behalf ends; absent where nobody looks. */
  readonly expiresMs?: number;
  /** Present when its behalf is its person's last word on it. */
  readonly revoked?: { readonly reason: string };
  /** What it may use; absent: what any pod may. */
  readonly budget?: { readonly streams: number };
}

/** What the boxes need of the supervisor. */
export interface Residents {
  /** The pod with this address, when it lives here. */
  byRef(ref: PodRef): Resident | undefined;
  /** The pod with this pod key, when it lives here. */
  byKey(podKey: Fingerprint): Resident | undefined;
  /** All pods that live here. */
  all(): readonly Resident[];
  /** Why a pod does not take a call: missing function, payload of another type. Wakes nobody. */
  refusal(to: PodRef, call: Call): ErrorRecord | undefined;
  /** Tells that new events wait in a pod's inbox. */
  wake(to: PodRef): void;
}
