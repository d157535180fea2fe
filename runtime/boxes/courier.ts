/**
 * One courier per server: takes routed lanes in turn, seals what waits in them, posts several
 * envelopes at once, and stands still while the server does not answer.
 *
 * @module
 */

import type { Envelope, EnvelopeReply } from "../model/envelope.ts";
import { toPeriError } from "../model/errors.ts";
import { MAX_POST_ENVELOPES, MAX_SERVER_POSTS, POST_TARGET_BYTES } from "../model/limits.ts";
import { formatPodRef, type PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import { type Entropy, fraction } from "../ports/entropy.ts";
import type { Log } from "../ports/log.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Crowd } from "./crowd.ts";
import { Breaker } from "./retry.ts";
import type { Routed } from "./route.ts";
import { type Ahead, isStillGood, type Load, planLoad, type Sealed, sealLoad } from "./seal.ts";
import { judgeReply, type Verdict } from "./verdict.ts";

/** A routed lane that waits for its turn. It is with one courier at a time, and so in order. */
export interface Ride {
  readonly routed: Routed;
  /** The recipient has asked for the introduction. */
  readonly introduce: boolean;
  /** An envelope is being posted. */
  sent(load: Load): void;
  /** What was sealed while the bundle before it was under way. */
  readonly ahead: Ahead | undefined;
  /** Ends the ride: one envelope was replied to. */
  settle(load: Load, verdict: Verdict): void;
  /** Ends the ride: it could not be sealed. */
  fail(error: unknown): void;
  /**
   * Ends the ride without having sent anything, to look at the lane again. Resolves when that is
   * done and the lane has gone on, with a ride on this courier or another, or rests; rejects never.
   */
  again(): Promise<void>;
}

/** What {@link Courier} works with. */
export interface CourierOptions {
  /** For the log. */
  readonly name: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly pgp: Pgp;
  readonly log: Log;
  readonly crowd: Crowd;
  /** Aborts when the boxes stop. */
  readonly stopped: AbortSignal;
  /** Asks a server that did not answer whether it is there again. @throws {PeriError} when not. */
  knock(): Promise<void>;
  /** Posts envelopes; one reply for each. @throws {PeriError} when the server did not answer. */
  post(envelopes: readonly Envelope[]): Promise<readonly EnvelopeReply[]>;
  /** Keeps a task in sight of who stops the boxes. */
  track(task: Promise<void>): void;
}

/** See the module. */
export class Courier {
  readonly #options: CourierOptions;
  readonly #breaker = new Breaker();
  #queue: Ride[] = [];
  #posts = 0;
  /** A POST is being filled; what comes meanwhile goes along with it. */
  #isLoading = false;
  #lastFailure: string | undefined;
  #waiting: AbortController | undefined;
  #nextMs: number | undefined;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** The server, as people read it. */
  get name(): string {
    return this.#options.name;
  }

  /** Why the server is not being posted to, when it is not. */
  get lastFailure(): string | undefined {
    return this.#lastFailure;
  }

  /** When a server that does not answer is tried again. */
  get nextMs(): number | undefined {
    return this.#nextMs;
  }

  /** How often in a row it did not answer. */
  get failures(): number {
    return this.#breaker.failures;
  }

  /** Takes a ride to the end of the line. A lane looked at for a probe comes back to its front. */
  add(ride: Ride): void {
    if (this.#breaker.isProbing) this.#queue.unshift(ride);
    else this.#queue.push(ride);
    this.#pump();
  }

  /** The server was heard of: a waiting courier tries at once. */
  heard(): void {
    if (this.#breaker.heard(this.#options.clock.nowMs())) this.#waiting?.abort();
  }

  /** More is known of a pod: lanes to it need not wait for a server that does not answer. */
  found(to: PodRef): void {
    if (this.#breaker.failures === 0) return;
    const isTo = ({ routed: { lane } }: Ride) => formatPodRef(lane.to) === formatPodRef(to);
    const found = this.#queue.filter(isTo);
    if (found.length === 0) return;
    this.#queue = this.#queue.filter((ride) => !isTo(ride));
    for (const ride of found) this.#options.track(ride.again());
  }

  /** Somebody asks for it: a waiting courier tries at once. */
  hurry(): void {
    this.#waiting?.abort();
  }

  #pump(): void {
    while (
      this.#queue.length > 0 && !this.#isLoading &&
      this.#posts < this.#breaker.allowed(MAX_SERVER_POSTS)
    ) {
      if (this.#options.stopped.aborted) return;
      this.#posts++;
      this.#isLoading = true;
      this.#options.track(
        this.#post().finally(() => {
          this.#posts--;
          this.#pump();
        }),
      );
    }
  }

  async #post(): Promise<void> {
    const sealed = await this.#fill().finally(() => this.#isLoading = false);
    this.#pump();
    if (sealed.length === 0) return;
    try {
      const posted = this.#options.post(sealed.map(({ sealed: { envelope } }) => envelope));
      for (const { ride, sealed: { load } } of sealed) ride.sent(load);
      const replies = await posted;
      this.#breaker.succeeded();
      this.#lastFailure = undefined;
      sealed.forEach(({ ride, sealed: one }, index) =>
        ride.settle(one.load, judgeReply(one, replies[index]!))
      );
    } catch (error) {
      this.#failed(sealed.map(({ ride }) => ride), error);
    }
  }

  /**
   * The envelopes of one POST. What is posted to many at once comes in lane after lane, so the line
   * is looked at once more when the first are sealed; later ones wait for the next POST.
   */
  async #fill(): Promise<{ ride: Ride; sealed: Sealed }[]> {
    const isProbe = this.#breaker.isProbing;
    const first = await this.#gather({ most: isProbe ? 1 : MAX_POST_ENVELOPES, bytes: 0, isProbe });
    if (isProbe && !await this.#isThere(first.gathered.map(({ ride }) => ride))) return [];
    const sealed = await this.#seal(first.gathered);
    if (isProbe || this.#queue.length === 0) return sealed;
    const most = MAX_POST_ENVELOPES - sealed.length;
    const { gathered } = await this.#gather({ most, bytes: first.bytes, isProbe });
    return [...sealed, ...await this.#seal(gathered)];
  }

  /** Sealing is for a server that listens: of a thousand some are always gone. */
  async #isThere(rides: readonly Ride[]): Promise<boolean> {
    if (rides.length === 0) return false;
    try {
      await this.#options.knock();
      return true;
    } catch (error) {
      this.#failed(rides, error);
      return false;
    }
  }

  /** What goes into one POST, from the front of the line. A probe carries one lane. */
  async #gather(
    { most, bytes, isProbe }: { most: number; bytes: number; isProbe: boolean },
  ): Promise<{ gathered: { ride: Ride; load: Load }[]; bytes: number }> {
    const gathered: { ride: Ride; load: Load }[] = [];
    while (gathered.length < most && bytes < POST_TARGET_BYTES) {
      const ride = this.#queue.shift();
      if (!ride) break;
      const load = this.#load(ride, POST_TARGET_BYTES - bytes);
      if (load) {
        gathered.push({ ride, load });
        bytes += load.messages.reduce((sum, message) => sum + message.bytes.length, 0);
        continue;
      }
      // After a failure nothing is in memory, and the recipient may have moved: one lane after the
      // other is read and routed again until one is ready, not all of a server that may be down.
      const looked = ride.again();
      if (isProbe) await looked;
    }
    return { gathered, bytes };
  }

  #load({ routed, introduce }: Ride, maxBytes: number): Load | undefined {
    const nowMs = this.#options.clock.nowMs();
    const maxMessages = this.#options.crowd.room(routed.lane, nowMs);
    return planLoad(routed, { maxMessages, maxBytes, introduce, nowMs });
  }

  async #seal(loads: readonly { ride: Ride; load: Load }[]): Promise<
    { ride: Ride; sealed: Sealed }[]
  > {
    const all = await Promise.all(loads.map(async ({ ride, load }) => {
      try {
        return { ride, sealed: await this.#sealOne(ride, load) };
      } catch (error) {
        ride.fail(error);
        return undefined;
      }
    }));
    return all.filter((one) => one !== undefined);
  }

  async #sealOne({ ahead }: Ride, load: Load): Promise<Sealed> {
    const sealed = ahead && isStillGood(ahead, load) ? await ahead.sealed : undefined;
    return sealed ?? await sealLoad(load, this.#options);
  }

  #failed(rides: readonly Ride[], error: unknown): void {
    const { clock, entropy, log, stopped, name, track } = this.#options;
    this.#queue = [...rides, ...this.#queue];
    if (stopped.aborted) return;
    this.#lastFailure = toPeriError(error, "reach server").message;
    // What waits for a server that is down waits on disk.
    for (const { routed } of this.#queue) routed.lane.forget();
    const waitMs = this.#breaker.failed(clock.nowMs(), fraction(entropy));
    if (waitMs === 0) return;
    log.warn("server does not answer", { server: name, waitMs, why: this.#lastFailure });
    track(this.#wait(waitMs));
  }

  async #wait(waitMs: number): Promise<void> {
    const { clock, stopped } = this.#options;
    const waiting = this.#waiting = new AbortController();
    this.#nextMs = clock.nowMs() + waitMs;
    await clock.sleep(waitMs, AbortSignal.any([waiting.signal, stopped]));
    this.#nextMs = undefined;
    if (stopped.aborted) return;
    this.#breaker.retry();
    this.#pump();
  }
}
