/**
 * What a run of a pod was told and what it said: all that is needed to run it again.
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "../../model/cbor.ts";
import { type ErrorRecord, PeriError } from "../../model/errors.ts";
import { MAX_RUN_RECORD_BYTES } from "../../model/limits.ts";
import type { Effects, PodEnd, PodEvent, PodOutput, RunOutcome } from "../../model/pod.ts";
import type { BlobId } from "../../model/words.ts";

/** The call that began a run. */
export type RunCall = Extract<PodEvent, { readonly kind: "call" }>;

/** Something a run was told or said. Their kinds are different words. */
export type RunStep = PodEvent | PodOutput;

/**
 * How a run ended. `ended`: by its own word. `waits`: its call is answered by a later run.
 * `refused`: what it did was not allowed to happen. `stopped`: it broke its instance.
 */
export type RunEnd =
  | { readonly kind: "ended"; readonly outcome: RunOutcome }
  | { readonly kind: "waits" }
  | { readonly kind: "refused"; readonly error: ErrorRecord }
  | { readonly kind: "stopped"; readonly reason: PodEnd };

/** A run as it is kept. */
export interface RunRecord {
  /** What people type: five lower-case hex digits of its seed. */
  readonly id: string;
  /** Names the instance in which it ran, also after a restart of the server. */
  readonly instance: string;
  readonly component: BlobId;
  readonly version: string;
  readonly call: RunCall;
  readonly tookMs: number;
  /** In the order in which they passed; the call is the first. */
  readonly steps: readonly RunStep[];
  /** The place of each step among all steps of the instance; rising. */
  readonly places: readonly number[];
  readonly end: RunEnd;
  /** It was larger than is kept: what followed its last step is not here. */
  readonly isCut: boolean;
}

/** A record without its steps. */
export interface RunSummary extends Omit<RunRecord, "steps" | "places"> {
  /** What its steps take, about. */
  readonly bytes: number;
}

/** Digits of an id: a handful of runs in a million share theirs with another kept one. */
const ID_DIGITS = 5;

/** The id of a run. */
export function idOfSeed(seed: number): string {
  return (seed >>> 0).toString(16).padStart(8, "0").slice(-ID_DIGITS);
}

/** Whether a run ended in a way that its author has to look into. A refusal by its handler is none. */
export function isFailure(end: RunEnd): boolean {
  if (end.kind !== "ended") return end.kind !== "waits";
  if (!("error" in end.outcome)) return false;
  const { kind } = end.outcome.error;
  return kind === "internal" || kind === "damaged";
}

/** About the bytes that a step takes in memory and on disk, beyond what every one takes. */
export function sizeOfStep(step: RunStep): number {
  switch (step.kind) {
    case "call":
      return step.arguments.length + (step.handle?.length ?? 0);
    case "settled":
      return "ok" in step.outcome ? step.outcome.ok.length : step.outcome.error.subject.length;
    case "chunk":
      return step.data.length;
    case "log":
      return step.line.length;
    case "request":
      return step.argument.length;
    case "commit":
    case "suspend":
      return sizeOfEffects(step.effects);
    case "finish": {
      const { effects, outcome } = step;
      return sizeOfEffects(effects) + ("ok" in outcome ? outcome.ok.length : 0);
    }
    default:
      return 0;
  }
}

function sizeOfEffects({ writes, posts, answers, cancels, outputs }: Effects): number {
  let size = 0;
  for (const { key, value } of writes) size += 32 + key.length + (value?.length ?? 0);
  for (const post of posts) {
    size += 400 + post.arguments.length + (post.continuation?.note.length ?? 0);
  }
  for (const { part } of answers) size += 128 + ("item" in part ? part.item.length : 0);
  for (const key of cancels) size += key.length;
  for (const { data } of outputs) size += data.length;
  return size;
}

/** The fields of a record and nothing else. */
export function recordOf(record: RunRecord): RunRecord {
  const { id, instance, component, version, call, tookMs, steps, places, end, isCut } = record;
  return { id, instance, component, version, call, tookMs, steps, places, end, isCut };
}

/** A record as it is kept on disk. */
export function encodeRecord(record: RunRecord): Bytes {
  return encodeCbor({ v: 1, ...recordOf(record) } as unknown as Cbor);
}

/** @throws {PeriError} `damaged` when the bytes are no record. */
export function decodeRecord(bytes: Uint8Array): RunRecord {
  const value = decodeCbor(bytes, 2 * MAX_RUN_RECORD_BYTES, "a run's record");
  const record = value as unknown as RunRecord & { readonly v: number };
  if (record?.v === 1 && Array.isArray(record.steps)) return record;
  throw new PeriError("damaged", { op: "read a run's record", subject: "it is no record" });
}

/** A record without its steps. */
export function summaryOf(record: RunRecord, bytes: number): RunSummary {
  const { id, instance, component, version, call, tookMs, end, isCut } = record;
  return { id, instance, component, version, call, tookMs, end, isCut, bytes };
}
