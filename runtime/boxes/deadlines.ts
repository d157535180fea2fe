/**
 * Deadlines: every post is answered by its deadline, if not by its recipient then from here.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { type ErrorRecord, toPeriError } from "../model/errors.ts";
import {
  formatPodRef,
  parseResponseToken,
  parseStreamHandle,
  type PodRef,
} from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Residents } from "../ports/mailbox.ts";
import type { Key, Store } from "../ports/store.ts";
import { Alarm } from "./alarm.ts";
import type { Calls, Claim } from "./calls.ts";
import { type GiveUp, type Lost, MAX_LOSSES } from "./giveup.ts";
import { decodeWaiting, keys } from "./rows.ts";

/** What {@link Deadlines} works with. */
export interface DeadlinesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly calls: Calls;
  readonly giveUp: GiveUp;
  readonly residents: Residents;
  /** Whether a message has been delivered whose row may still be there. */
  isDelivered(from: PodRef, to: PodRef, sequence: number): boolean;
  /** What is said of a message that has not been delivered. */
  undelivered(from: PodRef, to: PodRef): ErrorRecord;
}

/** After a failure of the store, and when somebody else is just ending a call that is due. */
const AGAIN_MS = 5_000;

/** See the module. */
export class Deadlines {
  readonly #options: DeadlinesOptions;
  readonly #alarm: Alarm;

  constructor(options: DeadlinesOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, (pod) => this.#expire(pod));
  }

  /** Begins with what is due since earlier. */
  async start(): Promise<void> {
    await Promise.all(this.#options.residents.all().map(({ ref }) => this.adopt(ref)));
    this.#alarm.start();
  }

  /** Looks for deadlines of a pod whose rows came from elsewhere or from before. */
  async adopt(pod: PodRef): Promise<void> {
    const [first] = await this.#options.store.list({ prefix: keys.dues(pod), limit: 1 });
    if (first) this.due(pod, first.key[4] as number);
  }

  /** A call of a pod is due then. */
  due(pod: PodRef, dueMs: number): void {
    this.#alarm.due(pod, dueMs);
  }

  /** Forgets a pod that left. */
  drop(pod: PodRef): void {
    this.#alarm.drop(pod);
  }

  /** Stops; deadlines that pass meanwhile are seen at the next start. */
  stop(): Promise<void> {
    return this.#alarm.stop();
  }

  /** Ends what is due of one pod, a part at a time; what is left is due again. */
  async #expire(pod: PodRef): Promise<void> {
    const { store, clock, log } = this.#options;
    try {
      const prefix = keys.dues(pod);
      const rows = await store.list({ prefix, limit: MAX_LOSSES + 1 });
      const nowMs = clock.nowMs();
      const due = rows.filter(({ key }) => (key[4] as number) <= nowMs).slice(0, MAX_LOSSES);
      const ended = await this.#end(pod, due.map(({ key }) => key));
      const next = rows[due.length]?.key[4] as number | undefined;
      if (next !== undefined) this.due(pod, next);
      // Somebody else is just ending the others; unless they fail, nothing is left to do.
      if (ended < due.length) this.due(pod, nowMs + AGAIN_MS);
    } catch (error) {
      log.error("deadlines wait", toPeriError(error, "end calls"), { pod: formatPodRef(pod) });
      this.due(pod, clock.nowMs() + AGAIN_MS);
    }
  }

  /** Ends calls of a pod and streams it answers, by the keys of their deadlines. */
  async #end(pod: PodRef, dues: readonly Key[]): Promise<number> {
    const lost: Lost[] = [];
    try {
      for (const [, , , , dueMs, name] of dues) {
        if (String(name).includes("/")) {
          lost.push(endOfStream(String(name), dueMs as number));
          continue;
        }
        const claim = await this.#options.calls.claim(pod, parseResponseToken(String(name)));
        if (claim) lost.push(await this.#lossOf(pod, claim));
      }
    } catch (error) {
      for (const { claim } of lost) claim?.settle(false);
      throw error;
    }
    if (lost.length > 0) await this.#options.giveUp.commit(pod, lost);
    return lost.length;
  }

  /** A message still in the outbox has not arrived, as far as is known; else its answer has not. */
  async #lossOf(pod: PodRef, claim: Claim): Promise<Lost> {
    const { to, sequence } = claim.call;
    try {
      const { store, isDelivered } = this.#options;
      const found = await store.get<Bytes>(keys.outbox(pod, to, sequence));
      const row = isDelivered(pod, to, sequence) ? undefined : found;
      const error = this.#errorFor(pod, to, row !== undefined);
      return { to, claim, error, ...(row ? { message: decodeWaiting(row.value) } : {}) };
    } catch (error) {
      claim.settle(false);
      throw error;
    }
  }

  #errorFor(from: PodRef, to: PodRef, isWaiting: boolean): ErrorRecord {
    if (isWaiting) return this.#options.undelivered(from, to);
    const subject = `${formatPodRef(to)} has not answered in time`;
    return { kind: "expired", op: "ask a pod", subject };
  }
}

function endOfStream(handle: string, dueMs: number): Lost {
  const { caller, token } = parseStreamHandle(handle);
  const subject = `the stream for ${formatPodRef(caller)} has had its time`;
  const error = { kind: "expired", op: "answer a call", subject } as const;
  return { to: caller, stream: { token, dueMs }, error };
}
