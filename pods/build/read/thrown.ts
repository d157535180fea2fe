/**
 * What methods throw.
 *
 * @module
 */

import type ts from "typescript";
import type { CanonicalType, FunctionType } from "../../../wit/types.ts";
import type { ErrorModel } from "../model.ts";
import type { Said } from "./docs.ts";
import type { ErrorTable } from "./errors.ts";
import type { ClassKind, TypeReader } from "./reader.ts";

/** What reading errors needs. */
interface ThrownReader {
  readonly types: TypeReader;
  readonly errors: ErrorTable;
  readonly kind: ClassKind;
}

/** What a function throws, and its result with that. */
export interface Thrown {
  readonly errors: readonly ErrorModel[];
  readonly type: FunctionType["result"];
}

/**
 * The classes of errors that a method's doc comment names, as the error side of its result.
 *
 * @param result what it gives when it throws nothing; undefined was refused
 * @returns undefined when it is refused.
 */
export function readThrown(
  { types, errors, kind }: ThrownReader,
  method: ts.MethodDeclaration,
  { throws }: Said,
  result: FunctionType["result"] | undefined,
  path: string,
): Thrown | undefined {
  const found = throws.map(({ type }) => errors.read(types, type));
  if (result === undefined || found.some((one) => one === "refused")) return undefined;
  const thrown = found.filter((one) => typeof one === "object");
  // The order of the cases counts for the hash, and that of an author's comments must not.
  if (kind !== "generated") thrown.sort((a, b) => a.model.case < b.model.case ? -1 : 1);
  const cases = new Map(thrown.map((one) => [one.model.case, one]));
  const models = [...cases.values()].map(({ model }) => model);
  if (models.length === 0 || kind === "commands") return { errors: [], type: result };
  const { refusals } = types.context;
  if (typeof result === "object" && result !== null && "stream" in result) {
    const what = "many answers cannot end with an error of a class";
    return refusals.at(method.name, what, "throw a Refusal, or give a Result as the last answer");
  }
  const variant: CanonicalType = {
    variant: [...cases.values()].map(({ model, data }) => [model.case, data] as const),
  };
  const name = types.table.reserve(`${path}-error`);
  for (const { model, about } of cases.values()) {
    if (about !== "") types.table.docs.set(`${name}.${model.case}`, about);
  }
  const type = types.table.name(name, variant, method.name);
  return type && { errors: models, type: { result: [result as CanonicalType | null, type] } };
}
