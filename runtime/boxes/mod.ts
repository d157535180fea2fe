/**
 * The boxes: the way of every message, from the post of one pod to the event of another.
 *
 * @module
 */

import type { Directory } from "../directory/directory.ts";
import {
  decodeReplies,
  encodePost,
  type Envelope,
  type EnvelopeReply,
  type SealedReceipt,
} from "../model/envelope.ts";
import { PeriError } from "../model/errors.ts";
import {
  MAX_CARRIED_AGE_MS,
  MAX_REPLY_BYTES,
  MAX_STREAMS,
  POST_TIMEOUT_MS,
} from "../model/limits.ts";
import type { Fingerprint, PodRef, ServerUrl } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Door } from "../ports/door.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Log } from "../ports/log.ts";
import type { Mailbox, Residents } from "../ports/mailbox.ts";
import { type Meter, NO_METER } from "../ports/meter.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Store } from "../ports/store.ts";
import type { Transport } from "../ports/transport.ts";
import { Arrivals } from "./arrivals.ts";
import { Calls } from "./calls.ts";
import { Carrier } from "./carry.ts";
import { Counter } from "./counter.ts";
import { DeadLetters } from "./dead.ts";
import { Deadlines } from "./deadlines.ts";
import { Delivery } from "./deliver.ts";
import { GiveUp } from "./giveup.ts";
import { History } from "./history.ts";
import { Inbox } from "./inbox.ts";
import type { Lane } from "./lane.ts";
import { Lanes } from "./lanes.ts";
import { LaterErrands } from "./later.ts";
import { countWaiting } from "./listing.ts";
import { PodMailbox } from "./mailbox.ts";
import { MarkBook } from "./marks.ts";
import { BoxMeters } from "./meters.ts";
import { Outbox } from "./outbox.ts";
import { decodeReceipt, type Receipt } from "./receipt.ts";
import { Streams } from "./streams.ts";
import { Withdrawals } from "./withdraw.ts";
import { Pace } from "./pace.ts";
import { Records } from "./record.ts";
import { Traces } from "./traces.ts";

export type { Departure, Settlement } from "./carry.ts";
export type { Hop, Story } from "./history.ts";
export type { InboxEntry, OutboxEntry } from "./listing.ts";

/** Where envelopes are posted to (PROTOCOL.md, "Carriage"). */
export const ENVELOPES_PATH = "/peri/v1/envelopes";

/** What {@link Boxes} work with. */
export interface BoxesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  readonly pgp: Pgp;
  readonly transport: Transport;
  /** Absent: nobody looks. */
  readonly meter?: Meter;
  readonly directory: Directory;
  /** Not used before {@link Boxes.start}, except by plans. */
  readonly residents: Residents;
  /** Absent: everybody may leave something. */
  readonly door?: Door;
}

/** The boxes of one periphery. They assume that no other process holds the same pods. */
export class Boxes {
  /** What the supervisor uses. */
  readonly mailbox: Mailbox;
  /** What people use. */
  readonly counter: Counter;
  /** Takes messages out as files, and settles what came of them. */
  readonly carrier: Carrier;
  /** What happened to messages. */
  readonly history: History;
  readonly #options: BoxesOptions;
  readonly #inbox: Inbox;
  readonly #delivery: Delivery;
  readonly #deadlines: Deadlines;
  readonly #records: Records;
  readonly #pace: Pace;
  readonly #later: LaterErrands;
  readonly #caches: readonly { drop(pod: PodRef): void }[];

  constructor(options: BoxesOptions) {
    this.#options = options;
    const { store, clock, entropy, transport } = options;
    const lanes = new Lanes(store, entropy);
    const calls = new Calls(store);
    const arrivals = new Arrivals(store);
    const marks = new MarkBook(store);
    const traces = new Traces(store);
    const dead = new DeadLetters(store, options.log);
    const giveUp = new GiveUp({ ...options, calls, arrivals, traces, dead });
    const meters = new BoxMeters(options.meter ?? NO_METER);
    const backlog = lanes.backlog.bind(lanes);
    const recount = lanes.recount.bind(lanes);
    const pace = new Pace({ ...options, arrivals, backlog, recount });
    const later = new LaterErrands({ ...options, arrivals });
    const left = ({ from, to }: Lane) => pace.left(from, to);
    const records = new Records({ ...options, giveUp, traces, meters, left });
    const delivery = new Delivery({
      ...options,
      meters,
      lanes,
      records,
      knock: async (server, signal) => {
        if (server !== undefined) await knock(transport, server, signal);
      },
      post: (server, envelopes, signal) =>
        server === undefined
          ? this.receive(envelopes)
          : postEnvelopes(transport, server, envelopes, signal),
    });
    const undelivered = delivery.undelivered.bind(delivery);
    const isDelivered = lanes.isDelivered.bind(lanes);
    const deadlines = new Deadlines({ ...options, calls, giveUp, isDelivered, undelivered });
    const streams = new Streams({
      store,
      backlog,
      due: deadlines.due.bind(deadlines),
      most: (pod) => options.residents.byRef(pod)?.budget?.streams ?? MAX_STREAMS,
    });
    const withdrawals = new Withdrawals(store, calls);
    const outbox = new Outbox({
      lanes,
      calls,
      streams,
      withdrawals,
      clock,
      wake: delivery.wake.bind(delivery),
      due: deadlines.due.bind(deadlines),
    });
    const contact = delivery.contact.bind(delivery);
    this.#inbox = new Inbox({
      ...options,
      ...{ outbox, lanes, calls, arrivals, marks, traces, meters, contact },
    });
    this.mailbox = new PodMailbox({ ...options, outbox, arrivals, pace, later });
    const state = delivery.state.bind(delivery);
    this.carrier = new Carrier({ ...options, lanes, records });
    this.history = new History({ ...options, traces, state });
    this.counter = new Counter({
      ...options,
      ...{ lanes, calls, outbox, giveUp, dead, traces, state },
      hurry: delivery.hurry.bind(delivery),
    });
    this.#delivery = delivery;
    this.#records = records;
    this.#deadlines = deadlines;
    this.#caches = [
      lanes,
      calls,
      arrivals,
      marks,
      deadlines,
      traces,
      dead,
      streams,
      withdrawals,
      pace,
      later,
    ];
    this.#pace = pace;
    this.#later = later;
  }

  /** Begins to deliver, when the residents are known; first what waits since earlier. */
  async start(): Promise<void> {
    await this.#deadlines.start();
    await this.#delivery.start();
    await this.#pace.start();
    await this.#later.start();
  }

  /** Takes envelopes that came in a file; as {@link receive}. */
  import(envelopes: readonly Envelope[]): Promise<EnvelopeReply[]> {
    return this.#inbox.receive(envelopes, MAX_CARRIED_AGE_MS);
  }

  /** What a receipt says that was made here. @throws {PeriError} `damaged`. */
  readReceipt({ content }: SealedReceipt): Receipt {
    return decodeReceipt(content);
  }

  /** Takes envelopes; one reply for each, in order. Never rejects. */
  receive(envelopes: readonly Envelope[]): Promise<EnvelopeReply[]> {
    return this.#inbox.receive(envelopes);
  }

  /** A pod came to live here, maybe with rows from elsewhere. */
  async adopt(pod: PodRef): Promise<void> {
    this.drop(pod);
    await this.resume(pod);
  }

  /** A pod that was away for a moment lives here again, with the rows it had. */
  async resume(pod: PodRef): Promise<void> {
    await this.#deadlines.adopt(pod);
    await this.#delivery.adopt(pod);
    await this.#pace.adopt(pod);
    await this.#later.adopt(pod);
  }

  /** A pod no longer lives here. */
  drop(pod: PodRef): void {
    for (const cache of this.#caches) cache.drop(pod);
    this.#delivery.drop(pod);
  }

  /** A server was heard of: what waits for it is tried again at once. */
  contact(server: ServerUrl): void {
    this.#delivery.heard(server);
  }

  /** A pod became known: what waits because nobody could find it is tried again at once. */
  found(pod: PodRef): void {
    this.#delivery.found(pod);
  }

  /** Messages of a person's pods, or of all that live here, that wait, counted up to `most`. */
  async waitingMessages(most: number, person?: Fingerprint): Promise<number> {
    const { residents, store } = this.#options;
    let count = 0;
    for (const { ref } of residents.all()) {
      if (person !== undefined && ref.person !== person) continue;
      if (count < most) count += await countWaiting(store, ref, most - count);
    }
    return count;
  }

  /** Ends what is under way here; nothing is lost. Does not close the store. */
  async stop(): Promise<void> {
    this.#pace.stop();
    await Promise.all([this.#delivery.stop(), this.#deadlines.stop(), this.#later.stop()]);
    await this.#records.stop();
  }
}

/** Whatever a periphery says to a question where envelopes are posted, it is there. */
async function knock(transport: Transport, server: ServerUrl, signal: AbortSignal): Promise<void> {
  const { status } = await transport.send({
    server,
    path: ENVELOPES_PATH,
    maxReplyBytes: MAX_REPLY_BYTES,
    timeoutMs: POST_TIMEOUT_MS,
    signal,
  });
  // What stands in front of it says so when it is not.
  if (status < 500) return;
  throw new PeriError("unreachable", { op: `reach ${server}`, subject: `it said ${status}` });
}

async function postEnvelopes(
  transport: Transport,
  server: ServerUrl,
  envelopes: readonly Envelope[],
  signal: AbortSignal,
): Promise<EnvelopeReply[]> {
  const { status, body } = await transport.send({
    server,
    path: ENVELOPES_PATH,
    body: encodePost(envelopes),
    maxReplyBytes: MAX_REPLY_BYTES,
    timeoutMs: POST_TIMEOUT_MS,
    signal,
  });
  const op = `post to ${server}`;
  if (status !== 200) throw new PeriError("unreachable", { op, subject: `it said ${status}` });
  const replies = decodeReplies(body);
  if (replies.length === envelopes.length) return replies;
  const subject = `${replies.length} replies to ${envelopes.length} envelopes`;
  throw new PeriError("damaged", { op, subject });
}
