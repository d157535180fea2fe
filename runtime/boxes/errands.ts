/**
 * Errands as the events of their own pod.
 *
 * @module
 */

import type { Errand } from "../model/message.ts";
import { type PodRef, tokenFromBytes } from "../model/words.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Change } from "../ports/store.ts";
import { answerToErrand } from "./respond.ts";
import { encodeEvent, keys } from "./rows.ts";

/** Rows that give errands to their pod, in order; `first` is the place of the first one. */
export function rowsOfErrands(
  pod: PodRef,
  errands: readonly Errand[],
  first: number,
  { entropy, nowMs }: { readonly entropy: Entropy; readonly nowMs: number },
): NonNullable<Change["puts"]> {
  return errands.map((errand, index) => {
    const message = answerToErrand(pod, tokenFromBytes(entropy.bytes(16)), errand, nowMs);
    const { continuation } = errand;
    const arrival = first + index;
    const event = { arrival, receivedMs: nowMs, attempts: 0, message, continuation };
    return { key: keys.inbox(pod, arrival), value: encodeEvent(event) };
  });
}
