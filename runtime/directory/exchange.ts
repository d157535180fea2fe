/**
 * Keeps this book and those of friends in step: tells each friend what changed here, and reads its
 * book once in a while. What is still to be told is on disk, so a crash loses nothing.
 *
 * @module
 */

import { PeriError, toPeriError } from "../model/errors.ts";
import { READ_EVERY_MS, READ_WHOLE_MS, RETRY_CAP_MS, RETRY_FIRST_MS } from "../model/limits.ts";
import type { Fingerprint } from "../model/words.ts";
import { type Entropy, fraction } from "../ports/entropy.ts";
import type { Log } from "../ports/log.ts";
import type { Friend } from "./friends.ts";
import { publish, type PublishParts, type Self } from "./publish.ts";
import { pullBook } from "./pull.ts";

/** What an exchange works with. */
export interface ExchangeParts extends PublishParts {
  readonly entropy: Entropy;
  readonly log: Log;
  /** Who this server is; absent before it is claimed, when it tells nothing. */
  self(): Self | undefined;
}

/** One friend's turn. */
interface Work {
  /** Cuts the wait between two tries short. */
  nudge: AbortController;
  /** Something may have changed since the work last looked. */
  again: boolean;
  /** Why it could not be told or read the last time. */
  trouble?: string;
}

/** The exchange with all friends, each at its own pace. Close it. */
export class Exchange {
  readonly #work = new Map<Fingerprint, Work>();
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(private readonly parts: ExchangeParts) {}

  /** Looks for work with every friend, or at once with one that was just heard. */
  async wake(owner?: Fingerprint): Promise<void> {
    const owners = owner === undefined
      ? (await this.parts.friends.list()).map((friend) => friend.owner)
      : [owner];
    for (const each of owners) this.#wakeOne(each);
  }

  /** Reads the books of friends for which it is time. */
  async wakeOverdue(): Promise<void> {
    for (const { owner, pulledMs } of await this.parts.friends.list()) {
      const isOverdue = this.#isOver(pulledMs, READ_EVERY_MS);
      // One that failed waits by itself.
      if (isOverdue && !this.#work.has(owner)) this.#wakeOne(owner);
    }
  }

  /** Why a friend cannot be told or read at present; absent when nothing is wrong. */
  trouble(owner: Fingerprint): string | undefined {
    return this.#work.get(owner)?.trouble;
  }

  /** Ends all work; what is left is done after the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const work of this.#work.values()) work.nudge.abort();
    await Promise.all(this.#running);
  }

  #wakeOne(owner: Fingerprint): void {
    if (this.#closed) return;
    const work = this.#work.get(owner);
    if (work !== undefined) {
      work.again = true;
      work.nudge.abort();
      return;
    }
    const started: Work = { nudge: new AbortController(), again: false };
    this.#work.set(owner, started);
    const running = this.#run(owner, started).finally(() => {
      this.#work.delete(owner);
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  async #run(owner: Fingerprint, work: Work): Promise<void> {
    let failures = 0;
    while (!this.#closed) {
      work.again = false;
      try {
        const didSomething = await this.#step(owner);
        failures = 0;
        delete work.trouble;
        if (!didSomething && !work.again) return;
      } catch (thrown) {
        work.trouble = troubleOf(thrown);
        this.#report(owner, thrown, failures++);
        // Who was heard while we failed is tried again at once.
        if (!work.again) await this.#pause(work, failures, isRefused(thrown));
      }
    }
  }

  /** The next thing to do with a friend; whether there was one. */
  async #step(owner: Fingerprint): Promise<boolean> {
    const { parts } = this;
    const friend = await parts.friends.get(owner);
    if (friend === undefined) return false;
    if (this.#isOver(friend.pulledMs, READ_EVERY_MS)) {
      await this.#pull(friend);
      return true;
    }
    const self = parts.self();
    return self !== undefined && await publish(parts, self, friend);
  }

  async #pull(friend: Friend): Promise<void> {
    const { parts } = this;
    const isWhole = this.#isOver(friend.pulledWholeMs, READ_WHOLE_MS);
    // A whole reading that broke off begins again: it is bounded, and rare.
    await pullBook(parts, friend, isWhole ? 0 : friend.pulledThrough);
    await parts.friends.pulled(friend.owner, parts.clock.nowMs(), isWhole);
  }

  /** Clocks are set back, too. */
  #isOver(sinceMs: number, delayMs: number): boolean {
    return Math.abs(this.parts.clock.nowMs() - sinceMs) >= delayMs;
  }

  async #pause(work: Work, failures: number, isRefused: boolean): Promise<void> {
    const [first, cap] = isRefused ? [RETRY_CAP_MS, READ_EVERY_MS] : [RETRY_FIRST_MS, RETRY_CAP_MS];
    const longest = Math.min(cap, first * 2 ** Math.min(failures, 20));
    const delayMs = Math.round(longest * (0.5 + fraction(this.parts.entropy) / 2));
    if (this.#closed) return;
    work.nudge = new AbortController();
    await this.parts.clock.sleep(delayMs, work.nudge.signal);
  }

  #report(owner: Fingerprint, thrown: unknown, failures: number): void {
    if (thrown instanceof PeriError && thrown.kind !== "internal") {
      // A friend that is down for a week is one line, not a thousand.
      if (failures === 0) this.parts.log.warn("friend not told", { owner, why: thrown.message });
    } else {
      this.parts.log.error("exchange with a friend failed", thrown, { owner });
    }
  }
}

/**
 * Whether a friend's server is there and will do the same again: we are none of its friends, which it
 * tells us when it changes, or it talks nonsense.
 */
function isRefused(thrown: unknown): boolean {
  return thrown instanceof PeriError && thrown.kind !== "unreachable" && thrown.kind !== "busy";
}

/** What its people are told of it. */
function troubleOf(thrown: unknown): string {
  const { kind, message } = toPeriError(thrown, "talk with a friend");
  return kind === "denied" ? "its owner has not added this server as a friend" : message;
}
