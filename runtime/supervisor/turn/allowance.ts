/**
 * What a run may do by the budget that its pod has at this moment.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import type { Effects } from "../../model/pod.ts";
import type { PodRef } from "../../model/words.ts";
import { type CheckedEffects, checkEffects } from "./effects.ts";
import type { TurnOptions, TurnPorts } from "./terms.ts";

/**
 * Effects as they may happen; what they post is counted from here on. A run that posts more than a
 * minute's worth may, once nothing was posted for so long: else a long letter would never leave.
 *
 * @throws {PeriError} `over-quota` when the pod has posted as much as it may, with how long to wait;
 * as {@link checkEffects}.
 */
export function takeEffects(
  options: Pick<TurnOptions, "ref" | "manifest" | "budget" | "sent">,
  { entropy, clock }: Pick<TurnPorts, "entropy" | "clock">,
  effects: Effects,
): CheckedEffects {
  const { ref, manifest, sent } = options;
  const { messageBytes, messagesPerMinute } = options.budget();
  const checked = checkEffects(effects, manifest, entropy, messageBytes);
  const rate = { perMinute: messagesPerMinute, burst: messagesPerMinute };
  const waitMs = sent.take(checked.posts.length, rate, clock.nowMs());
  if (waitMs > 0) throw new TooManyPosts(ref, messagesPerMinute, waitMs);
  return checked;
}

/** A run would have posted more than its pod may for the moment. */
export class TooManyPosts extends PeriError {
  /** After so many milliseconds it may. */
  readonly waitMs: number;

  constructor({ pod }: PodRef, perMinute: number, waitMs: number) {
    const seconds = Math.ceil(waitMs / 1000);
    super("over-quota", {
      op: "post a message",
      subject: `${pod} has posted as much as it may: ${perMinute} messages a minute`,
      hint: `try again in ${seconds} s, or allow more: peri pod limit ${pod} --messages`,
    });
    this.waitMs = waitMs;
  }
}
