/**
 * Types of WIT as authors have them in TypeScript.
 *
 * @module
 */

import type { CanonicalType, Case, Field } from "../../../wit/types.ts";
import { camelOf } from "../../sdk/codec/names.ts";
import { docText } from "./docs.ts";
import { isReturning } from "./names.ts";

/** Names of types as objects, in TypeScript; and which names of the SDK were used. */
export interface NativeTypes {
  readonly names: ReadonlyMap<CanonicalType, string>;
  readonly imports: Set<string>;
}

const KEYWORDS: Readonly<Record<string, string>> = {
  bool: "boolean",
  f64: "number",
  string: "string",
};

/** A type where it is used: its name when it has one. */
export function nativeText(type: CanonicalType, native: NativeTypes): string {
  return native.names.get(type) ?? nativeBody(type, native);
}

/**
 * A type written out.
 *
 * @param about what is said of a field or case by its name
 * @throws {Error} for what TypeScript cannot say and get back.
 */
export function nativeBody(
  type: CanonicalType,
  native: NativeTypes,
  about: (member: string) => string | undefined = () => undefined,
): string {
  if (typeof type === "string") return scalarText(type, native);
  const inner = (part: CanonicalType) => nativeText(part, native);
  if ("list" in type) return type.list === "u8" ? "Uint8Array" : `Array<${inner(type.list)}>`;
  if ("option" in type) return optionText(type.option, native);
  if ("tuple" in type) return `[${type.tuple.map(inner).join(", ")}]`;
  if ("result" in type) {
    native.imports.add("Result");
    return `Result<${type.result.map((side) => side === null ? "void" : inner(side)).join(", ")}>`;
  }
  if ("record" in type) return recordText(type.record, native, about);
  if ("variant" in type) return type.variant.map((one) => caseText(one, native, about)).join(" | ");
  const words = ("enum" in type ? type.enum : type.flags).map((word) => JSON.stringify(word));
  return "enum" in type ? words.join(" | ") : `Set<${words.join(" | ")}>`;
}

/** The type inside of an option; undefined for other types. */
export function optionOf(type: CanonicalType): CanonicalType | undefined {
  return typeof type !== "string" && "option" in type ? type.option : undefined;
}

function scalarText(type: string, { imports }: NativeTypes): string {
  const keyword = KEYWORDS[type];
  if (keyword !== undefined) return keyword;
  imports.add(type);
  return type;
}

function optionText(of: CanonicalType, native: NativeTypes): string {
  if (optionOf(of) !== undefined) {
    throw new Error("an option of an option has no form in TypeScript: make it a variant");
  }
  return `${nativeText(of, native)} | undefined`;
}

function recordText(
  fields: readonly Field[],
  native: NativeTypes,
  about: (member: string) => string | undefined,
): string {
  const texts = fields.map(([name, of]) => {
    if (!isReturning(name)) throw new Error(`the field ${name} has no name in TypeScript`);
    const isOptional = optionOf(of) !== undefined;
    return `${docText(about(name))}${camelOf(name)}${isOptional ? "?" : ""}: ${
      nativeText(of, native)
    }`;
  });
  return `{ ${texts.join("; ")} }`;
}

function caseText(
  [name, of]: Case,
  native: NativeTypes,
  about: (member: string) => string | undefined,
): string {
  const tag = `${docText(about(name))}tag: ${JSON.stringify(name)}`;
  return of === null ? `{ ${tag} }` : `{ ${tag}; val: ${nativeText(of, native)} }`;
}
