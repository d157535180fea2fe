/**
 * The boxes as the supervisor sees them.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { InboxEvent, Post, Reply } from "../model/message.ts";
import type { PodRef } from "../model/words.ts";
import type { Mailbox, PlannedMail } from "../ports/mailbox.ts";
import type { Change, Store } from "../ports/store.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Outbox } from "./outbox.ts";
import { decodeEvent, encodeEvent, keys } from "./rows.ts";

/** The contract of {@link Mailbox} on the rows of the boxes. */
export class PodMailbox implements Mailbox {
  readonly #store: Store;
  readonly #outbox: Outbox;
  readonly #arrivals: Arrivals;

  constructor(store: Store, outbox: Outbox, arrivals: Arrivals) {
    this.#store = store;
    this.#outbox = outbox;
    this.#arrivals = arrivals;
  }

  plan(from: PodRef, posts: readonly Post[], replies: readonly Reply[]): Promise<PlannedMail> {
    return this.#outbox.plan(from, posts, replies);
  }

  async waiting(pod: PodRef, afterArrival: number, limit: number): Promise<InboxEvent[]> {
    const end = await this.#arrivals.end(pod);
    const rows = await this.#store.list<Bytes>({
      prefix: keys.inboxes(pod),
      start: keys.inbox(pod, afterArrival + 1),
      ...(end === Infinity ? {} : { end: keys.inbox(pod, Math.max(end, afterArrival + 1)) }),
      limit: Math.min(limit, 1000),
    });
    return rows.map(({ key, value }) => decodeEvent(pod, key.at(-1) as number, value));
  }

  removal(pod: PodRef, event: InboxEvent): Change {
    this.#arrivals.removed(pod, event.arrival);
    return { deletes: [keys.inbox(pod, event.arrival)] };
  }

  attempted(pod: PodRef, event: InboxEvent): Change {
    const value = encodeEvent({ ...event, attempts: event.attempts + 1 });
    return { puts: [{ key: keys.inbox(pod, event.arrival), value }] };
  }
}
