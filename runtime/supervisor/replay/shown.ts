/**
 * The steps of a run as people read them: every write, post and line for itself.
 *
 * @module
 */

import { decodeUtf8, formatBase64 } from "../../model/bytes.ts";
import type { JsonRecord } from "../../model/control.ts";
import type { ErrorRecord } from "../../model/errors.ts";
import type { Effects, PodEnd, RunOutcome, WantedAnswer, WantedPost } from "../../model/pod.ts";
import type { RunStep } from "./record.ts";

/**
 * One step. `called` begins a run, `told` gives it input or says that nobody waits; `asks` has the
 * answer beside it; `did` is the moment at which what was done before happens; `refused` says that
 * it did not.
 */
export interface ShownStep {
  readonly kind:
    | "called"
    | "told"
    | "asks"
    | "logs"
    | "writes"
    | "posts"
    | "answers"
    | "cancels"
    | "prints"
    | "did"
    | "waits"
    | "ends"
    | "refused"
    | "stopped"
    | "missing";
  /** Texts are at most 16,000 characters. */
  readonly fields: JsonRecord;
}

/** Longest text of one field, in UTF-16 units. */
const MAX_TEXT = 16_000;

/** What is to be shown of a step; `outcome` is the answer to a request. */
export function showStep(step: RunStep, outcome?: RunOutcome): ShownStep[] {
  switch (step.kind) {
    case "call": {
      const { caller, interface: face, function: called, arguments: args, nowMs } = step;
      const from = caller.pod === undefined ? caller.person : `${caller.person}/${caller.pod}`;
      const name = face === "" ? called : `${face}#${called}`;
      return [shown("called", { function: name, arguments: cutText(args), from, atMs: nowMs })];
    }
    case "settled":
      return [];
    case "chunk":
      return [shown("told", { input: textOf(step.data) })];
    case "cancel":
      return [shown("told", { cancel: true })];
    case "log":
      return [shown("logs", { level: step.level, line: cutText(step.line) })];
    case "request": {
      const { operation, argument } = step;
      const told = outcome && "ok" in outcome ? { ok: unfold(operation, outcome.ok) } : outcome;
      return [shown("asks", { operation, argument: cutText(argument), ...showOutcome(told) })];
    }
    case "commit":
      return [...showEffects(step.effects), shown("did", {})];
    case "suspend":
      return [...showEffects(step.effects), shown("waits", {})];
    case "finish":
      return [...showEffects(step.effects), shown("ends", showOutcome(step.outcome))];
  }
}

/** That an instance ended by what it was working on. */
export function showStop(reason: PodEnd): ShownStep {
  return shown("stopped", { reason });
}

/** That what a run did may not happen. */
export function showRefusal(error: ErrorRecord): ShownStep {
  return shown("refused", { error: { ...error } });
}

/** A step that the record has and the replay has not. */
export function showMissing(was: ShownStep): ShownStep {
  return shown("missing", { was: describe(was) });
}

/** A step in one line, for people and for errors. Nothing in it is made harmless. */
export function describe({ kind, fields }: ShownStep): string {
  const { before: _, ...rest } = fields;
  const parts = Object.values(rest).map((value) =>
    typeof value === "string" ? value.trimEnd() : JSON.stringify(value)
  );
  return [kind, ...parts].join(" ");
}

/** Whether two steps are the same, whatever was there before. */
export function isSame(a: ShownStep, b: ShownStep): boolean {
  return a.kind === b.kind && describe(a) === describe(b);
}

function shown(kind: ShownStep["kind"], fields: JsonRecord): ShownStep {
  return { kind, fields };
}

function showEffects({ writes, posts, answers, cancels, outputs }: Effects): ShownStep[] {
  return [
    ...writes.map(({ table, key, value }) =>
      shown("writes", { table, key, after: value === undefined ? null : cutText(value) })
    ),
    ...cancels.map((key) => shown("cancels", { key })),
    ...posts.map(showPost),
    ...answers.map(({ handle, part }) => shown("answers", { to: handle, ...showPart(part) })),
    ...outputs.map(({ fd, data }) => shown("prints", { fd, text: textOf(data) })),
  ];
}

function showPost(post: WantedPost): ShownStep {
  const { person, pod, interface: face, function: called, continuation, key, deadlineMs } = post;
  return shown("posts", {
    // An errand goes nowhere.
    ...face === "" ? {} : { to: `${person}/${pod}`, function: `${face}#${called}` },
    arguments: cutText(post.arguments),
    ...continuation === undefined
      ? {}
      : { then: continuation.function, note: cutText(continuation.note) },
    ...key === undefined ? {} : { key },
    ...deadlineMs === undefined ? {} : { deadlineMs },
  });
}

function showPart(part: WantedAnswer["part"]): JsonRecord {
  if ("item" in part) return { item: cutText(part.item) };
  return "error" in part ? { error: { ...part.error } } : { end: true };
}

function showOutcome(outcome: RunOutcome | undefined): JsonRecord {
  if (outcome === undefined) return {};
  return "ok" in outcome ? { ok: cutText(outcome.ok) } : { error: { ...outcome.error } };
}

/** Values of tables travel as texts of JSON inside of JSON; here they stand for themselves. */
function unfold(operation: string, ok: string): string {
  try {
    if (operation === "state-get") return JSON.parse(ok) ?? "null";
    if (operation !== "state-list") return ok;
    const entries: [string, string][] = JSON.parse(ok);
    return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`;
  } catch {
    return ok;
  }
}

function textOf(data: Uint8Array): string {
  try {
    return cutText(decodeUtf8(data));
  } catch {
    return `base64 ${cutText(formatBase64(data))}`;
  }
}

/** A text that is not too long to be shown. */
export function cutText(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…`.toWellFormed() : text;
}
