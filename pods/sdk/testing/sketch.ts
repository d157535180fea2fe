/**
 * Shapes written by hand, for the tests of the SDK; the build reads real ones off classes.
 *
 * @module
 */

import { camelOf } from "../codec/names.ts";
import type {
  FunctionShape,
  OfferShape,
  ResultShape,
  Type,
  VerbParam,
  VerbShape,
} from "../shape.ts";

/** A function with hashes that mean nothing. */
export function sketchFunction(
  name: string,
  params: FunctionShape["params"],
  result: ResultShape,
  more: Pick<FunctionShape, "errors" | "rest"> = {},
): FunctionShape {
  return { name, method: camelOf(name), functionId: "d".repeat(64), params, result, ...more };
}

/** An offer with a capability that means nothing. */
export function sketchOffer(
  name: string,
  field: string,
  functions: readonly FunctionShape[],
): OfferShape {
  return { interface: name, capability: "c".repeat(64), field, functions };
}

/** A parameter of a verb. */
export function sketchParam(
  name: string,
  kind: VerbParam["kind"],
  type: Type,
  path: readonly string[],
  more: Partial<VerbParam> = {},
): VerbParam {
  const optional = kind === "flag" || kind === "switch";
  return { name, kind, type, path, about: "", optional, ...more };
}

/** A verb that is a function of the pod itself. */
export function sketchVerb(
  name: string,
  usage: string,
  params: readonly VerbParam[],
  result: ResultShape,
  more: Partial<VerbShape> = {},
): VerbShape {
  const method = camelOf(name);
  return { name, method, field: "", about: "", params, result, remote: true, usage, ...more };
}
