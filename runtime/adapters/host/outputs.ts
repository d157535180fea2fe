/**
 * What a pod says, checked twice: in the host, where it comes from the guest, and in the
 * periphery, where it comes from the host.
 *
 * @module
 */

import { errorFromRecord, type ErrorRecord, PeriError } from "../../model/errors.ts";
import type {
  Effects,
  PodOutput,
  RunOutcome,
  TableWrite,
  WantedAnswer,
  WantedPost,
} from "../../model/pod.ts";

/**
 * The output in a value of unknown origin. Fields that are `undefined` or null count as absent;
 * other fields are left out.
 *
 * @throws {PeriError} `damaged` for anything that is not an output.
 */
export function readOutput(value: unknown): PodOutput {
  const fields = record(value);
  switch (fields.kind) {
    case "log":
      return { kind: "log", level: text(fields.level), line: text(fields.line) };
    case "request":
      return {
        kind: "request",
        invocation: u32(fields.invocation),
        step: u32(fields.step),
        operation: text(fields.operation),
        argument: text(fields.argument),
        ...(absent(fields.answer) ? {} : { answer: text(fields.answer) }),
      };
    case "commit":
    case "suspend":
      return {
        kind: fields.kind,
        invocation: u32(fields.invocation),
        effects: readEffects(fields.effects),
      };
    case "finish":
      return {
        kind: "finish",
        invocation: u32(fields.invocation),
        effects: readEffects(fields.effects),
        outcome: readOutcome(fields.outcome),
      };
    default:
      throw refuse("an output of an unknown kind");
  }
}

function readEffects(value: unknown): Effects {
  const fields = record(value);
  return {
    writes: list(fields.writes).map(readWrite),
    posts: list(fields.posts).map(readPost),
    answers: list(fields.answers).map(readAnswer),
    cancels: list(fields.cancels).map(text),
    outputs: list(fields.outputs).map(readStream),
  };
}

function readOutcome(value: unknown): RunOutcome {
  const { ok, error } = record(value);
  return absent(error) ? { ok: text(ok) } : { error: readFailure(error) };
}

/** Kinds that are not known become `internal`. */
function readFailure(value: unknown): ErrorRecord {
  return errorFromRecord(record(value)).toRecord();
}

function readWrite(value: unknown): TableWrite {
  const fields = record(value);
  const place = { table: text(fields.table), key: text(fields.key) };
  return absent(fields.value) ? place : { ...place, value: text(fields.value) };
}

function readPost(value: unknown): WantedPost {
  const fields = record(value);
  return {
    person: text(fields.person),
    pod: text(fields.pod),
    capability: text(fields.capability),
    interface: text(fields.interface),
    function: text(fields.function),
    functionId: text(fields.functionId),
    arguments: text(fields.arguments),
    ...(absent(fields.deadlineMs) ? {} : { deadlineMs: duration(fields.deadlineMs) }),
    ...(absent(fields.continuation) ? {} : { continuation: readContinuation(fields.continuation) }),
    ...(absent(fields.key) ? {} : { key: text(fields.key) }),
  };
}

/** A part in the shape of `wit/actor.wit`, as a guest gives it, or as this function does. */
function readAnswer(value: unknown): WantedAnswer {
  const fields = record(value);
  return { handle: text(fields.handle), part: readPart(record(fields.part)) };
}

function readPart(fields: Record<string, unknown>): WantedAnswer["part"] {
  if (fields.tag === "item") return { item: text(fields.val) };
  if (fields.tag === "end") return { end: true };
  if (fields.tag === "failed") return { error: readFailure(fields.val) };
  if (!absent(fields.item)) return { item: text(fields.item) };
  if (!absent(fields.error)) return { error: readFailure(fields.error) };
  if (fields.end === true) return { end: true };
  throw refuse("an answer of an unknown kind");
}

function readContinuation(value: unknown): { function: string; note: string } {
  const fields = record(value);
  return { function: text(fields.function), note: text(fields.note) };
}

function readStream(value: unknown): { fd: 1 | 2; data: Uint8Array } {
  const { fd, data } = record(value);
  if (fd !== 1 && fd !== 2) throw refuse("bytes for a stream that is neither output nor error");
  if (!(data instanceof Uint8Array)) throw refuse("output that is not bytes");
  return { fd, data };
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw refuse("something that is no record");
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw refuse("something that is no list");
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw refuse("something that is no text");
}

function u32(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff) {
    return value;
  }
  throw refuse("something that is no number");
}

/** Whole milliseconds, not negative; fractions are cut. */
function duration(value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
    return Math.trunc(value);
  }
  throw refuse("something that is no duration");
}

function absent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function refuse(what: string): PeriError {
  return new PeriError("damaged", { op: "hear pod", subject: `it sent ${what}` });
}
