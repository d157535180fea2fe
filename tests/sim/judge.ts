/**
 * The promises of the boxes, held against a ledger.
 *
 * A post takes effect once or its poster is told, and nothing is left behind; messages of a pair
 * take effect in their order; a stream comes whole and in order, or breaks off. An errand that is left
 * for later comes once and never early (`alarms.ts`).
 *
 * When a disk is replaced by an older copy of it, what only the lost disk knew cannot be asked for.
 * All else holds: on one disk nothing takes effect twice, in whatever order; what the copy knows
 * takes effect or its poster is told, and of what may have arrived before, that nobody can say;
 * what is posted later arrives as ever.
 *
 * @module
 */

import { MAX_BUNDLE_MESSAGES, PACE_BACKLOG } from "../../runtime/model/limits.ts";
import { formatPodRef } from "../../runtime/model/words.ts";
import type { Fate, Ledger } from "./ledger.ts";

/** Messages of others that may wait in the same lane as a stream, and such that have just left. */
const OTHERS = 60 + MAX_BUNDLE_MESSAGES;

/** Every broken promise, in words. */
export function judge({ fates, leftovers, mostWaiting, alarmed }: Ledger): string[] {
  const isOver = mostWaiting > PACE_BACKLOG + OTHERS;
  return [
    ...fates.flatMap((fate) => [...judgePost(fate), ...judgeAnswers(fate)]),
    ...judgeOrder(fates),
    ...alarmed,
    ...leftovers.map((row) => `left over: ${row}`),
    ...isOver ? [`a stream went on while ${mostWaiting} messages waited for its caller`] : [],
  ];
}

function judgePost(fate: Fate): string[] {
  const { post: { token }, state, effects, lostEffects, answers, isDeliverable } = fate;
  const faults: string[] = [];
  // An errand that a lost disk has done and an older copy has not is done once more.
  const most = fate.isLoose && fate.isFromRestored ? Infinity : 1;
  for (const times of [effects.length, ...lostEffects]) {
    if (times > most) faults.push(`${token} took effect ${times} times`);
  }
  const hasHappened = effects.length + lostEffects.length > 0;
  if (state === "kept" && isDeliverable && effects.length === 0 && !isInDoubt(fate)) {
    faults.push(`${token} was given up though it could arrive`);
  }
  if (state === "refused" && (hasHappened || answers.length > 0)) {
    faults.push(`${token} was refused and happened`);
  }
  if (!hasHappened && answers.some(({ outcome }) => "ok" in outcome)) {
    faults.push(`${token} was answered without effect`);
  }
  return faults;
}

/** Its poster was told that nobody knows, for which there is one reason only. */
function isInDoubt({ answers, isFromRestored }: Fate): boolean {
  return isFromRestored &&
    answers.some(({ outcome }) => "error" in outcome && outcome.error.kind === "conflict");
}

function judgeAnswers(fate: Fate): string[] {
  const { post: { token, continuation }, state, effects, answers, isCancelled } = fate;
  if (continuation?.isStream) return judgeStream(fate);
  const faults: string[] = [];
  if (answers.length > 1) faults.push(`${token} was answered ${answers.length} times`);
  if (isCancelled || answers.length > 0) return faults;
  if (state === "kept") faults.push(`${token}: its poster was not told`);
  if (state === "maybe" && effects.length > 0) faults.push(`${token} happened unanswered`);
  return faults;
}

/** Answers count from 0 without a gap; the last one ends the stream, unless its poster did. */
function judgeStream(fate: Fate): string[] {
  const { post: { token, payload }, state, answers, isCancelled, isAnswerable } = fate;
  const faults: string[] = [];
  const total = JSON.parse(payload)[1] as number;
  const last = answers.at(-1);
  const items = answers.filter(({ outcome, end }) => "ok" in outcome && !end);
  if (answers.some(({ index }, at) => index !== at)) {
    faults.push(`${token}: answers ${answers.map(({ index }) => index)}`);
  }
  if (answers.slice(0, -1).some(({ outcome, end }) => end || "error" in outcome)) {
    faults.push(`${token} went on after its end`);
  }
  const isWhole = items.every(({ outcome }, at) => "ok" in outcome && outcome.ok === `${at}`);
  if (!isWhole) faults.push(`${token}: its items are not what was given`);
  if (state === "kept" && !isCancelled && !last?.end) faults.push(`${token} never ended`);
  if (state === "kept" && isAnswerable && last && "error" in last.outcome && !isInDoubt(fate)) {
    faults.push(`${token} was broken off though it could go on: ${last.outcome.error.subject}`);
  }
  if (last?.end && "ok" in last.outcome && items.length !== total) {
    faults.push(`${token} ended after ${items.length} of ${total} items`);
  }
  return faults;
}

/** Payloads count the posts of a lane, so what took effect must count upward. */
function judgeOrder(fates: readonly Fate[]): string[] {
  const lanes = new Map<string, { place: number; count: number }[]>();
  for (const { from, post, effects, isLoose } of fates) {
    const [place] = effects;
    if (place === undefined || isLoose) continue;
    const count = JSON.parse(post.payload)[0] as number;
    const lane = `${formatPodRef(from)} ${formatPodRef(post.to)}`;
    const happened = lanes.get(lane) ?? [];
    lanes.set(lane, happened);
    happened.push({ place, count });
  }
  return [...lanes].flatMap(([lane, happened]) => {
    const counts = happened.sort((a, b) => a.place - b.place).map(({ count }) => count);
    const isOrdered = counts.every((count, at) => at === 0 || count > counts[at - 1]!);
    return isOrdered ? [] : [`out of order: ${lane}: ${counts.join(" ")}`];
  });
}
