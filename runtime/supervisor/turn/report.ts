/**
 * What is told of runs that did not go well: in the pod's log, where its author looks, and to the
 * person who had asked for the run.
 *
 * @module
 */

import { errorFromRecord, type ErrorRecord, PeriError } from "../../model/errors.ts";
import type { Outcome } from "../../model/message.ts";
import type { PodRef } from "../../model/words.ts";
import type { PodLogs } from "../log.ts";
import type { Tape } from "../replay/tape.ts";
import { calledBy, handlerOf, type Run } from "./run.ts";
import type { Visit } from "../visit/visit.ts";

/** Nobody waits for the outcome of a continuation, so an error goes where its author looks. */
export function noteLostAnswer(logs: PodLogs, pod: PodRef, run: Run, outcome: Outcome): void {
  if (run.kind !== "event" || run.event.message.body.kind === "call") return;
  if (!("error" in outcome)) return;
  const { op, subject } = outcome.error;
  logs.note(pod, "error", `${handlerOf(run.event)}: cannot ${op}: ${subject}`, run.tape?.id);
}

/** Who wrote a pod learns which bound a run met; whoever asked for the run is told as well. */
export function noteRefusal(
  logs: PodLogs,
  pod: PodRef,
  run: Run,
  { message, hint }: PeriError,
): void {
  const name = run.kind === "visit" ? run.visit.call.function : calledBy(run.event);
  const advice = hint === undefined ? "" : ` (${hint})`;
  logs.note(pod, "error", `refused: ${name}: ${message}${advice}`, run.tape?.id);
}

/** Callers are told `busy`; its author, that there are many of them. */
export function noteFull(logs: PodLogs, pod: PodRef, streams: number): void {
  const text = `refused: a call that waits for later answers, as ${streams} do, all that may`;
  logs.append(pod, "warning", `${text} (peri pod limit ${pod.pod} --streams)`);
}

/** Where the person of a pod sees what went wrong: the run itself, or else the pod's log. */
export function whereToLook({ pod }: PodRef, tape: Pick<Tape, "id"> | undefined): string {
  return tape === undefined ? `peri pod logs ${pod}` : `peri pod replay ${pod} ${tape.id}`;
}

/** Of a fault of the pod itself the person at its words can only learn where it is recorded. */
export function failureOf(
  ref: PodRef,
  visit: Visit,
  record: ErrorRecord,
  tape: Tape | undefined,
): PeriError {
  const error = errorFromRecord(record);
  if (error.kind !== "internal" || error.hint !== undefined) return error;
  const isUnnamed = error.op === `run ${visit.call.function}`;
  const subject = `the pod failed: ${isUnnamed ? error.subject : error.message}`;
  const hint = whereToLook(ref, tape);
  return new PeriError("internal", { op: `run ${ref.pod}`, subject, hint });
}

/** What a visitor is told whose run ended with its instance. */
export function stoppedAtWork(ref: PodRef, reason: string): PeriError {
  const subject = `the pod ${ref.pod} was stopped while it worked (${reason})`;
  const hint = whereToLook(ref, undefined);
  return new PeriError("internal", { op: "run a command", subject, hint });
}
