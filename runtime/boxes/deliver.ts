/**
 * Deliver: sees to it that everything that waits in a lane reaches its recipient, in order, or
 * that its poster is told.
 *
 * A lane with something waiting is on a passage: looked at, routed, with a courier, or resting
 * after a failure. It is in one of these at a time, so at most one of its envelopes is under way.
 *
 * @module
 */

import type { Directory } from "../directory/directory.ts";
import type { Envelope, EnvelopeReply } from "../model/envelope.ts";
import { Over } from "../identity/ended.ts";
import { type ErrorRecord, toPeriError } from "../model/errors.ts";
import { MAX_BUNDLE_MESSAGES } from "../model/limits.ts";
import { formatPodRef, type PodRef, type ServerUrl } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import { type Entropy, fraction } from "../ports/entropy.ts";
import type { Log } from "../ports/log.ts";
import type { Residents } from "../ports/mailbox.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Store } from "../ports/store.ts";
import { Courier } from "./courier.ts";
import { Crowd } from "./crowd.ts";
import { type Lane, laneName, type Waiting } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import { Rests } from "./rests.ts";
import { askedWaitMs, backoffMs } from "./retry.ts";
import { negotiate } from "./negotiate.ts";
import { type Routed, Router } from "./route.ts";
import { backlogsOf, type BoxMeters } from "./meters.ts";
import type { Records } from "./record.ts";
import { beginPassage, type LaneState, type Passage } from "./passage.ts";
import { type Load, planLoad, sealLoad } from "./seal.ts";
import type { Delay, Verdict } from "./verdict.ts";

/** What {@link Delivery} works with. */
export interface DeliveryOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  readonly pgp: Pgp;
  readonly directory: Directory;
  readonly residents: Residents;
  readonly lanes: Lanes;
  readonly records: Records;
  readonly meters: BoxMeters;
  /** Asks a server that did not answer whether it is there again. @throws {PeriError} when not. */
  knock(server: ServerUrl | undefined, signal: AbortSignal): Promise<void>;
  /** Brings envelopes to a server, or to this periphery's own inbox. @throws {PeriError} */
  post(
    server: ServerUrl | undefined,
    envelopes: readonly Envelope[],
    signal: AbortSignal,
  ): Promise<readonly EnvelopeReply[]>;
}

/** See the module. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #router: Router;
  readonly #passages = new Map<string, Passage>();
  readonly #couriers = new Map<ServerUrl | "", Courier>();
  /** Passages whose recipient nobody could find, by the names of their lanes; aborting ends the rest. */
  readonly #lost = new Map<string, AbortController>();
  readonly #rests: Rests;
  readonly #crowd = new Crowd();
  readonly #tasks = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  #isStarted = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#rests = new Rests(options.clock);
    this.#router = new Router(options.directory, options.residents, options.pgp, options.clock);
    options.meters.watch(() => backlogsOf(this.#passages.values(), options.clock.nowMs()));
  }

  /** Begins to deliver, first what waits since earlier. */
  async start(): Promise<void> {
    this.#isStarted = true;
    for (const { ref } of this.#options.residents.all()) await this.adopt(ref);
  }

  /** Looks for waiting messages of a pod whose rows came from elsewhere or from before. */
  async adopt(pod: PodRef): Promise<void> {
    for await (const to of this.#options.lanes.waiting(pod)) {
      const lane = await this.#options.lanes.pin(pod, to);
      lane.refresh();
      this.wake(lane);
      lane.pins--;
    }
  }

  /**
   * Forgets a pod that left, whose lanes are retired. Its passages end where they are; a pod of the
   * same name that comes after it has passages of its own.
   */
  drop(pod: PodRef): void {
    for (const [name, { lane }] of this.#passages) {
      if (!lane.isRetired || formatPodRef(lane.from) !== formatPodRef(pod)) continue;
      this.#passages.delete(name);
      this.#lost.get(name)?.abort();
      this.#lost.delete(name);
    }
  }

  /** Stops delivering; what is under way is given up here and tried again after the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  /** Something waits in a lane. */
  wake(lane: Lane): void {
    if (!this.#isStarted || this.#stopped.signal.aborted || this.#passages.has(lane.name)) return;
    lane.pins++;
    const passage = beginPassage(lane);
    this.#passages.set(lane.name, passage);
    void this.#track(this.#advance(passage));
  }

  /** A pod was heard of, at a server: what waits for either is tried again at once. */
  contact(from: PodRef, server: ServerUrl): void {
    this.heard(server);
    this.found(from);
  }

  /**
   * A pod became known, or more of it: what waits because nobody could find it is tried again at
   * once, and what waits for a server that does not answer may be for another one by now.
   */
  found(to: PodRef): void {
    for (const courier of this.#couriers.values()) courier.found(to);
    if (this.#lost.size === 0) return;
    // Its own behalf may be what kept a pod that lives here from sending.
    if (this.#options.residents.byRef(to)) this.#release(to);
    for (const { ref } of this.#options.residents.all()) {
      this.#lost.get(laneName(ref, to))?.abort();
    }
  }

  #release(from: PodRef): void {
    for (const [name, alarm] of this.#lost) {
      const lane = this.#passages.get(name)?.lane;
      if (lane !== undefined && formatPodRef(lane.from) === formatPodRef(from)) alarm.abort();
    }
  }

  /** A server was heard of: what waits for it is tried again at once. */
  heard(server: ServerUrl): void {
    this.#couriers.get(server)?.heard();
    this.#rests.heard(server);
  }

  /** Why messages of a lane are still waiting, for people. */
  reason(from: PodRef, to: PodRef): string | undefined {
    const passage = this.#passages.get(laneName(from, to));
    return passage?.courier?.lastFailure ?? passage?.reason;
  }

  /** What the poster of a message is told that has not been delivered in time. */
  undelivered(from: PodRef, to: PodRef): ErrorRecord {
    const passage = this.#passages.get(laneName(from, to));
    const why = this.reason(from, to) ?? "it could not be reached in time";
    if (passage?.error !== undefined) return passage.error;
    const kind = passage?.isNotHere ? "not-found" : "unreachable";
    return { kind, op: "deliver a message", subject: `${formatPodRef(to)}: ${why}` };
  }

  /** How a lane gets on, for people; nothing is known of one on which nothing waits. */
  state(from: PodRef, to: PodRef): LaneState {
    const passage = this.#passages.get(laneName(from, to));
    if (!passage) return { tries: 0 };
    const { courier, tries, failures, error, nextMs = courier?.nextMs } = passage;
    const reason = this.reason(from, to);
    return {
      tries: Math.max(tries, failures, courier?.failures ?? 0),
      ...(reason === undefined ? {} : { reason }),
      ...(error?.hint === undefined ? {} : { hint: error.hint }),
      ...(courier === undefined ? {} : { server: courier.name }),
      ...(nextMs === undefined ? {} : { nextMs }),
    };
  }

  /** What waits in a lane is tried at once. False when nothing is being delivered from here. */
  hurry(from: PodRef, to: PodRef): boolean {
    const passage = this.#passages.get(laneName(from, to));
    if (passage === undefined) return false;
    passage.alarm?.abort();
    if (passage.courier === undefined) passage.isHurried = true;
    else passage.courier.hurry();
    return true;
  }

  /** Takes a lane on its way; rejects never. */
  async #advance(passage: Passage): Promise<void> {
    const { lane } = passage;
    if (this.#stopped.signal.aborted) return;
    try {
      if (!await this.#prepare(passage)) return this.#end(passage);
    } catch (error) {
      return this.#rest(passage, { reason: messageOf(error) });
    }
    try {
      const isDoubted = passage.failures + (passage.courier?.failures ?? 0) > 0;
      const found = await this.#router.route(lane, isDoubted);
      const routed = found && await negotiate(found, this.#router, this.#options.records);
      if (routed === "again") return await this.#advance(passage);
      if (routed) return this.#ride(passage, routed);
      this.#options.log.warn("sender does not live here", { from: formatPodRef(lane.from) });
      this.#forget(passage);
    } catch (thrown) {
      if (thrown instanceof Over) return await this.#giveUpAll(passage, thrown);
      const error = toPeriError(thrown, "deliver messages");
      const { kind, message: reason } = error;
      const told = kind === "expired" ? { error: error.toRecord() } : {};
      this.#rest(passage, { reason, lost: true, isNotHere: kind === "not-found", ...told });
    }
  }

  /** Nobody will take what waits in the lane, and its posters are told why. */
  async #giveUpAll(passage: Passage, why: Over): Promise<void> {
    const { lane } = passage;
    try {
      const front = lane.front(MAX_BUNDLE_MESSAGES, Infinity);
      await this.#options.records.gaveUp(lane, front, why.toRecord(), "refused");
    } catch (error) {
      return this.#rest(passage, { reason: messageOf(error) });
    }
    await this.#advance(passage);
  }

  /** Brings messages that can be sent to the front of the lane. False when there are none. */
  async #prepare({ lane }: Passage): Promise<boolean> {
    const { store, clock } = this.#options;
    while (lane.isWaiting) {
      await lane.fill((range) => store.list(range));
      const nowMs = clock.nowMs();
      const front = lane.front(MAX_BUNDLE_MESSAGES, Infinity);
      const late = front.filter(({ expiresMs }) => expiresMs <= nowMs);
      if (late.length > 0) await this.#giveUpLate(lane, late);
      if (late.length < front.length) return true;
    }
    return false;
  }

  async #giveUpLate(lane: Lane, late: readonly Waiting[]): Promise<void> {
    const error = this.undelivered(lane.from, lane.to);
    await this.#options.records.gaveUp(lane, late, error, "expired");
  }

  #ride(passage: Passage, routed: Routed): void {
    passage.courier = this.#courier(routed.server);
    passage.courier.add({
      routed,
      introduce: passage.introduce,
      ahead: passage.ahead,
      sent: (load) => {
        passage.tries++;
        passage.sentMs = this.#options.clock.nowMs();
        this.#crowd.sent(passage.lane, load.messages.length, passage.sentMs);
        void this.#track(this.#lookAhead(passage, load));
      },
      settle: (load, verdict) => void this.#track(this.#settle(passage, load, verdict)),
      fail: (error) => this.#rest(passage, { reason: messageOf(error) }),
      again: () => this.#track(this.#advance(passage)),
    });
    if (passage.isHurried) passage.courier.hurry();
    passage.isHurried = false;
  }

  /** While a bundle is under way the next one is read and, when it is full, sealed. */
  async #lookAhead(passage: Passage, { routed, messages }: Load): Promise<void> {
    const { store, clock } = this.#options;
    const { lane, introduce } = passage;
    const skip = messages.length;
    passage.ahead = undefined;
    // Whatever is wrong with the store is said when these are needed.
    await lane.fill((range) => store.list(range), skip).catch(() => {});
    if (lane.front(1, 0)[0] !== messages[0]) return;
    const nowMs = clock.nowMs();
    const maxMessages = this.#crowd.room(lane, nowMs);
    const load = planLoad(routed, { maxMessages, maxBytes: Infinity, introduce, nowMs, skip });
    const isFull = load && (load.messages.length === maxMessages ||
      skip + load.messages.length < lane.buffered);
    if (!load || !isFull) return;
    passage.ahead = { load, sealed: sealLoad(load, this.#options).catch(() => undefined) };
  }

  async #settle(passage: Passage, load: Load, verdict: Verdict): Promise<void> {
    // Its rows are gone, and those with their keys are of a later pod.
    if (passage.lane.isRetired) return this.#forget(passage);
    const { courier, sentMs, tries } = passage;
    const { routed: { lane, sender }, introduces } = load;
    const introduced = introduces ? { introduced: sender.serial } : {};
    try {
      const by = courier?.name ?? "";
      await this.#options.records.settled(lane, verdict, { by, sentMs, tries, ...introduced });
    } catch (error) {
      return this.#rest(passage, { reason: messageOf(error) });
    }
    const { delivered, refused, introduce, delay, moved } = verdict;
    passage.introduce = introduce;
    if (delivered.length + refused.length > 0) {
      passage.failures = passage.tries = passage.woken = 0;
    }
    const isNotHere = delay?.reason === "not-found";
    const lost = delay?.error !== undefined;
    if (delay) return this.#rest(passage, { ...delay, isNotHere, lost });
    // A recipient that is always elsewhere is like one that does not answer.
    if (moved && ++passage.failures > 2) return this.#rest(passage, { reason: "it moves" });
    await this.#advance(passage);
  }

  #rest(
    passage: Passage,
    { reason, retryAfterMs, isUnable = false, lost = false, isNotHere = false, error }: Delay & {
      readonly lost?: boolean;
      readonly isNotHere?: boolean;
    },
  ): void {
    if (this.#stopped.signal.aborted) return;
    const { clock, entropy, log } = this.#options;
    const { name, from, to } = passage.lane;
    const chance = fraction(entropy);
    passage.reason = reason;
    passage.isNotHere = isNotHere;
    passage.error = error;
    const waitMs = retryAfterMs === undefined
      ? backoffMs(++passage.failures, chance)
      : askedWaitMs(retryAfterMs, chance);
    log.info("waits", { from: from.pod, to: formatPodRef(to), waitMs, why: reason });
    const heard = passage.alarm = new AbortController();
    passage.nextMs = clock.nowMs() + waitMs;
    if (lost) this.#lost.set(name, heard);
    const signal = AbortSignal.any([heard.signal, this.#stopped.signal]);
    const server = isUnable ? passage.courier?.name : undefined;
    void this.#track(
      this.#rests.sleep({ server, waitMs, woken: passage.woken }, signal).then((isWoken) => {
        if (isWoken) passage.woken++;
        if (this.#lost.get(name) === heard) this.#lost.delete(name);
        passage.nextMs = passage.alarm = undefined;
        return this.#advance(passage);
      }),
    );
  }

  #end(passage: Passage): void {
    this.#forget(passage);
    // Something may have come between the last look and now.
    if (passage.lane.isWaiting) this.wake(passage.lane);
  }

  #forget(passage: Passage): void {
    const { lane } = passage;
    if (this.#passages.get(lane.name) === passage) this.#passages.delete(lane.name);
    lane.pins--;
  }

  #courier(server: ServerUrl | undefined): Courier {
    const known = this.#couriers.get(server ?? "");
    if (known) return known;
    const stopped = this.#stopped.signal;
    const courier = new Courier({
      ...this.#options,
      crowd: this.#crowd,
      name: server ?? "this periphery",
      stopped,
      knock: () => this.#options.knock(server, stopped),
      post: (envelopes) => this.#options.post(server, envelopes, stopped),
      track: (task) => void this.#track(task),
    });
    this.#couriers.set(server ?? "", courier);
    return courier;
  }

  #track(task: Promise<void>): Promise<void> {
    this.#tasks.add(task);
    void task.finally(() => this.#tasks.delete(task));
    return task;
  }
}

function messageOf(thrown: unknown): string {
  return toPeriError(thrown, "deliver messages").message;
}
