/**
 * Record: what a reply to an envelope said becomes rows. The same for what went over the network and
 * for what left as a file.
 *
 * @module
 */

import type { Directory } from "../directory/directory.ts";
import { Over } from "../identity/ended.ts";
import type { Bytes } from "../model/bytes.ts";
import { type ErrorRecord, toPeriError } from "../model/errors.ts";
import { epochFromBytes, formatPodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import { type Entropy, fraction } from "../ports/entropy.ts";
import type { Log } from "../ports/log.ts";
import { type Change, type Key, mergeChanges, type Store } from "../ports/store.ts";
import type { Lettered } from "./body.ts";
import { decodeDeparted } from "./departed.ts";
import type { GiveUp } from "./giveup.ts";
import type { Lane, Waiting } from "./lane.ts";
import type { BoxMeters, DeliveryOutcome } from "./meters.ts";
import { pagesOf } from "./pages.ts";
import { backoffMs } from "./retry.ts";
import { decodeWaiting, encodeTo, keys } from "./rows.ts";
import type { Traces } from "./traces.ts";
import type { Verdict } from "./verdict.ts";

const MAX_DELETES = 1_000;

/** What {@link Records} work with. */
export interface RecordsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  readonly directory: Directory;
  readonly giveUp: GiveUp;
  readonly traces: Traces;
  readonly meters: BoxMeters;
  /** Messages have left a lane. */
  left(lane: Lane): void;
}

/** How messages went to their recipient. */
export interface Sending {
  /** A server's address, `this periphery` or `a file`. */
  readonly by: string;
  readonly sentMs: number;
  /** How often they were sent, this time included. */
  readonly tries: number;
  /** Serial of the behalf that was introduced with them. */
  readonly introduced?: number;
}

/** See the module. */
export class Records {
  readonly #options: RecordsOptions;
  readonly #clearing = new Set<Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(options: RecordsOptions) {
    this.#options = options;
  }

  /**
   * Lets go of what was delivered, gives up what was refused, and learns where the recipient is now.
   *
   * @throws {PeriError} of the store; what was recorded until then stays so.
   */
  async settled(lane: Lane, verdict: Verdict, sending: Sending): Promise<void> {
    const { delivered, refused, error, moved } = verdict;
    const { directory, log } = this.#options;
    if (verdict.outdated) return await this.#outdated(lane, verdict.outdated);
    // Before anything behind it goes: a next life could not tell it from what an older copy forgot.
    if (lane.isTest(delivered.at(-1)?.sequence)) await this.#prove(lane);
    if (delivered.length > 0) this.#leave(lane, delivered, sending);
    if (error) await this.gaveUp(lane, refused, error, "refused");
    if (!moved) return;
    try {
      await directory.learn(moved, formatPodRef(lane.to));
    } catch (cause) {
      const why = toPeriError(cause, "learn of a move").message;
      // That it is revoked is learned so, too.
      if (cause instanceof Over) log.info("told that a recipient is revoked", { why });
      else log.warn("told of a move that does not hold", { why });
    }
  }

  /** Gives up messages of a lane. @throws {PeriError} of the store. */
  async gaveUp(
    lane: Lane,
    gone: readonly Waiting[],
    error: NonNullable<Verdict["error"]>,
    outcome: DeliveryOutcome,
  ): Promise<void> {
    await this.#options.giveUp.messages(lane.from, lane.to, gone.map(letterOf), error);
    lane.drop(gone);
    this.#options.left(lane);
    this.#count(outcome, gone);
  }

  /** The recipient knows messages by the numbers of the test, and by later ones. */
  async #outdated(lane: Lane, { through, messages }: NonNullable<Verdict["outdated"]>) {
    const { store } = this.#options;
    const { from, to } = lane;
    const carried: Key[] = [];
    for await (const { key, value } of pagesOf<Bytes>(store, keys.carrieds(from))) {
      const departed = decodeDeparted(value);
      if (formatPodRef(departed.to) !== formatPodRef(to)) continue;
      // The recipient has them from a file that left here.
      if (departed.sequences.at(-1)! >= through) return await this.#prove(lane);
      carried.push(key);
    }
    const doubtful = messages.filter(({ sequence }) => lane.isInDoubt(sequence));
    // Sent under other numbers they might take effect a second time; so their posters are told.
    if (doubtful.length > 0) return await this.gaveUp(lane, doubtful, inDoubt(lane), "refused");
    await this.#beginAnew(lane, carried);
  }

  /**
   * A new epoch, in which the lane's numbers mean nothing yet. All that waits with numbers of before
   * has been acknowledged or given up by now, as the test is behind it.
   */
  async #beginAnew(lane: Lane, carried: readonly Key[]): Promise<void> {
    const { store, entropy, log } = this.#options;
    log.warn("lane begins anew, its state is from an older copy", { to: formatPodRef(lane.to) });
    // A late reply to what left as a file speaks of the old epoch.
    for (let at = 0; at < carried.length; at += MAX_DELETES) {
      await store.commit({ deletes: carried.slice(at, at + MAX_DELETES) });
    }
    await this.#prove(lane, epochFromBytes(entropy.bytes(16)));
  }

  /** Durable before the lane goes on. @throws {PeriError} of the store; the test goes again then. */
  async #prove(lane: Lane, epoch = lane.row.epoch): Promise<void> {
    if (lane.isRetired) return;
    const before = lane.row;
    const key = keys.to(lane.from, lane.to);
    let committed = false;
    try {
      const value = encodeTo(lane.proving(epoch));
      committed = await this.#options.store.commit({ puts: [{ key, value }] });
    } finally {
      lane.proven(committed, before);
    }
  }

  /** Ends what is under way; rows that stay are those of messages that are sent once more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#clearing);
  }

  /**
   * By the receipt the messages are on the other side's disk. Their rows go when there is a commit
   * to go with; when they outlive this process, the messages are sent once more and known there.
   */
  #leave(lane: Lane, delivered: readonly Waiting[], sending: Sending): void {
    const { from, to } = lane;
    if (sending.introduced !== undefined) lane.introducing(sending.introduced);
    lane.delivered(delivered);
    this.#options.left(lane);
    this.#count("delivered", delivered);
    const fields = { from: from.pod, to: formatPodRef(to), count: delivered.length };
    this.#options.log.info("delivered", fields);
    const clearing = this.#clear(lane, delivered, sending, this.#options.clock.nowMs());
    this.#clearing.add(clearing);
    void clearing.finally(() => this.#clearing.delete(clearing));
  }

  /** The lane is pinned, so that no other one of its name gives numbers meanwhile. */
  async #clear(
    lane: Lane,
    delivered: readonly Waiting[],
    sending: Sending,
    atMs: number,
  ): Promise<void> {
    const { store, clock, entropy, log } = this.#options;
    const { signal } = this.#stopped;
    lane.pins++;
    for (let failures = 0; !lane.isRetired;) {
      try {
        await store.commit(await this.#planGone(lane, delivered, sending, atMs), "soon");
        break;
      } catch (cause) {
        const why = toPeriError(cause, "clear an outbox").message;
        log.warn("delivered messages stay", { from: lane.from.pod, why });
        if (!signal.aborted) await clock.sleep(backoffMs(++failures, fraction(entropy)), signal);
        if (signal.aborted) break;
      }
    }
    lane.cleared(delivered);
    lane.pins--;
  }

  async #planGone(
    lane: Lane,
    delivered: readonly Waiting[],
    { by, sentMs, tries, introduced }: Sending,
    atMs: number,
  ): Promise<Change> {
    const { from, to } = lane;
    const calls = delivered.flatMap(({ traced }) => traced ?? []);
    const trace = await this.#options.traces.plan(from, {
      kind: "taken",
      atMs,
      ...{ to, by, sentMs, tries, calls },
    });
    // As the row is now: numbers may have been taken since.
    const row = { key: keys.to(from, to), value: encodeTo(lane.row) };
    const puts = introduced === undefined ? [] : [row];
    const deletes = delivered.map(({ sequence }) => keys.outbox(from, to, sequence));
    return mergeChanges([{ puts, deletes }, trace]);
  }

  #count(outcome: DeliveryOutcome, gone: readonly Waiting[]): void {
    const { meters, clock } = this.#options;
    const created = () => gone.map((waiting) => letterOf(waiting).createdMs);
    meters.delivered(outcome, gone.length, clock.nowMs(), created);
  }
}

function inDoubt({ to }: Lane): ErrorRecord {
  const subject = `${
    formatPodRef(to)
  }: restored from an older copy, which does not know if it arrived`;
  const hint = "ask whether it arrived; if not, peri outbox retry";
  return { kind: "conflict", op: "deliver a message", subject, hint };
}

function letterOf({ bytes }: Waiting): Lettered {
  return decodeWaiting(bytes);
}
