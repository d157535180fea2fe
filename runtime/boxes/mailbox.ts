/**
 * The boxes as the supervisor sees them.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import { MAX_INBOX_PER_SENDER } from "../model/limits.ts";
import type { Errand, InboxEvent, LaterErrand, Post, Reply, StreamWork } from "../model/message.ts";
import type { PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Mailbox, PlannedMail, Residents } from "../ports/mailbox.ts";
import { type Change, mergeChanges, type Store } from "../ports/store.ts";
import type { Arrivals } from "./arrivals.ts";
import { rowsOfErrands } from "./errands.ts";
import type { LaterErrands, WaitingErrand } from "./later.ts";
import type { Outbox } from "./outbox.ts";
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
  readonly later: LaterErrands;
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
    const cancels = streams?.cancels ?? [];
    if (errands.length + cancels.length === 0) {
      return await outbox.plan(from, posts, replies, streams);
    }
    const plans: PlannedMail[] = [];
    try {
      plans.push(await this.#planLater(from, errands.filter(isLater), cancels));
      plans.push(this.#planPaced(from, errands.filter(isPaced)));
      plans.push(await this.#planAtOnce(from, errands.filter((one) => !one.later && !one.pace)));
      plans.push(await outbox.plan(from, posts, replies, streams));
    } catch (error) {
      for (const plan of plans) plan.settle(false);
      throw error;
    }
    return {
      change: mergeChanges(plans.map(({ change }) => change)),
      // What is posted counts before errands look at how much waits.
      settle: (committed) => plans.reverse().forEach((plan) => plan.settle(committed)),
    };
  }

  async #planLater(
    pod: PodRef,
    errands: readonly WaitingErrand[],
    cancels: readonly string[],
  ): Promise<PlannedMail> {
    if (errands.length + cancels.length === 0) return NOTHING;
    return await this.#options.later.plan(pod, errands, cancels);
  }

  #planPaced(pod: PodRef, errands: readonly PacedErrand[]): PlannedMail {
    return {
      change: { puts: errands.map((errand) => rowOf(pod, errand)) },
      settle: (committed) => {
        if (committed) { for (const { pace } of errands) this.#options.pace.added(pod, pace); }
      },
    };
  }

  async #planAtOnce(pod: PodRef, errands: readonly Errand[]): Promise<PlannedMail> {
    if (errands.length === 0) return NOTHING;
    const { clock, entropy, residents } = this.#options;
    // One more than the bound: a run that is an errand itself leaves its place to the next one.
    const left = MAX_INBOX_PER_SENDER + 1 - await this.#arrivals.errands(pod);
    if (errands.length > left) {
      const subject = `more than ${MAX_INBOX_PER_SENDER} errands of ${pod.pod} wait`;
      throw new PeriError("over-quota", { op: "leave an errand", subject });
    }
    const nowMs = clock.nowMs();
    const places = await this.#arrivals.takeErrands(pod, errands.length, nowMs);
    const puts = rowsOfErrands(pod, errands, places.first, { entropy, nowMs });
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

  later(pod: PodRef, limit: number): Promise<LaterErrand[]> {
    return this.#options.later.list(pod, Math.min(limit, 1000));
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

const NOTHING: PlannedMail = { change: {}, settle: () => {} };

type PacedErrand = Errand & Required<Pick<Errand, "pace">>;

function isPaced(errand: Errand): errand is PacedErrand {
  return errand.pace !== undefined;
}

function isLater(errand: Errand): errand is WaitingErrand {
  return errand.later !== undefined;
}

function rowOf(pod: PodRef, errand: PacedErrand) {
  return { key: keys.pace(pod, errand.pace), value: encodeErrand(errand) };
}
