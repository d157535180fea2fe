/**
 * Errands that wait for their time: rows until then, given to their pod by the one who owns their
 * clock. An errand is in the row of its time and in the one of its key, or in neither.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { PeriError, toPeriError } from "../model/errors.ts";
import { MAX_INBOX_PER_SENDER, MAX_LATER_ERRANDS } from "../model/limits.ts";
import type { Errand, LaterErrand } from "../model/message.ts";
import { formatPodRef, type PodRef, tokenFromBytes } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Log } from "../ports/log.ts";
import type { PlannedMail, Residents } from "../ports/mailbox.ts";
import type { Entry, Key, Store } from "../ports/store.ts";
import { Agenda, type Planned } from "./agenda.ts";
import { Alarm } from "./alarm.ts";
import type { Arrivals } from "./arrivals.ts";
import { rowsOfErrands } from "./errands.ts";
import { pagesOf } from "./pages.ts";
import { decodeErrand, keys } from "./rows.ts";

/** What {@link LaterErrands} work with. */
export interface LaterOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  readonly arrivals: Arrivals;
  readonly residents: Pick<Residents, "all" | "wake">;
}

/** An errand that is to wait. */
export type WaitingErrand = Errand & Required<Pick<Errand, "later">>;

/** After a failure of the store. */
const AGAIN_MS = 5_000;
/**
 * While as many errands wait in the inbox as may, while a plan of the pod holds one back, and when one
 * was ended while it was about to be given.
 */
const FULL_MS = 500;
/** Begins the place of an errand without a key. */
const UNNAMED = "#";
/** Errands given in one commit. */
const MAX_GIVEN = 32;

/** See the module. */
export class LaterErrands {
  readonly #options: LaterOptions;
  readonly #alarm: Alarm;
  /** Keys of which plans dispose that are not committed yet; nothing of them is given meanwhile. */
  readonly #planned = new Map<string, Planned>();
  /** What is under way for a pod; one reads its rows, or is giving what they hold, at a time. */
  readonly #busy = new Map<string, Promise<unknown>>();
  readonly #counts = new Map<string, Promise<{ value: number }>>();

  constructor(options: LaterOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, (pod) => this.#ring(pod));
  }

  /** Begins with what is due since earlier. */
  async start(): Promise<void> {
    await Promise.all(this.#options.residents.all().map(({ ref }) => this.adopt(ref)));
    this.#alarm.start();
  }

  /** Looks for errands of a pod whose rows came from elsewhere or from before. */
  async adopt(pod: PodRef): Promise<void> {
    const [first] = await this.#options.store.list({ prefix: keys.laters(pod), limit: 1 });
    if (first) this.#alarm.due(pod, timeOf(first.key));
  }

  /** Forgets a pod that left, or whose rows came from elsewhere. */
  drop(pod: PodRef): void {
    this.#alarm.drop(pod);
    this.#counts.delete(formatPodRef(pod));
    const prefix = nameOf(pod, "");
    for (const name of this.#planned.keys()) {
      if (name.startsWith(prefix)) this.#planned.delete(name);
    }
  }

  /** Stops; errands whose time comes meanwhile are given at the next start. */
  stop(): Promise<void> {
    return this.#alarm.stop();
  }

  /** Errands of a pod that wait, the next ones first. */
  async list(pod: PodRef, limit: number): Promise<LaterErrand[]> {
    const rows = await this.#options.store.list<Bytes>({ prefix: keys.laters(pod), limit });
    return rows.map(({ key, value }) => {
      const { continuation: { then } } = decodeErrand(value);
      const name = String(key[5]);
      const named = name.startsWith(UNNAMED) ? {} : { key: name };
      return { dueMs: timeOf(key), ...named, then };
    });
  }

  /**
   * Plans errands that are to wait, after the end of others. Plans of one pod are committed in
   * the order in which they were made.
   *
   * @param cancels keys of errands that are to end; one that nothing has is left out
   * @throws {PeriError} `over-quota` when too many would wait.
   */
  plan(
    pod: PodRef,
    errands: readonly WaitingErrand[],
    cancels: readonly string[],
  ): Promise<PlannedMail> {
    return this.#inTurn(pod, async () => {
      const count = await this.#count(pod);
      const agenda = new Agenda();
      // Nothing could be cancelled where there is nothing.
      if (count.value > 0) { for (const key of cancels) await this.#end(pod, key, agenda); }
      const { clock, entropy } = this.#options;
      const nowMs = clock.nowMs();
      for (const errand of errands) {
        const { delayMs, key = UNNAMED + tokenFromBytes(entropy.bytes(16)) } = errand.later;
        await this.#end(pod, key, agenda);
        agenda.begin(key, nowMs + delayMs, errand);
      }
      if (agenda.grown > 0 && count.value + agenda.grown > MAX_LATER_ERRANDS) throw tooMany(pod);
      count.value += agenda.grown;
      for (const [key, planned] of agenda.keys) this.#planned.set(nameOf(pod, key), planned);
      const settle = (committed: boolean) => this.#settle(pod, agenda, count, committed);
      return { change: agenda.change(pod), settle };
    });
  }

  async #inTurn<Value>(pod: PodRef, work: () => Promise<Value>): Promise<Value> {
    const name = formatPodRef(pod);
    const before = this.#busy.get(name) ?? Promise.resolve();
    const working = before.then(work, work);
    this.#busy.set(name, working);
    try {
      return await working;
    } finally {
      if (this.#busy.get(name) === working) this.#busy.delete(name);
    }
  }

  #settle(pod: PodRef, agenda: Agenda, count: { value: number }, committed: boolean): void {
    if (!committed) count.value -= agenda.grown;
    for (const [key, planned] of agenda.keys) {
      const name = nameOf(pod, key);
      if (this.#planned.get(name) === planned) this.#planned.delete(name);
      if (committed && planned.dueMs !== undefined) this.#alarm.due(pod, planned.dueMs);
    }
  }

  /** Ends the errand of a key, if there is one by what is on disk and what plans make of it. */
  async #end(pod: PodRef, key: string, agenda: Agenda): Promise<void> {
    const planned = agenda.keys.get(key) ?? this.#planned.get(nameOf(pod, key));
    const row = planned ?? await this.#options.store.get<number>(keys.when(pod, key));
    const dueMs = row && ("key" in row ? row.value : row.dueMs);
    if (dueMs !== undefined) agenda.end(pod, key, dueMs);
  }

  #count(pod: PodRef): Promise<{ value: number }> {
    const name = formatPodRef(pod);
    const counting = this.#counts.get(name) ?? this.#read(pod);
    this.#counts.set(name, counting);
    counting.catch(() => this.#counts.delete(name));
    return counting;
  }

  async #read(pod: PodRef): Promise<{ value: number }> {
    const count = { value: 0 };
    for await (const _ of pagesOf(this.#options.store, keys.whens(pod))) count.value++;
    return count;
  }

  /** Gives what is due of one pod, a part at a time; what is left is due again. Never rejects. */
  async #ring(pod: PodRef): Promise<void> {
    try {
      const nextMs = await this.#inTurn(pod, () => this.#give(pod));
      if (nextMs !== undefined) this.#alarm.due(pod, nextMs);
    } catch (error) {
      const { log, clock } = this.#options;
      const name = formatPodRef(pod);
      log.error("errands wait", toPeriError(error, "give errands"), { pod: name });
      this.#alarm.due(pod, clock.nowMs() + AGAIN_MS);
    }
  }

  /** @returns when to look again */
  async #give(pod: PodRef): Promise<number | undefined> {
    const { store, clock, arrivals } = this.#options;
    const count = await this.#count(pod);
    const limit = MAX_GIVEN + 1;
    const rows = await store.list<Bytes>({ prefix: keys.laters(pod), limit });
    const nowMs = clock.nowMs();
    const isFree = ({ key }: Entry<Bytes>) => !this.#planned.has(nameOf(pod, String(key[5])));
    const due = rows.slice(0, MAX_GIVEN).filter(({ key }) => timeOf(key) <= nowMs);
    const room = MAX_INBOX_PER_SENDER - await arrivals.errands(pod);
    const given = due.filter(isFree).slice(0, Math.max(0, room));
    const isGiven = given.length === 0 || await this.#commit(pod, given, nowMs);
    if (isGiven) count.value -= given.length;
    if (!isGiven || given.length < due.length) return nowMs + FULL_MS;
    const next = rows[due.length];
    return next && timeOf(next.key);
  }

  /** Whether it happened; it does not when the pod's rows are changed by somebody else. */
  async #commit(pod: PodRef, rows: readonly Entry<Bytes>[], nowMs: number): Promise<boolean> {
    const { store, entropy, arrivals, residents } = this.#options;
    const errands = rows.map(({ value }) => decodeErrand(value));
    const places = await arrivals.takeErrands(pod, errands.length, nowMs);
    let committed = false;
    try {
      return committed = await store.commit({
        checks: rows.map(({ key, version }) => ({ key, version })),
        puts: rowsOfErrands(pod, errands, places.first, { entropy, nowMs }),
        deletes: rows.flatMap(({ key }) => [key, keys.when(pod, String(key[5]))]),
      });
    } finally {
      places.settle(committed);
      // Committed or not: events that came meanwhile were held back behind these.
      residents.wake(pod);
    }
  }
}

function tooMany({ pod }: PodRef): PeriError {
  const subject = `more than ${MAX_LATER_ERRANDS} errands of ${pod} wait for their time`;
  return new PeriError("over-quota", { op: "leave an errand", subject });
}

function timeOf(key: Key): number {
  return key[4] as number;
}

function nameOf(pod: PodRef, key: string): string {
  return `${formatPodRef(pod)} ${key}`;
}
