/**
 * Which functions throw, and what: a result whose error side is a variant is thrown, one class for
 * each case.
 *
 * @module
 */

import { formatCanonical, type Json } from "../../../wit/canonical.ts";
import type { DocumentedInterface } from "../../../wit/format.ts";
import type { CanonicalType, Case, FunctionType } from "../../../wit/types.ts";
import { isReturning, type ModuleNames, pascalOf } from "./names.ts";

/** A class of errors. */
export interface ErrorText {
  readonly className: string;
  readonly data: CanonicalType | null;
  /** What its author says of it, in the first interface that does. */
  readonly about: string | undefined;
}

/** Classes of errors of a module, by the names that they come from. */
export class ErrorPlan {
  readonly #classes = new Map<string, ErrorText & { readonly key: string }>();

  constructor(private readonly names: ModuleNames) {}

  /** All classes. */
  get classes(): readonly ErrorText[] {
    return [...this.#classes.values()];
  }

  /**
   * The cases of the error side of an interface's function with their classes; undefined when it is
   * not thrown: there is none, or a case's name is taken by a class with other data.
   */
  plan(
    one: DocumentedInterface,
    type: FunctionType,
  ): [caseName: string, className: string][] | undefined {
    const cases = casesOf(type);
    if (cases === undefined || !cases.every((one) => this.#fits(one))) return undefined;
    return cases.map(([name, data]) => {
      const className = pascalOf(name);
      const known = this.#classes.get(name);
      if (known === undefined) this.names.take(className);
      const about = known?.about ?? aboutOf(one, type, name);
      this.#classes.set(name, { className, data, about, key: keyOf(data) });
      return [name, className];
    });
  }

  #fits([name, data]: Case): boolean {
    const known = this.#classes.get(name);
    if (known !== undefined) return known.key === keyOf(data);
    return isReturning(name) && !this.names.has(pascalOf(name));
  }
}

/** The cases of a function's error side, when it is a variant. */
function casesOf({ result }: FunctionType): readonly Case[] | undefined {
  if (typeof result !== "object" || result === null || !("result" in result)) return undefined;
  const error = result.result[1];
  return typeof error === "object" && error !== null && "variant" in error
    ? error.variant
    : undefined;
}

/** What an interface says of a case of a function's error side. */
function aboutOf(
  { types, docs }: DocumentedInterface,
  { result }: FunctionType,
  caseName: string,
): string | undefined {
  const { result: [, error] } = result as { readonly result: readonly [unknown, CanonicalType] };
  const [typeName] = [...types].find(([, type]) => type === error) ?? [];
  return typeName === undefined ? undefined : docs.get(`${typeName}.${caseName}`);
}

function keyOf(data: CanonicalType | null): string {
  return formatCanonical(data as Json);
}
