/**
 * Errors that cross the wire typed (PROTOCOL.md, "Errors").
 *
 * @module
 */

import type { Failure } from "./host.ts";

/** Every kind of failure; closed and append-only. */
export const KINDS = [
  "internal",
  "invalid",
  "not-found",
  "exists",
  "denied",
  "expired",
  "missing-implementation",
  "too-large",
  "over-quota",
  "busy",
  "unreachable",
  "conflict",
  "damaged",
] as const;

/** What went wrong. */
export type Kind = typeof KINDS[number];

/** Longest text of a failure, in UTF-16 units. */
const MAX_TEXT = 1_000;

/**
 * Thrown by a handler to refuse: nothing the run did happens, and the caller is told. `op` is a
 * short phrase in the infinitive, `subject` the value and why, `hint` what to type next.
 */
export class Refusal extends Error {
  override readonly name: string = "Refusal";
  readonly op: string;
  readonly subject: string;
  readonly hint: string | undefined;

  constructor(
    readonly kind: Kind,
    details: { readonly op: string; readonly subject: string; readonly hint?: string | undefined },
  ) {
    super(`cannot ${details.op}: ${details.subject}`);
    this.op = details.op;
    this.subject = details.subject;
    this.hint = details.hint;
  }
}

/** The failure of anything thrown; what is no {@link Refusal} becomes `internal`. */
export function failureOf(thrown: unknown, op: string): Failure {
  if (thrown instanceof Refusal) {
    const { kind, op, subject, hint } = thrown;
    return { kind, op: bounded(op), subject: bounded(subject), hint: hint && bounded(hint) };
  }
  const subject = thrown instanceof Error ? thrown.message : String(thrown);
  return { kind: "internal", op: bounded(op), subject: bounded(subject), hint: undefined };
}

/** As {@link failureOf}, for another pod: what an error says that is no refusal is not its business. */
export function failureForOthers(thrown: unknown, op: string): Failure {
  if (thrown instanceof Refusal) return failureOf(thrown, op);
  const hint = "whoever the pod belongs to finds the reason with peri pod logs";
  return failureOf(new Refusal("internal", { op, subject: "the pod failed", hint }), op);
}

/** The refusal a failure from outside stands for; unknown kinds become `internal`. */
export function refusalOf(failure: Failure): Refusal {
  const kind = KINDS.find((one) => one === failure.kind) ?? "internal";
  const { op, subject, hint } = failure;
  return new Refusal(kind, { op, subject, hint: hint ?? undefined });
}

/** An error with its stack, which QuickJS gives without name and message. */
export function describeError(error: Error): string {
  const head = `${error.name}: ${error.message}`;
  const stack = error.stack ?? "";
  return (stack.startsWith(head) ? stack : `${head}\n${stack}`).trimEnd();
}

function bounded(text: string): string {
  return text.slice(0, MAX_TEXT).toWellFormed();
}
