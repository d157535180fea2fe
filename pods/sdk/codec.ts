/**
 * The codec of a function: its arguments and results as authors have them, and as they travel.
 *
 * @module
 */

import { decoderOf } from "./codec/decode.ts";
import { type Encode, encoderOf } from "./codec/encode.ts";
import { camelOf } from "./codec/names.ts";
import { Misfit } from "./codec/scalars.ts";
import type { Json } from "./text/json.ts";
import { Refusal } from "./refusal.ts";
import type { FunctionShape, ResultShape, Type } from "./shape.ts";

/** Makes native values of a function's JSON values, and back. Made once for each function. */
export interface FunctionCodec {
  /** The type of a stream's items; undefined when the result is none. */
  readonly item: Type | undefined;
  /** The type of what the method itself returns; null when that is nothing, or a stream. */
  readonly value: Type | null;
  /** Arguments that the periphery has checked, as the method takes them. */
  decodeArguments(wire: readonly Json[]): unknown[];
  /** @throws {Refusal} `invalid` naming the argument that cannot travel. */
  encodeArguments(native: readonly unknown[]): Json[];
  /** A result that the periphery has checked; of a function with errors its ok side. */
  decodeResult(wire: Json): unknown;
  /** @throws {Refusal} `invalid` naming the part that cannot travel. */
  encodeResult(native: unknown): Json;
  /** One item of a stream. */
  decodeItem(wire: Json): unknown;
  /** @throws {Refusal} `invalid` naming the part that cannot travel. */
  encodeItem(native: unknown): Json;
}

const known = new WeakMap<FunctionShape, FunctionCodec>();

/** The codec of a function. */
export function codecOf(shape: FunctionShape): FunctionCodec {
  const made = known.get(shape) ?? makeCodec(shape);
  known.set(shape, made);
  return made;
}

/**
 * A native value as JSON value of a type.
 *
 * @param op what is attempted, for the refusal
 * @param name what the value is called
 * @throws {Refusal} `invalid` naming the part that cannot travel.
 */
export function encodeValue(type: Type, native: unknown, op: string, name: string): Json {
  return refusing(op, () => encoderOf(type)(native, [name]) as Json);
}

/** The native value of a checked JSON value. */
export function decodeValue(type: Type, wire: Json): unknown {
  const decode = decoderOf(type);
  return decode ? decode(wire) : wire;
}

function makeCodec(shape: FunctionShape): FunctionCodec {
  const item = itemOf(shape.result);
  const answer = `answer ${shape.name}`;
  const value = item === undefined ? valueOf(shape) : null;
  return {
    item,
    value,
    ...argumentsCodec(shape),
    decodeResult: (wire) => value === null ? undefined : decodeValue(value, wire),
    encodeResult: (native) => value === null ? null : encodeValue(value, native, answer, "result"),
    decodeItem: (wire) => decodeValue(item!, wire),
    encodeItem: (native) => encodeValue(item!, native, answer, "item"),
  };
}

/** The further arguments of a method travel as one list. */
function argumentsCodec({ name, params, rest }: FunctionShape) {
  const decoders = params.map(([, type]) => decoderOf(type));
  const encoders = params.map(([param, type]) => [camelOf(param), encoderOf(type)] as const);
  const last = params.length - 1;
  const op = `call ${name}`;
  return {
    decodeArguments(wire: readonly Json[]): unknown[] {
      const native = wire.map((part, at) => decoders[at] ? decoders[at](part) : part);
      return rest ? [...native.slice(0, last), ...native[last] as unknown[]] : native;
    },
    encodeArguments(native: readonly unknown[]): Json[] {
      const given = rest
        ? params.map((_, at) => at < last ? native[at] : native.slice(at))
        : native;
      const encode = ([param, of]: readonly [string, Encode], at: number) => of(given[at], [param]);
      return refusing(op, () => encoders.map(encode) as Json[]);
    },
  };
}

/** The type of what the method itself returns. */
function valueOf({ result, errors }: FunctionShape): Type | null {
  if (result === null || errors === undefined) return result as Type | null;
  return (result as { result: readonly [Type | null, Type | null] }).result[0];
}

/** The type of a stream's items; undefined when the result is none. */
export function itemOf(result: ResultShape): Type | undefined {
  return typeof result === "object" && result !== null && "stream" in result
    ? result.stream
    : undefined;
}

function refusing<Value>(op: string, encode: () => Value): Value {
  try {
    return encode();
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new Refusal("invalid", { op, subject: error.message });
  }
}
