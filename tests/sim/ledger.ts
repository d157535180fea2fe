/**
 * What was posted and what became of it, and the promises held against that.
 *
 * @module
 */

import type { MemoryDisk } from "../../runtime/adapters/memory/store.ts";
import type { Outcome, Post } from "../../runtime/model/message.ts";
import { formatPodRef, type PodRef } from "../../runtime/model/words.ts";
import type { House } from "./house.ts";

/** A post; `maybe`: its poster crashed before it knew. */
export interface Posted {
  readonly from: PodRef;
  readonly post: Post;
  state: "kept" | "refused" | "maybe";
  /** Its poster wanted to cancel it. */
  isCancelled?: boolean;
}

/** What became of a post. */
export interface Fate extends Posted {
  /** Nothing kept it from arriving in time. */
  readonly isDeliverable: boolean;
  /** Places in the record of the recipient. */
  readonly effects: readonly number[];
  readonly answers: readonly Told[];
}

/** An answer as its poster was told. */
export interface Told {
  readonly outcome: Outcome;
  readonly index: number;
  readonly end: boolean;
}

/** A whole run. */
export interface Ledger {
  readonly fates: readonly Fate[];
  /** Rows that should be gone, as text. */
  readonly leftovers: readonly string[];
}

const LASTING = ["deed", "from", "to", "dead", "trace"];

/**
 * Reads what became of every post.
 *
 * @param patientMs posts with this deadline have had the time to arrive
 */
export async function readLedger(
  posted: readonly Posted[],
  sites: readonly { readonly house: House; readonly disk: MemoryDisk }[],
  patientMs: number,
): Promise<Ledger> {
  const effects = new Map<string, number[]>();
  const answers = new Map<string, Told[]>();
  for (const { house } of sites) {
    for (const pod of house.pods.values()) {
      const own = formatPodRef(pod.ref);
      (await pod.deeds()).forEach(({ token, answer: outcome, index = 0, end = true }, place) => {
        if (outcome) add(answers, `${own} ${token}`, { outcome, index, end });
        else add(effects, `${own} ${token}`, place);
      });
    }
  }
  const fates = posted.map((entry) => ({
    ...entry,
    isDeliverable: entry.post.deadlineMs >= patientMs && entry.post.function !== "missing",
    effects: effects.get(`${formatPodRef(entry.post.to)} ${entry.post.token}`) ?? [],
    answers: answers.get(`${formatPodRef(entry.from)} ${entry.post.token}`) ?? [],
  }));
  const rows = sites.flatMap(({ disk }) => disk.rows());
  const leftovers = rows.filter(({ key }) => !LASTING.includes(String(key[3])));
  return { fates, leftovers: leftovers.map(({ key }) => key.join(" ")) };
}

/** Every broken promise, in words. */
export function judge({ fates, leftovers }: Ledger): string[] {
  return [
    ...fates.flatMap(judgeFate),
    ...judgeOrder(fates),
    ...leftovers.map((row) => `left over: ${row}`),
  ];
}

function judgeFate(fate: Fate): string[] {
  const { post: { token, continuation }, state, effects, answers, isDeliverable } = fate;
  if (continuation?.isStream) return judgeStream(fate);
  const faults: string[] = [];
  const answered = answers.some(({ outcome }) => "ok" in outcome);
  if (effects.length > 1) faults.push(`${token} took effect ${effects.length} times`);
  if (answers.length > 1) faults.push(`${token} was answered ${answers.length} times`);
  if (answered && effects.length === 0) faults.push(`${token} was answered without effect`);
  if (state === "kept" && answers.length === 0) faults.push(`${token}: its poster was not told`);
  if (state === "kept" && isDeliverable && effects.length === 0) {
    faults.push(`${token} was given up though it could arrive`);
  }
  if (state === "refused" && effects.length + answers.length > 0) {
    faults.push(`${token} was refused and happened`);
  }
  if (effects.length > 0 && answers.length === 0) faults.push(`${token} happened unanswered`);
  return faults;
}

/** Answers count from 0 without a gap; the last one ends the stream, unless its poster did. */
function judgeStream(fate: Fate): string[] {
  const { post: { token, payload }, state, effects, answers, isCancelled, isDeliverable } = fate;
  const faults: string[] = [];
  const total = JSON.parse(payload)[1] as number;
  const last = answers.at(-1);
  const items = answers.filter(({ outcome, end }) => "ok" in outcome && !end);
  if (effects.length > 1) faults.push(`${token} took effect ${effects.length} times`);
  if (answers.some(({ index }, at) => index !== at)) {
    faults.push(`${token}: answers ${answers.map(({ index }) => index)}`);
  }
  if (answers.slice(0, -1).some(({ outcome, end }) => end || "error" in outcome)) {
    faults.push(`${token} went on after its end`);
  }
  const isWhole = items.every(({ outcome }, at) => "ok" in outcome && outcome.ok === `${at}`);
  if (!isWhole) faults.push(`${token}: its items are not what was given`);
  if (state === "kept" && !isCancelled && !last?.end) faults.push(`${token} never ended`);
  if (state === "kept" && isDeliverable && last && "error" in last.outcome) {
    faults.push(`${token} was broken off though it could go on: ${last.outcome.error.subject}`);
  }
  if (last?.end && "ok" in last.outcome && items.length !== total) {
    faults.push(`${token} ended after ${items.length} of ${total} items`);
  }
  if (state === "refused" && effects.length + answers.length > 0) {
    faults.push(`${token} was refused and happened`);
  }
  return faults;
}

/** Payloads count the posts of a lane, so what took effect must count upward. */
function judgeOrder(fates: readonly Fate[]): string[] {
  const lanes = new Map<string, { place: number; count: number }[]>();
  for (const { from, post, effects } of fates) {
    const [place] = effects;
    if (place === undefined) continue;
    const count = JSON.parse(post.payload)[0] as number;
    add(lanes, `${formatPodRef(from)} ${formatPodRef(post.to)}`, { place, count });
  }
  return [...lanes].flatMap(([lane, happened]) => {
    const counts = happened.sort((a, b) => a.place - b.place).map(({ count }) => count);
    const isOrdered = counts.every((count, at) => at === 0 || count > counts[at - 1]!);
    return isOrdered ? [] : [`out of order: ${lane}: ${counts.join(" ")}`];
  });
}

function add<Value>(map: Map<string, Value[]>, name: string, value: Value): void {
  const values = map.get(name) ?? [];
  map.set(name, values);
  values.push(value);
}
