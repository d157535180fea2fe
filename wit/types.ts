/**
 * The types of WIT as data: resolved, structural, without names (PROTOCOL.md, "Canonical form").
 * Pure; floor 0, so failures are texts or {@link WitError}, never a runtime error.
 *
 * @module
 */

/** Types without parts, by their WIT names. */
export const PRIMITIVES = [
  "bool",
  "u8",
  "s8",
  "u16",
  "s16",
  "u32",
  "s32",
  "u64",
  "s64",
  "f32",
  "f64",
  "char",
  "string",
] as const;

/** A type without parts. */
export type Primitive = typeof PRIMITIVES[number];

/** A type as its canonical JSON. Its depth is finite: WIT has no recursive types. */
export type CanonicalType =
  | Primitive
  | { readonly list: CanonicalType }
  | { readonly option: CanonicalType }
  | { readonly tuple: readonly CanonicalType[] }
  | { readonly result: readonly [CanonicalType | null, CanonicalType | null] }
  | { readonly record: readonly Field[] }
  | { readonly variant: readonly Case[] }
  | { readonly enum: readonly string[] }
  | { readonly flags: readonly string[] };

/** A field of a record or a parameter: name in kebab case and type. */
export type Field = readonly [name: string, type: CanonicalType];

/** A case of a variant: name in kebab case and payload, null without one. */
export type Case = readonly [name: string, type: CanonicalType | null];

/** Many values, one after another. It stands as the result of a function and nowhere else. */
export interface StreamType {
  readonly stream: CanonicalType;
}

/** Canonical form of a function. */
export interface FunctionType {
  readonly params: readonly Field[];
  readonly result: CanonicalType | StreamType | null;
}

/** The type of a stream's items, when a function's result is a stream. */
export function itemTypeOf({ result }: FunctionType): CanonicalType | undefined {
  return isStreamType(result) ? result.stream : undefined;
}

function isStreamType(result: FunctionType["result"]): result is StreamType {
  return typeof result === "object" && result !== null && "stream" in result;
}

/** A WIT text or type that cannot be used; the message says which and why. */
export class WitError extends Error {
  override readonly name = "WitError";
}

/** Deepest nesting of a type, so of any value. */
export const MAX_TYPE_DEPTH = 32;

/** Most parts of a type, those of its parts counted in: written out it is not longer. */
export const MAX_TYPE_PARTS = 5_000;

/** Most fields, cases, names or parameters of one type. */
const MAX_MEMBERS = 1_000;

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/i;

/**
 * Whether a value from outside is the canonical form of a function: closed shapes, names in kebab
 * case, no name twice, at most {@link MAX_TYPE_DEPTH} deep. Never throws.
 */
export function isFunctionType(value: unknown): value is FunctionType {
  if (!hasOnly(value, ["params", "result"])) return false;
  const { params, result } = value;
  return isMembers(params, (type) => isType(type, 1)) && isResultType(result);
}

function isResultType(result: unknown): boolean {
  if (hasOnly(result, ["stream"])) return isType(result.stream, 2);
  return result === null || isType(result, 1);
}

function isType(value: unknown, depth: number): boolean {
  if (typeof value === "string") return (PRIMITIVES as readonly string[]).includes(value);
  if (typeof value !== "object" || value === null || depth >= MAX_TYPE_DEPTH) return false;
  const [constructor, ...others] = Object.keys(value);
  if (constructor === undefined || others.length > 0) return false;
  const inside = (part: unknown) => isType(part, depth + 1);
  return isConstructed(constructor, (value as Record<string, unknown>)[constructor], inside);
}

function isConstructed(
  constructor: string,
  part: unknown,
  inside: (part: unknown) => boolean,
): boolean {
  const orNull = (type: unknown) => type === null || inside(type);
  switch (constructor) {
    case "list":
    case "option":
      return inside(part);
    case "tuple":
      return isBounded(part) && part.length > 0 && part.every(inside);
    case "result":
      return isBounded(part) && part.length === 2 && part.every(orNull);
    case "record":
      return isBounded(part) && part.length > 0 && isMembers(part, inside);
    case "variant":
      return isBounded(part) && part.length > 0 && isMembers(part, orNull);
    case "enum":
    case "flags":
      return isBounded(part) && part.length > 0 && areNames(part);
    default:
      return false;
  }
}

function isMembers(value: unknown, isPart: (type: unknown) => boolean): boolean {
  if (!isBounded(value)) return false;
  const names = value.map((member) => isBounded(member) && member.length === 2 ? member[0] : null);
  return areNames(names) && value.every((member) => isPart((member as unknown[])[1]));
}

function isBounded(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length <= MAX_MEMBERS;
}

function areNames(values: readonly unknown[]): boolean {
  return values.every((name) => typeof name === "string" && name.length <= 64 && NAME.test(name)) &&
    new Set(values).size === values.length;
}

/** Whether a value is an object with exactly these own keys. */
function hasOnly<Key extends string>(
  value: unknown,
  keys: readonly Key[],
): value is Record<Key, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.keys(value).length === keys.length &&
    keys.every((key) => Object.hasOwn(value, key));
}
