/**
 * The boxes as the supervisor sees them.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import { MAX_INBOX_PER_SENDER } from "../model/limits.ts";
import type { Errand, InboxEvent, Post, Reply, StreamWork } from "../model/message.ts";
import { type PodRef, tokenFromBytes } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Mailbox, PlannedMail, Residents } from "../ports/mailbox.ts";
import { type Change, mergeChanges, type Store } from "../ports/store.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Outbox } from "./outbox.ts";
import { answerToErrand } from "./respond.ts";
import type { Pace } from "./pace.ts";
import { encodeErrand, encodeEvent, keys } from "./rows.ts";

/** What {@link PodMailbox} works with. */
export interface PodMailboxOptions {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly arrivals: Arrivals;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly residents: Pick<Residents, "wake">;
  readonly pace: Pace;
}

/** The contract of {@link Mailbox} on the rows of the boxes. */
export class PodMailbox implements Mailbox {
  readonly #options: PodMailboxOptions;
  readonly #arrivals: Arrivals;

  constructor(options: PodMailboxOptions) {
    this.#options = options;
    this.#arrivals = options.arrivals;
  }

  async plan(
    from: PodRef,
    posts: readonly Post[],
    replies: readonly Reply[],
    errands: readonly Errand[] = [],
    streams?: StreamWork,
  ): Promise<PlannedMail> {
    const { outbox } = this.#options;
    if (errands.length === 0) return await outbox.plan(from, posts, replies, streams);
    const own = await this.#planErrands(from, errands);
    try {
      const mail = await outbox.plan(from, posts, replies, streams);
      return {
        change: mergeChanges([mail.change, own.change]),
        settle(committed) {
          mail.settle(committed);
          own.settle(committed);
        },
      };
    } catch (error) {
      own.settle(false);
      throw error;
    }
  }

  async #planErrands(pod: PodRef, errands: readonly Errand[]): Promise<PlannedMail> {
    const paced = errands.filter(isPaced);
    const own = await this.#planAtOnce(pod, errands.filter((errand) => !isPaced(errand)));
    return {
      change: mergeChanges([own.change, { puts: paced.map((errand) => rowOf(pod, errand)) }]),
      settle: (committed) => {
        own.settle(committed);
        if (committed) { for (const { pace } of paced) this.#options.pace.added(pod, pace); }
      },
    };
  }

  async #planAtOnce(pod: PodRef, errands: readonly Errand[]): Promise<PlannedMail> {
    if (errands.length === 0) return { change: {}, settle: () => {} };
    const { clock, entropy, residents } = this.#options;
    // One more than the bound: a run that is an errand itself leaves its place to the next one.
    const left = MAX_INBOX_PER_SENDER + 1 - await this.#arrivals.errands(pod);
    if (errands.length > left) {
      const subject = `more than ${MAX_INBOX_PER_SENDER} errands of ${pod.pod} wait`;
      throw new PeriError("over-quota", { op: "leave an errand", subject });
    }
    const nowMs = clock.nowMs();
    const places = await this.#arrivals.takeErrands(pod, errands.length, nowMs);
    const puts = errands.map((errand, index) => {
      const message = answerToErrand(pod, tokenFromBytes(entropy.bytes(16)), errand, nowMs);
      const { continuation } = errand;
      const arrival = places.first + index;
      const event = { arrival, receivedMs: nowMs, attempts: 0, message, continuation };
      return { key: keys.inbox(pod, arrival), value: encodeEvent(event) };
    });
    return {
      change: { puts },
      settle(committed) {
        places.settle(committed);
        // Committed or not: events that came meanwhile were held back behind these.
        residents.wake(pod);
      },
    };
  }

  waiting(pod: PodRef, afterArrival: number, limit: number): Promise<InboxEvent[]> {
    return this.#arrivals.waiting(pod, afterArrival, Math.min(limit, 1000));
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

type PacedErrand = Errand & Required<Pick<Errand, "pace">>;

function isPaced(errand: Errand): errand is PacedErrand {
  return errand.pace !== undefined;
}

function rowOf(pod: PodRef, errand: PacedErrand) {
  return { key: keys.pace(pod, errand.pace), value: encodeErrand(errand) };
}
