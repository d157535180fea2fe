/**
 * Streams as the supervisor sees them: which calls begin one, and what a run does to those that
 * are open.
 *
 * @module
 */

import { type FunctionType, itemTypeOf } from "../../../wit/types.ts";
import { checkItem, checkResult } from "../../../wit/values.ts";
import type { PeriError } from "../../model/errors.ts";
import { callableOf } from "../../model/callable.ts";
import type {
  InboxEvent,
  OpenedStream,
  Outcome,
  StreamAnswer,
  StreamWork,
} from "../../model/message.ts";
import type { Manifest, Offer, OfferedFunction } from "../../model/pod.ts";
import type { FunctionId, StreamRef } from "../../model/words.ts";
import { functionOf } from "./offer.ts";
import { dueOf, type Run } from "./run.ts";

/** An event that a run has handled, and how that ended. */
export interface Handled {
  readonly event: InboxEvent;
  readonly outcome: Outcome;
  /** It has not ended: a later run answers the call. */
  readonly isLater?: boolean;
}

/** What a turn is about. */
export interface TurnMatter {
  readonly run: Run;
  /** How the run ended; absent when it goes on. */
  readonly outcome?: Outcome;
  /** It has ended, and a later run answers the call of its event. */
  readonly isLater?: boolean;
  /** Why what it did may not happen. */
  readonly refusal?: PeriError;
}

/** The event of a turn that handled one. */
export function handledBy({ run, outcome, isLater = false }: TurnMatter): Handled | undefined {
  if (run.kind === "visit" || outcome === undefined) return undefined;
  return { event: run.event, outcome, isLater };
}

/** Whether a function gives many answers. */
export function isStreamFunction(offered: OfferedFunction | undefined): boolean {
  const type = offered?.type as FunctionType | null | undefined;
  return !!type && itemTypeOf(type) !== undefined;
}

/** Whether an event is the call of a function that gives many answers. */
export function isStreamCall({ message: { body } }: InboxEvent, { offers }: Manifest): boolean {
  if (body.kind !== "call") return false;
  const offer = offers.find((one) => one.interface === body.interface);
  return !!offer && isStreamFunction(functionOf(offer, body.function));
}

/** What a run leaves open for later answers: a stream, or a call whose run waits for others. */
function openedBy(
  { event, outcome, isLater = false }: Handled,
  manifest: Manifest,
): OpenedStream | undefined {
  const { body, from } = event.message;
  if (body.kind !== "call" || "error" in outcome) return undefined;
  const isStream = isStreamCall(event, manifest);
  if (!isStream && !isLater) return undefined;
  const opened = { caller: from, token: body.token, functionId: body.functionId };
  return { ...opened, dueMs: dueOf(event), ...isStream ? {} : { isOnce: true as const } };
}

/** What a run does to streams; none when it has nothing to do with any. */
export function streamWork(
  manifest: Manifest,
  handled: Handled | undefined,
  answers: readonly StreamAnswer[],
  cancels: readonly string[],
): StreamWork | undefined {
  const opened = handled && openedBy(handled, manifest);
  const ended = handled && endedBy(handled.event);
  if (!opened && !ended && answers.length + cancels.length === 0) return undefined;
  return {
    ...(opened ? { opened } : {}),
    ...(ended ? { ended } : {}),
    answers,
    cancels,
    isOffered: (functionId) => typeOfFunction(manifest.offers, functionId) !== undefined,
    fault: (functionId, item) => faultOf(manifest.offers, functionId, item),
  };
}

/** The stream whose end an event tells the pod. */
function endedBy({ message: { body, from } }: InboxEvent): StreamRef | undefined {
  return body.kind === "cancel" ? { caller: from, token: body.token } : undefined;
}

function faultOf(
  offers: readonly Offer[],
  functionId: FunctionId,
  item: string,
): string | undefined {
  const type = typeOfFunction(offers, functionId);
  if (type) return itemTypeOf(type) ? checkItem(type, item) : checkResult(type, item);
  return "the pod no longer offers the function that it answers";
}

/**
 * An event as its pod is given it: an answer that is not of the type that was asked for is an
 * error. A function that the manifest no longer names is not looked at.
 */
export function checkedEvent(event: InboxEvent, manifest: Manifest): InboxEvent {
  const { message, continuation } = event;
  const { body } = message;
  const functionId = continuation?.functionId;
  if (body.kind !== "answer" || !functionId || "error" in body.outcome) return event;
  const type = typeOfFunction(callableOf(manifest), functionId);
  const isItem = continuation.isStream && !body.end;
  const check = isItem ? checkItem : checkResult;
  const subject = type && check(type, body.outcome.ok);
  if (subject === undefined) return event;
  const outcome = { error: { kind: "invalid", op: "read an answer", subject } } as const;
  return { ...event, message: { ...message, body: { ...body, outcome } } };
}

function typeOfFunction(offers: readonly Offer[], id: FunctionId): FunctionType | undefined {
  for (const { functions } of offers) {
    const found = Object.values(functions).find((one) => one.id === id);
    if (found) return found.type as FunctionType;
  }
  return undefined;
}
