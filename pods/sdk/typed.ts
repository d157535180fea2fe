/**
 * Errors that keep their class and their data across the network.
 *
 * @module
 */

import { cleanLine } from "./text/clean.ts";
import { decodeValue, encodeValue } from "./codec.ts";
import { wordsOf } from "./codec/names.ts";
import type { Json } from "./text/json.ts";
import { type Kind, Refusal } from "./refusal.ts";
import type { FunctionShape, Type } from "./shape.ts";

/** What a {@link TypedError} reads for people, where its class says more than its name. */
export interface TypedErrorDetails {
  readonly kind?: Kind;
  readonly op?: string;
  readonly subject?: string;
  readonly hint?: string;
}

/** Longest text made of an error's data. */
const MAX_SHOWN = 200;
/** What a verb that failed is called until it is known. */
const SOMETHING = "do that";

/**
 * What a function refuses with when its caller is to know more than a text: its doc comment names
 * the class (`@throws {NoSuchPlace} …`), and whoever calls it catches the same class with the same
 * data. As with any {@link Refusal} nothing the run did happens.
 *
 * ```ts
 * export class NoSuchPlace extends TypedError<{ place: string }> {}
 * throw new NoSuchPlace({ place });
 * ```
 */
export abstract class TypedError<Data = void> extends Refusal {
  override readonly name: string = this.constructor.name;

  constructor(readonly data: Data, details: TypedErrorDetails = {}) {
    super(details.kind ?? "invalid", {
      op: details.op ?? SOMETHING,
      subject: details.subject ?? describe(new.target.name, data),
      hint: details.hint,
    });
  }
}

/** A class of errors with data. */
export type TypedErrorClass = new (data: never) => TypedError<unknown>;

/** Classes of errors by the names that shapes give them. */
export type ErrorClasses = Readonly<Record<string, TypedErrorClass>>;

/** The error as a refusal of the verb that was run. */
export function refusalOfVerb(error: TypedError<unknown>, verb: string): Refusal {
  const { kind, op, subject, hint } = error;
  return new Refusal(kind, { op: op === SOMETHING ? verb : op, subject, hint });
}

/** An error that its function declares, as the error side of the result; undefined for others. */
export function encodeError(
  shape: FunctionShape,
  classes: ErrorClasses,
  thrown: unknown,
): Json | undefined {
  if (!(thrown instanceof TypedError)) return undefined;
  const found = shape.errors?.find(([, name]) => isOf(thrown, classes[name]));
  if (found === undefined) return undefined;
  const [tag] = found;
  const type = caseType(shape, tag);
  if (type === null) return { err: { tag } };
  return { err: { tag, val: encodeValue(type, thrown.data, `refuse ${shape.name}`, tag) } };
}

/** The error of a result's error side, of the class that its function declares. */
export function decodeError(shape: FunctionShape, classes: ErrorClasses, wire: Json): Refusal {
  const { tag, val = null } = wire as { tag: string; val?: Json };
  const name = shape.errors?.find(([one]) => one === tag)?.[1] ?? "";
  const type = caseType(shape, tag);
  const data = type === null ? undefined : decodeValue(type, val);
  const Class = classes[name];
  if (Class !== undefined) return new Class(data as never);
  const subject = describe(tag, data);
  return new Refusal("invalid", { op: `call ${shape.name}`, subject });
}

function isOf(thrown: TypedError<unknown>, Class: TypedErrorClass | undefined): boolean {
  return Class !== undefined && thrown instanceof Class;
}

/** The type of a case's data. */
function caseType({ result }: FunctionShape, tag: string): Type | null {
  const { result: [, variant] } = result as { result: readonly [unknown, Type] };
  const { variant: cases } = variant as { variant: readonly (readonly [string, Type | null])[] };
  return cases.find(([name]) => name === tag)?.[1] ?? null;
}

/** `no such place (place: the pond)`. */
function describe(name: string, data: unknown): string {
  const words = wordsOf(name);
  if (data === undefined || data === null) return words;
  const parts = typeof data === "object"
    ? Object.entries(data).map(([key, value]) => `${wordsOf(key)}: ${String(value)}`)
    : [String(data)];
  return `${words} (${cleanLine(parts.join(", "), MAX_SHOWN)})`;
}
