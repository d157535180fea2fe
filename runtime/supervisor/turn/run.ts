/**
 * A run: a pod works on one event from its inbox, or for a person who has come in.
 *
 * @module
 */

import { utf8Length } from "../../model/bytes.ts";
import type { ErrorRecord } from "../../model/errors.ts";
import { MAX_DEADLINE_MS, MAX_EVENT_ATTEMPTS, MAX_LATER_BYTES } from "../../model/limits.ts";
import type { Answer, Cancel, Errand, InboxEvent, Outcome, Reply } from "../../model/message.ts";
import type { PodEvent } from "../../model/pod.ts";
import { formatPodRef, formatStreamHandle, type PodRef } from "../../model/words.ts";
import { checkJson } from "../json.ts";
import type { Tape } from "../replay/tape.ts";
import type { Visit } from "../visit/visit.ts";

/** Something a pod is to work on. */
export type Run =
  & {
    /** Records it from its call on. */
    tape?: Tape;
  }
  & (
    | {
      readonly kind: "event";
      readonly event: InboxEvent;
      /** Its call opens a stream. */
      readonly isStream?: boolean;
    }
    | { readonly kind: "visit"; readonly visit: Visit }
  );

/** What a run is told at its beginning, beyond its work. */
export interface Circumstances {
  readonly invocation: number;
  readonly nowMs: number;
  readonly seed: number;
}

/** The `call` event that begins a run. */
export function formatCall(pod: PodRef, run: Run, circumstances: Circumstances): CallEvent {
  if (run.kind === "event") {
    return { ...callOfEvent(run.event), ...handleOf(run), pod: pod.pod, ...circumstances };
  }
  const who = { pod: pod.pod, caller: { person: pod.person } };
  return { kind: "call", ...who, ...run.visit.call, ...circumstances };
}

/** Whether an event needs no pod: an answer whose poster left nothing to be done. */
export function isSilent({ message, continuation }: InboxEvent): boolean {
  return message.body.kind === "answer" && continuation === undefined;
}

/** The answer to an event's call; none for an answer, which nobody waits to hear about. */
export function replyTo({ message }: InboxEvent, outcome: Outcome): Reply[] {
  const { body, from } = message;
  return body.kind === "call" ? [{ to: from, token: body.token, outcome }] : [];
}

/**
 * When a call is over: when it expires, whatever its caller says of that in 30 days
 * (`MAX_DEADLINE_MS`) at the latest.
 */
export function dueOf({ receivedMs, message: { expiresMs } }: InboxEvent): number {
  return Math.min(expiresMs, receivedMs + MAX_DEADLINE_MS);
}

/** The continuation with which a run goes on that waits for an answer, or sleeps. */
export const SETTLE = "sdk:settle";
/** The continuation that ends such a run where it waits. */
const GIVE_UP = "sdk:give-up";

/**
 * What becomes of an answer whose run may not happen or breaks its pod, if a run waits for it: it is
 * given once more, as that error, so that the run ends and its caller hears of it; if that cannot be
 * either, once more to end the run without its handler. None for other events, and the third time.
 */
export function retold(event: InboxEvent, error: ErrorRecord): InboxEvent | undefined {
  const { message, continuation, attempts } = event;
  const { body } = message;
  if (body.kind !== "answer" || continuation?.then !== SETTLE) return undefined;
  const then = attempts >= MAX_EVENT_ATTEMPTS ? GIVE_UP : SETTLE;
  return {
    ...event,
    attempts: MAX_EVENT_ATTEMPTS - 1,
    continuation: { ...continuation, then },
    message: { ...message, body: { ...body, outcome: { error } } },
  };
}

/**
 * An event that is an errand, as one that waits so long; undefined for other events, and for one too
 * large to wait.
 */
export function putOff({ message, continuation }: InboxEvent, delayMs: number): Errand | undefined {
  const { body, from, to, sequence } = message;
  const isOwn = sequence === 0 && formatPodRef(from) === formatPodRef(to);
  if (!isOwn || continuation === undefined) return undefined;
  if (body.kind !== "answer" || "error" in body.outcome) return undefined;
  const payload = body.outcome.ok;
  const isLong = utf8Length(payload + (continuation.note ?? "")) > MAX_LATER_BYTES;
  return isLong ? undefined : { continuation, payload, later: { delayMs } };
}

/** The function of a pod that is told when a stream it answers is over; it is in no interface. */
const CANCELLED = "cancelled";

/** What tells a pod, as an event of its own, that a stream is over. */
export function streamOver(handle: string): Errand {
  return { continuation: { then: CANCELLED, note: JSON.stringify(handle) }, payload: "null" };
}

function handleOf({ event, isStream }: Run & { kind: "event" }): Partial<CallEvent> {
  if (event.message.body.kind !== "call") return {};
  const handle = { handle: formatHandle(event), expiresMs: dueOf(event) };
  return isStream ? { ...handle, many: true } : handle;
}

function formatHandle({ message: { from, body } }: InboxEvent): string {
  return formatStreamHandle({ caller: from, token: body.token });
}

type CallEvent = Extract<PodEvent, { readonly kind: "call" }>;

function callOfEvent(event: InboxEvent): Omit<CallEvent, keyof Circumstances | "pod"> {
  const { message: { body, from } } = event;
  const caller = { person: from.person, pod: from.pod };
  if (body.kind === "call") {
    const { interface: name, function: called, payload } = body;
    return { kind: "call", caller, interface: name, function: called, arguments: payload };
  }
  const args = argumentsOf(event, body);
  return { kind: "call", caller, interface: "", function: handlerOf(event), arguments: args };
}

/** The function of a pod, in no interface, that takes an answer or is told of a stream's end. */
export function handlerOf({ message: { body }, continuation }: InboxEvent): string {
  return body.kind === "cancel" ? CANCELLED : continuation?.then ?? "";
}

/** The function of a pod that takes an event. */
export function calledBy(event: InboxEvent): string {
  const { body } = event.message;
  return body.kind === "call" ? body.function : handlerOf(event);
}

function argumentsOf(event: InboxEvent, body: Answer | Cancel): string {
  if (body.kind === "cancel") return JSON.stringify([formatHandle(event)]);
  const { then: _, note = "null", isStream = false } = event.continuation ?? {};
  const outcome = isStream ? formatPart(body) : formatOutcome(body.outcome);
  return `[${note},${outcome}]`;
}

/** One answer of a stream: `{"item": value, "index": n}`, `{"end": true}` or `{"error": {…}}`. */
function formatPart({ outcome, index, end }: Answer): string {
  if (end && "ok" in outcome) return JSON.stringify({ end: true });
  const text = formatOutcome(outcome);
  return text.startsWith('{"ok":') ? `{"item":${text.slice(6, -1)},"index":${index}}` : text;
}

/** An outcome as a continuation gets it: `{"ok": value}` or `{"error": {…}}`. */
function formatOutcome(outcome: Outcome): string {
  if ("error" in outcome) return JSON.stringify({ error: outcome.error });
  try {
    // Written anew: a text from another server must not break out of its place.
    return JSON.stringify({ ok: checkJson("answer", outcome.ok) });
  } catch {
    const error: ErrorRecord = {
      kind: "damaged",
      op: "read an answer",
      subject: "it is not JSON",
    };
    return JSON.stringify({ error });
  }
}
