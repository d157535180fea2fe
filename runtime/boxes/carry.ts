/**
 * Carry: waiting messages leave as sealed envelopes in a file, and arrive from one, for networks
 * that are not connected. They stay in the outbox until a receipt comes back, and are the same to
 * their recipient as if they had come over the network: whichever copy is first takes effect.
 *
 * @module
 */

import type { Directory } from "../directory/directory.ts";
import { encodeIntroduction } from "../identity/introduction.ts";
import type { Bytes } from "../model/bytes.ts";
import { type CarriedReply, envelopeId } from "../model/carried.ts";
import type { Envelope } from "../model/envelope.ts";
import { type PeriError, toPeriError } from "../model/errors.ts";
import { MAX_BUNDLE_BYTES, MAX_BUNDLE_MESSAGES } from "../model/limits.ts";
import type { PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Residents } from "../ports/mailbox.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Store } from "../ports/store.ts";
import { BUNDLE_HEAD_BYTES } from "./bundle.ts";
import { decodeDeparted, encodeDeparted, sweepDeparted } from "./departed.ts";
import { type Lane, type Waiting, waitingOf } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import type { Records } from "./record.ts";
import { type Routed, Router } from "./route.ts";
import { keys } from "./rows.ts";
import { type Sealed, sealLoad } from "./seal.ts";
import { judgeReply, type Verdict } from "./verdict.ts";

/** What {@link Carrier} works with. */
export interface CarrierOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly pgp: Pgp;
  readonly directory: Directory;
  readonly residents: Residents;
  readonly lanes: Lanes;
  readonly records: Records;
}

/** An envelope for a file, or why what waits in a lane cannot leave. */
export type Departure =
  | {
    readonly to: PodRef;
    readonly envelope: Envelope;
    readonly messages: number;
    /** More waits in the lane, for when these have been settled. */
    readonly hasMore: boolean;
  }
  | { readonly to: PodRef; readonly error: PeriError };

/** What a reply from a file did. */
export interface Settlement {
  /** `unknown`: no envelope of these pods is meant, or all of its messages are settled. */
  readonly outcome: "taken" | "refused" | "waits" | "unknown";
  readonly to?: PodRef;
  /** Messages that left the outbox by it. */
  readonly messages: number;
  /** Why they still wait, or were refused. */
  readonly reason?: string;
}

/** How traces and listings name this way. */
const BY = "a file";

/** See the module. */
export class Carrier {
  readonly #options: CarrierOptions;
  readonly #router: Router;

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.#router = new Router(options.directory, options.residents, options.pgp, options.clock);
  }

  /**
   * An envelope for each pod elsewhere for which something of this one waits, with what of it fits
   * into one. What is needed to understand the reply to it is on disk before it is given out.
   *
   * @param wants which recipients; all that do not live here
   */
  async *depart(from: PodRef, wants: (to: PodRef) => boolean): AsyncGenerator<Departure> {
    const { store, clock, lanes } = this.#options;
    await sweepDeparted(store, from, clock.nowMs());
    for await (const to of lanes.waiting(from)) {
      if (!wants(to)) continue;
      const lane = await lanes.pin(from, to);
      try {
        const routed = await this.#router.route(lane);
        if (routed?.server === undefined) continue;
        const departure = await this.#departLane(routed);
        if (departure) yield departure;
      } catch (thrown) {
        yield { to, error: toPeriError(thrown, "put messages into a file") };
      } finally {
        lane.pins--;
      }
    }
  }

  /**
   * Applies a reply that came back, to an envelope of one of these pods. Only a receipt whose MAC
   * holds ends anything; the same one again does nothing.
   *
   * @throws {PeriError} of the store.
   */
  async settle(pods: readonly PodRef[], { envelope, reply }: CarriedReply): Promise<Settlement> {
    for (const from of pods) {
      const key = keys.carried(from, envelope);
      const row = await this.#options.store.get<Bytes>(key);
      if (!row) continue;
      const { to, receiptKey, sequences, sentMs, serial } = decodeDeparted(row.value);
      const lane = await this.#options.lanes.pin(from, to);
      try {
        const messages = await this.#read(lane, sequences);
        const load = { messages, introduces: true, isTest: lane.isTest(messages[0]?.sequence) };
        const verdict = judgeReply({ load, receiptKey }, reply);
        const sending = { by: BY, sentMs, tries: 1, introduced: serial };
        await this.#options.records.settled(lane, verdict, sending);
        const { delivered, refused } = verdict;
        const isDone = delivered.length + refused.length === messages.length && !verdict.delay;
        if (isDone) await this.#options.store.commit({ deletes: [key] });
        return { to, ...settlementOf(verdict) };
      } finally {
        lane.pins--;
      }
    }
    return { outcome: "unknown", messages: 0 };
  }

  /**
   * One envelope from the front of a lane and no more: were a later one to arrive while an earlier
   * one was lost or held back, the recipient would take the earlier messages for duplicates.
   */
  async #departLane(routed: Routed): Promise<Departure | undefined> {
    const { clock } = this.#options;
    const { lane, sender } = routed;
    const introduction = encodeIntroduction(sender.introduction).length;
    const room = MAX_BUNDLE_BYTES - BUNDLE_HEAD_BYTES - introduction;
    const nowMs = clock.nowMs();
    for (let next = 0;;) {
      const waiting = await this.#waitingFrom(lane, next);
      const front = frontOf(waiting, room);
      if (front.length === 0) return undefined;
      next = front.at(-1)!.sequence + 1;
      const messages = lane.together(front.filter(({ expiresMs }) => expiresMs > nowMs), Infinity);
      if (messages.length === 0) continue;
      const sealed = await sealLoad({ routed, messages, introduces: true }, this.#options);
      await this.#remember(sealed, nowMs);
      next = messages.at(-1)!.sequence + 1;
      const hasMore = (await this.#waitingFrom(lane, next)).length > 0;
      return { to: lane.to, envelope: sealed.envelope, messages: messages.length, hasMore };
    }
  }

  async #waitingFrom(lane: Lane, first: number): Promise<Waiting[]> {
    const { from, to, end } = lane;
    const rows = await this.#options.store.list<Bytes>({
      prefix: keys.lane(from, to),
      start: keys.outbox(from, to, first),
      // What may still be committed before others must not be overtaken.
      end: keys.outbox(from, to, Math.max(first, end)),
      limit: MAX_BUNDLE_MESSAGES,
    });
    return rows.map(({ value }) => waitingOf(value));
  }

  async #remember({ load, envelope, receiptKey }: Sealed, sentMs: number): Promise<void> {
    const { routed: { lane, sender }, messages } = load;
    const value = encodeDeparted({
      to: lane.to,
      receiptKey,
      sequences: messages.map(({ sequence }) => sequence),
      sentMs,
      expiresMs: Math.max(...messages.map(({ expiresMs }) => expiresMs)),
      serial: sender.serial,
    });
    const key = keys.carried(lane.from, envelopeId(envelope));
    await this.#options.store.commit({ puts: [{ key, value }] });
  }

  /** Those of the messages that still wait. */
  async #read({ from, to }: Lane, sequences: readonly number[]): Promise<Waiting[]> {
    const rows = await this.#options.store.list<Bytes>({
      prefix: keys.lane(from, to),
      start: keys.outbox(from, to, sequences[0]!),
      end: keys.outbox(from, to, sequences.at(-1)! + 1),
      limit: 1_000,
    });
    const wanted = new Set(sequences);
    return rows.map(({ value }) => waitingOf(value)).filter(({ sequence }) => wanted.has(sequence));
  }
}

/** Messages from the front that fit together, at least one when there is any. */
function frontOf(waiting: readonly Waiting[], room: number): Waiting[] {
  let bytes = 0;
  const end = waiting.findIndex((one, at) => (bytes += one.bytes.length) > room && at > 0);
  return waiting.slice(0, end === -1 ? waiting.length : end);
}

function settlementOf(
  { delivered, refused, error, delay, introduce, outdated }: Verdict,
) {
  const messages = delivered.length + refused.length;
  if (outdated !== undefined) {
    return { outcome: "waits", messages, reason: "their numbers are known there" } as const;
  }
  if (error) return { outcome: "refused", messages, reason: error.subject } as const;
  if (delay) return { outcome: "waits", messages, reason: delay.reason } as const;
  if (introduce) return { outcome: "waits", messages, reason: "not known there" } as const;
  return { outcome: "taken", messages } as const;
}
