/**
 * Functions of other pods that are posted to many, and what is done with each answer in a run of its
 * own: for what nobody waits for.
 *
 * @module
 */

import { codecOf } from "../codec.ts";
import type { Failure } from "../host.ts";
import type { Json } from "../text/json.ts";
import { type CapabilityClass, readResult, type RemoteMethod } from "../peer.ts";
import type { Addressee, Recipients } from "./recipients.ts";
import type { Answer, FunctionRef, Part } from "../reference.ts";
import { Refusal, refusalOf } from "../refusal.ts";
import type { PostOptions, Run } from "../run.ts";
import type { FunctionShape } from "../shape.ts";

/**
 * What comes back of a post: the function's result or why not; of a stream each item, then its end
 * or an error. An error is of the class that the function declares, where it declares one.
 */
export type Outcome<Method> = Method extends (...args: never[]) => infer Result
  ? Result extends AsyncIterable<infer Item>
    ? { readonly item: Item; readonly index: number } | { readonly end: true } | Failed
  : { readonly ok: Awaited<Result> } | Failed
  : never;

/** A post that failed, or a stream that broke off. */
export interface Failed {
  readonly error: Refusal;
}

/** Takes what comes back, once for each recipient; of a stream once for each of its parts. */
export type OutcomeHandler<Method, Note extends Json> = (
  note: Note,
  outcome: Outcome<Method>,
  to: Addressee,
) => void | Promise<void>;

/**
 * Posts a function to people, as `Run.post` does: once the run has ended well, each of them once.
 * Of the options `note` is given back with each answer, `deadlineMs` ends the call, `key` names it.
 */
export type Post<Method, Note extends Json> = (
  to: Recipients,
  args: ArgumentsOf<Method>,
  options?: Omit<PostOptions<Note, never>, "then">,
) => Promise<void>;

/** The arguments of a method. */
export type ArgumentsOf<Method> = Method extends (...args: infer Arguments) => unknown ? Arguments
  : never;

/** Names of the functions of a class. */
export type FunctionName<Class> = {
  [Name in keyof Class]: RemoteMethod<Class[Name]> extends never ? never : Name;
}[keyof Class];

/** Functions of classes by method; pods ask for them in every run. */
const known = new WeakMap<object, Map<PropertyKey, FunctionShape>>();

/** A function of a class. @throws {Error} when its shape has none of that name. */
export function shapeOf<Class>(
  { shape }: CapabilityClass<Class>,
  method: PropertyKey,
): FunctionShape {
  const methods = known.get(shape) ?? new Map(shape.functions.map((one) => [one.method, one]));
  known.set(shape, methods);
  const found = methods.get(method);
  if (found !== undefined) return found;
  throw new Error(`${shape.interface} has no function ${String(method)}`);
}

/** Posts a function; its answers go to the continuation of a name, if there is one. */
export function openPost(
  run: Run,
  of: CapabilityClass<unknown>,
  method: PropertyKey,
  then?: string,
) {
  const shape = shapeOf(of, method);
  return async (to: Recipients, args: readonly unknown[], options: object = {}): Promise<void> => {
    const wire = codecOf(shape).encodeArguments(args);
    const taken = then === undefined ? {} : { then: { name: then } };
    await run.post(refOf(of, shape), to, wire, { ...options, ...taken });
  };
}

function refOf(
  { shape: { interface: name, capability } }: CapabilityClass<unknown>,
  { name: called, functionId }: FunctionShape,
): FunctionRef<readonly Json[], unknown> {
  return { interface: name, capability, function: called, functionId };
}

/** The outcome of a post as its author takes it. */
export function readOutcome(
  of: CapabilityClass<unknown>,
  method: PropertyKey,
  wire: Answer<Json> | Part<Json>,
): Outcome<(...args: never[]) => unknown> | { readonly item: unknown; readonly index: number } {
  const shape = shapeOf(of, method);
  if ("error" in wire) return { error: refusalOf(wire.error as Failure) };
  if ("item" in wire) return { item: codecOf(shape).decodeItem(wire.item), index: wire.index };
  if ("end" in wire) return wire as never;
  try {
    return { ok: readResult(shape, of.errors ?? {}, wire.ok) };
  } catch (error) {
    if (error instanceof Refusal) return { error };
    throw error;
  }
}
