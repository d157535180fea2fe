/**
 * What a run may do by the budget that its pod has at this moment.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import type { Effects } from "../../model/pod.ts";
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
  options: Pick<TurnOptions, "ref" | "manifest" | "budget" | "sent" | "purse">,
  { entropy, clock }: Pick<TurnPorts, "entropy" | "clock">,
  effects: Effects,
): CheckedEffects {
  const { ref, manifest, sent, purse } = options;
  const { messageBytes, messagesPerMinute } = options.budget();
  const checked = checkEffects(effects, manifest, entropy, messageBytes);
  const rate = { perMinute: messagesPerMinute, burst: messagesPerMinute };
  const count = checked.posts.length;
  const nowMs = clock.nowMs();
  const ownMs = sent.take(count, rate, nowMs);
  if (ownMs > 0) {
    const subject =
      `${ref.pod} has posted as much as it may: ${messagesPerMinute} messages a minute`;
    throw new TooManyPosts(subject, `allow more: peri pod limit ${ref.pod} --messages`, ownMs);
  }
  const shareMs = purse.post(count, nowMs);
  if (shareMs === 0) return checked;
  sent.giveBack(count);
  const subject = "your pods together have posted as much as they may for the moment";
  const hint = "ask the server's owner for more: peri person limit <you> --messages";
  throw new TooManyPosts(subject, hint, shareMs);
}

/** A run would have posted more than its pod may for the moment. */
export class TooManyPosts extends PeriError {
  /** After so many milliseconds it may. */
  readonly waitMs: number;

  constructor(subject: string, hint: string, waitMs: number) {
    const seconds = Math.ceil(waitMs / 1000);
    super("over-quota", {
      op: "post a message",
      subject,
      hint: `try again in ${seconds} s, or ${hint}`,
    });
    this.waitMs = waitMs;
  }
}
