/**
 * What the people of a server use of it, each in sum over all their pods, held against their shares.
 * Whoever has no share, as the owner, is bound by the limits of their pods alone.
 *
 * @module
 */

import { type Budget, formatLimit, type LimitRule } from "../../model/budget.ts";
import { PeriError } from "../../model/errors.ts";
import type { ShareOf } from "../../model/share.ts";
import type { Fingerprint, PodName, PodRef } from "../../model/words.ts";
import { Bucket } from "../bucket.ts";
import { Wakes } from "./wakes.ts";

/** What one pod spends: of its own limits, and of its person's share. */
export interface Purse {
  /**
   * Notes what the pod's tables will take.
   *
   * @throws {PeriError} `over-quota` when they grow beyond what they may; nothing is noted then.
   */
  keep(usedBytes: number, isGrowing: boolean): void;
  /** Takes messages that are posted. @returns 0, or after how many milliseconds it may try again */
  post(count: number, nowMs: number): number;
}

/** What the pods of one person use. */
interface Use {
  readonly stateBytes: Map<PodName, number>;
  readonly posted: Bucket;
}

/** The shares of all people of a server. */
export class Shares {
  /** Memory of pods that are awake. */
  readonly wakes: Wakes;
  readonly #shareOf: ShareOf;
  readonly #uses = new Map<Fingerprint, Use>();

  constructor(shareOf: ShareOf) {
    this.#shareOf = shareOf;
    this.wakes = new Wakes(shareOf);
  }

  /** Whether a person has a share. */
  isBound(person: Fingerprint): boolean {
    return this.#shareOf(person) !== undefined;
  }

  /** Notes what a pod keeps that was there before; forgotten with {@link Shares.leave}. */
  load({ person, pod }: PodRef, usedBytes: number): void {
    if (this.#shareOf(person) !== undefined) this.#use(person).stateBytes.set(pod, usedBytes);
  }

  /** A pod is gone with what it kept. */
  leave({ person, pod }: PodRef): void {
    this.#uses.get(person)?.stateBytes.delete(pod);
  }

  /** Messages that the pods of a person have posted in the last minute, or so. */
  posted(person: Fingerprint, nowMs: number): number {
    const share = this.#shareOf(person);
    if (share === undefined) return 0;
    const rate = { perMinute: share.messagesPerMinute };
    return Math.ceil(this.#uses.get(person)?.posted.spent(rate, nowMs) ?? 0);
  }

  /** What a pod may spend. Its budget is read at that moment. */
  purse(ref: PodRef, budget: () => Pick<Budget, "stateBytes">): Purse {
    return {
      keep: (usedBytes, isGrowing) => this.#keep(ref, usedBytes, isGrowing, budget().stateBytes),
      post: (count, nowMs) => this.#post(ref.person, count, nowMs),
    };
  }

  /** @throws {PeriError} `over-quota` when a person has as many pods as they may. */
  checkPods(person: Fingerprint, count: number): void {
    const share = this.#shareOf(person);
    if (share === undefined || count < share.pods) return;
    throw overShare(
      "install pod",
      `${count} pods of yours are here, ${share.pods} allowed`,
      "pods",
    );
  }

  /**
   * Whether a person may set a limit of their pod so high: what is felt by pods beside it a guest may
   * not raise above what the server gives, and the memory of one pod is part of their share.
   *
   * @throws {PeriError} `over-quota` when they may not.
   */
  checkLimit(person: Fingerprint, rule: LimitRule, value: number, defaults: Budget): void {
    const share = this.#shareOf(person);
    if (share === undefined) return;
    const { name, field } = rule;
    const isFelt = field === "sliceMs" || field === "logPerMinute";
    const most = isFelt ? defaults[field] : field === "memoryBytes" ? share.memoryBytes : Infinity;
    if (value <= most) return;
    throw new PeriError("over-quota", {
      op: "set a limit",
      subject: `${name} ${formatLimit(rule, value)} is more than a guest of this server may have`,
      hint: `at most ${formatLimit(rule, most)}`,
    });
  }

  #keep({ person, pod }: PodRef, usedBytes: number, isGrowing: boolean, own: number): void {
    const op = "keep the state of a pod";
    if (isGrowing && usedBytes > own) {
      throw new PeriError("over-quota", {
        op,
        subject: `${usedBytes} bytes would be used, ${own} allowed`,
        hint: `remove something, or allow more: peri pod limit ${pod} --state`,
      });
    }
    const share = this.#shareOf(person);
    if (share === undefined) return;
    const { stateBytes } = this.#use(person);
    let all = usedBytes;
    for (const [name, bytes] of stateBytes) if (name !== pod) all += bytes;
    if (isGrowing && all > share.stateBytes) {
      const subject = `your pods would keep ${all} bytes, ${share.stateBytes} allowed`;
      throw overShare(op, subject, "state");
    }
    stateBytes.set(pod, usedBytes);
  }

  #post(person: Fingerprint, count: number, nowMs: number): number {
    const share = this.#shareOf(person);
    if (share === undefined || count === 0) return 0;
    const { messagesPerMinute } = share;
    const rate = { perMinute: messagesPerMinute, burst: messagesPerMinute };
    return this.#use(person).posted.take(count, rate, nowMs);
  }

  #use(person: Fingerprint): Use {
    const known = this.#uses.get(person);
    if (known !== undefined) return known;
    // A bucket counts from its first taking on.
    const use = { stateBytes: new Map<PodName, number>(), posted: new Bucket(0) };
    this.#uses.set(person, use);
    return use;
  }
}

/** A refusal of what is beyond a person's share, with what they can do. */
export function overShare(op: string, subject: string, part: string): PeriError {
  return new PeriError("over-quota", {
    op,
    subject,
    hint: `remove something, or ask the server's owner for more: peri person limit <you> --${part}`,
  });
}
