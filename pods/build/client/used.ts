/**
 * Which types of an interface a generated module says by name.
 *
 * @module
 */

import type { DocumentedInterface } from "../../../wit/format.ts";
import { type CanonicalType, type FunctionType, itemTypeOf } from "../../../wit/types.ts";
import type { ErrorPlan } from "./errors.ts";

/** An interface and how its functions are called. */
export interface Planned {
  readonly one: DocumentedInterface;
  readonly className: string;
  readonly errors: ReadonlyMap<string, [caseName: string, className: string][]>;
}

/** Types that stand in signatures; what is thrown is said by its class. */
export function usedTypes({ one, errors }: Planned, plan: ErrorPlan): ReadonlySet<CanonicalType> {
  const used = new Set<CanonicalType>();
  const visit = (type: CanonicalType | null): void => {
    if (type === null || typeof type === "string" || used.has(type)) return;
    used.add(type);
    for (const part of partsOf(type)) visit(part);
  };
  for (const [name, type] of one.functions) {
    for (const [, param] of type.params) visit(param);
    visit(valueOf(type, errors.has(name)));
  }
  const own = new Set(one.types.values());
  for (const { data } of plan.classes) {
    if (data === null || typeof data === "string" || !own.has(data)) continue;
    // A record that only this error has stands in its class.
    if ("record" in data) { for (const part of partsOf(data)) visit(part); }
    else visit(data);
  }
  return used;
}

function partsOf(type: Exclude<CanonicalType, string>): readonly (CanonicalType | null)[] {
  if ("list" in type) return [type.list];
  if ("option" in type) return [type.option];
  if ("tuple" in type) return type.tuple;
  if ("result" in type) return type.result;
  if ("record" in type) return type.record.map(([, part]) => part);
  return "variant" in type ? type.variant.map(([, part]) => part) : [];
}

/** What a method gives: the items of a stream, and without what is thrown. */
export function valueOf(type: FunctionType, isThrown: boolean): CanonicalType | null {
  const { result } = type;
  const item = itemTypeOf(type);
  if (item !== undefined) return item;
  if (!isThrown) return result as CanonicalType | null;
  return (result as { result: readonly [CanonicalType | null, unknown] }).result[0];
}
