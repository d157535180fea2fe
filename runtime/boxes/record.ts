/**
 * Record: what a reply to an envelope said becomes rows. The same for what went over the network and
 * for what left as a file.
 *
 * @module
 */

import type { Directory } from "../directory/directory.ts";
import { toPeriError } from "../model/errors.ts";
import { formatPodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { mergeChanges, type Store } from "../ports/store.ts";
import type { Lettered } from "./body.ts";
import type { GiveUp } from "./giveup.ts";
import type { Lane, Waiting } from "./lane.ts";
import type { BoxMeters, DeliveryOutcome } from "./meters.ts";
import { decodeWaiting, encodeTo, keys } from "./rows.ts";
import type { Traced } from "./trace.ts";
import type { Traces } from "./traces.ts";
import type { Verdict } from "./verdict.ts";

/** What {@link Records} work with. */
export interface RecordsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly directory: Directory;
  readonly giveUp: GiveUp;
  readonly traces: Traces;
  readonly meters: BoxMeters;
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

  constructor(options: RecordsOptions) {
    this.#options = options;
  }

  /**
   * Removes what was delivered, gives up what was refused, and learns where the recipient is now.
   *
   * @throws {PeriError} of the store; what was recorded until then stays so.
   */
  async settled(lane: Lane, verdict: Verdict, sending: Sending): Promise<void> {
    const { delivered, refused, error, moved } = verdict;
    const { directory, log } = this.#options;
    if (delivered.length > 0) await this.#remove(lane, delivered, sending);
    if (error) await this.gaveUp(lane, refused, error, "refused");
    if (!moved) return;
    try {
      await directory.learn(moved, formatPodRef(lane.to));
    } catch (cause) {
      const why = toPeriError(cause, "learn of a move").message;
      log.warn("told of a move that does not hold", { why });
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
    this.#count(outcome, gone);
  }

  async #remove(lane: Lane, delivered: readonly Waiting[], sending: Sending): Promise<void> {
    const { store, clock, traces, log } = this.#options;
    const { from, to } = lane;
    const { by, sentMs, tries, introduced } = sending;
    const deletes = delivered.map(({ sequence }) => keys.outbox(from, to, sequence));
    const known = introduced === undefined ? undefined : lane.introducing(introduced);
    const puts = known ? [{ key: keys.to(from, to), value: encodeTo(known) }] : [];
    const trace = await traces.plan(from, {
      kind: "taken",
      atMs: clock.nowMs(),
      ...{ to, by, sentMs, tries },
      calls: delivered.map(({ traced }) => traced).filter((one): one is Traced => !!one),
    });
    await store.commit(mergeChanges([{ puts, deletes }, trace]));
    lane.drop(delivered);
    this.#count("delivered", delivered);
    log.info("delivered", { from: from.pod, to: formatPodRef(to), count: delivered.length });
  }

  #count(outcome: DeliveryOutcome, gone: readonly Waiting[]): void {
    const { meters, clock } = this.#options;
    const created = () => gone.map((waiting) => letterOf(waiting).createdMs);
    meters.delivered(outcome, gone.length, clock.nowMs(), created);
  }
}

function letterOf({ bytes }: Waiting): Lettered {
  return decodeWaiting(bytes);
}
