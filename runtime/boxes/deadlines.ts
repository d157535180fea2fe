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

/** The wall clock may be set while one sleeps; without any deadline that does not matter. */
const LONGEST_SLEEP_MS = 60_000;
const IDLE_SLEEP_MS = 24 * 60 * 60_000;
/** After a failure of the store, and when somebody else is just ending a call that is due. */
const AGAIN_MS = 5_000;

/** See the module. */
export class Deadlines {
  readonly #options: DeadlinesOptions;
  /** The earliest deadline of each pod that has any. */
  readonly #next = new Map<string, { readonly pod: PodRef; readonly dueMs: number }>();
  readonly #stopped = new AbortController();
  #sleep: { readonly untilMs: number; readonly alarm: AbortController } | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: DeadlinesOptions) {
    this.#options = options;
  }

  /** Begins with what is due since earlier. */
  async start(): Promise<void> {
    for (const { ref } of this.#options.residents.all()) await this.adopt(ref);
    this.#loop = this.#run();
  }

  /** Looks for deadlines of a pod whose rows came from elsewhere or from before. */
  async adopt(pod: PodRef): Promise<void> {
    const [first] = await this.#options.store.list({ prefix: keys.dues(pod), limit: 1 });
    if (first) this.due(pod, first.key[4] as number);
  }

  /** A call of a pod is due then. */
  due(pod: PodRef, dueMs: number): void {
    const name = formatPodRef(pod);
    const known = this.#next.get(name);
    if (known && known.dueMs <= dueMs) return;
    this.#next.set(name, { pod, dueMs });
    if (this.#sleep && dueMs < this.#sleep.untilMs) this.#sleep.alarm.abort();
  }

  /** Forgets a pod that left. */
  drop(pod: PodRef): void {
    this.#next.delete(formatPodRef(pod));
  }

  /** Stops; deadlines that pass meanwhile are seen at the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const nowMs = clock.nowMs();
      const due = [...this.#next.values()].filter(({ dueMs }) => dueMs <= nowMs);
      for (const { pod } of due) await this.#expire(pod);
      if (due.length > 0) continue;
      const waitMs = this.#waitMs(nowMs);
      const alarm = new AbortController();
      this.#sleep = { untilMs: nowMs + waitMs, alarm };
      await clock.sleep(waitMs, AbortSignal.any([alarm.signal, signal]));
      this.#sleep = undefined;
    }
  }

  #waitMs(nowMs: number): number {
    if (this.#next.size === 0) return IDLE_SLEEP_MS;
    let next = Infinity;
    for (const { dueMs } of this.#next.values()) next = Math.min(next, dueMs);
    return Math.min(next - nowMs, LONGEST_SLEEP_MS);
  }

  /** Ends what is due of one pod, a part at a time; what is left is due again. */
  async #expire(pod: PodRef): Promise<void> {
    const { store, clock, log } = this.#options;
    this.#next.delete(formatPodRef(pod));
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
