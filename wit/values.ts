/**
 * Whether a JSON value is a value of a WIT type (PROTOCOL.md, "Values"). Pure; made for values
 * from outside, so nothing here throws and an error is a text that says where.
 *
 * @module
 */

import { readJson } from "./payload.ts";
import { describeScalar, isBase64Url, isScalar } from "./scalars.ts";
import {
  type CanonicalType,
  type Field,
  type FunctionType,
  itemTypeOf,
  MAX_TYPE_DEPTH,
  type Primitive,
} from "./types.ts";

/** What of a value is shown in an error, in UTF-16 units. */
const MAX_SHOWN = 60;

/**
 * What is wrong with a JSON value as a value of a type; undefined when nothing is.
 *
 * @param path where the value stands, for the text
 */
export function checkValue(type: CanonicalType, json: unknown, path = "value"): string | undefined {
  return check(type, json, path, 1);
}

/**
 * What is wrong with a payload as the arguments of a function; undefined when nothing is.
 * The text's size is the caller's to bound.
 *
 * @param payload JSON array of the arguments
 */
export function checkArguments(type: FunctionType, payload: string): string | undefined {
  const parsed = readJson(payload);
  if ("error" in parsed) return parsed.error;
  const { value } = parsed;
  if (!Array.isArray(value)) return `arguments must be an array, not ${show(value)}`;
  if (value.length !== type.params.length) {
    return `arguments must be ${type.params.length}, not ${value.length}`;
  }
  return firstError(type.params, ([name, of], at) => check(of, value[at], name, 1));
}

/**
 * What is wrong with a payload as the result of a function; undefined when nothing is. A function
 * with a stream has no other result: what it gives are items.
 */
export function checkResult(type: FunctionType, payload: string): string | undefined {
  const parsed = readJson(payload);
  if ("error" in parsed) return parsed.error;
  const { result } = type;
  const isNothing = result === null || (typeof result === "object" && "stream" in result);
  if (!isNothing) return check(result, parsed.value, "result", 1);
  return parsed.value === null ? undefined : `result must be null, not ${show(parsed.value)}`;
}

/** What is wrong with a payload as one item of a function's stream; undefined when nothing is. */
export function checkItem(type: FunctionType, payload: string): string | undefined {
  const of = itemTypeOf(type);
  if (of === undefined) return "the function's result is no stream";
  const parsed = readJson(payload);
  return "error" in parsed ? parsed.error : check(of, parsed.value, "item", 1);
}

function check(
  type: CanonicalType,
  json: unknown,
  path: string,
  depth: number,
): string | undefined {
  if (depth > MAX_TYPE_DEPTH) return `${path} is nested deeper than ${MAX_TYPE_DEPTH}`;
  if (typeof type === "string") return checkPrimitive(type, json, path);
  const inner = (of: CanonicalType, part: unknown, at: string) => check(of, part, at, depth + 1);
  if ("list" in type) return checkList(type.list, json, path, inner);
  if ("option" in type) return checkOption(type.option, json, path, inner);
  if ("tuple" in type) return checkTuple(type.tuple, json, path, inner);
  if ("result" in type) return checkOutcome(type.result, json, path, inner);
  if ("record" in type) return checkRecord(type.record, json, path, inner);
  if ("variant" in type) return checkVariant(type.variant, json, path, inner);
  if ("enum" in type) {
    const isNamed = typeof json === "string" && type.enum.includes(json);
    return isNamed ? undefined : wrong(path, `one of ${type.enum.join(", ")}`, json);
  }
  return checkFlags(type.flags, json, path);
}

/** Checks a part of a value. */
type Inner = (of: CanonicalType, part: unknown, at: string) => string | undefined;

function checkPrimitive(type: Primitive, json: unknown, path: string): string | undefined {
  return isScalar(type, json) ? undefined : wrong(path, describeScalar(type), json);
}

function checkList(
  of: CanonicalType,
  json: unknown,
  path: string,
  inner: Inner,
): string | undefined {
  if (of === "u8") return isBase64Url(json) ? undefined : wrong(path, "unpadded base64url", json);
  if (!Array.isArray(json)) return wrong(path, "an array", json);
  return firstError(json, (part, at) => inner(of, part, `${path}[${at}]`));
}

function checkOption(
  of: CanonicalType,
  json: unknown,
  path: string,
  inner: Inner,
): string | undefined {
  if (json === null) return undefined;
  if (typeof of === "string" || !("option" in of)) return inner(of, json, path);
  const some = soleMember(json, ["some"]);
  return some === undefined
    ? wrong(path, `null or {"some": …}`, json)
    : inner(of, some[1], `${path}.some`);
}

function checkTuple(
  types: readonly CanonicalType[],
  json: unknown,
  path: string,
  inner: Inner,
): string | undefined {
  if (!Array.isArray(json) || json.length !== types.length) {
    return wrong(path, `an array of ${types.length}`, json);
  }
  return firstError(types, (of, at) => inner(of, json[at], `${path}[${at}]`));
}

function checkOutcome(
  [ok, err]: readonly [CanonicalType | null, CanonicalType | null],
  json: unknown,
  path: string,
  inner: Inner,
): string | undefined {
  const side = soleMember(json, ["ok", "err"]);
  if (side === undefined) return wrong(path, `{"ok": …} or {"err": …}`, json);
  const [name, value] = side;
  const of = name === "ok" ? ok : err;
  if (of !== null) return inner(of, value, `${path}.${name}`);
  return value === null ? undefined : wrong(`${path}.${name}`, "null", value);
}

function checkRecord(
  fields: readonly Field[],
  json: unknown,
  path: string,
  inner: Inner,
): string | undefined {
  if (!isObject(json)) return wrong(path, "an object", json);
  const missing = fields.find(([name]) => !Object.hasOwn(json, name));
  if (missing !== undefined) return `${path}.${missing[0]} is missing`;
  const other = Object.keys(json).find((key) => !fields.some(([name]) => name === key));
  if (other !== undefined) return `${path} has no field ${show(other)}`;
  return firstError(fields, ([name, of]) => inner(of, json[name], `${path}.${name}`));
}

function checkVariant(
  cases: readonly (readonly [string, CanonicalType | null])[],
  json: unknown,
  path: string,
  inner: Inner,
): string | undefined {
  if (!isObject(json) || !Object.hasOwn(json, "tag")) return wrong(path, `{"tag": …}`, json);
  const found = cases.find(([name]) => name === json.tag);
  if (found === undefined) {
    return wrong(`${path}.tag`, `one of ${cases.map(([name]) => name).join(", ")}`, json.tag);
  }
  const of = found[1];
  const hasValue = Object.hasOwn(json, "val");
  if (Object.keys(json).length !== (hasValue ? 2 : 1)) {
    return `${path} has keys besides tag and val`;
  }
  if (hasValue !== (of !== null)) {
    return `${path}.val ${hasValue ? "must be absent" : "is missing"}`;
  }
  return of === null ? undefined : inner(of, json.val, `${path}.val`);
}

function checkFlags(names: readonly string[], json: unknown, path: string): string | undefined {
  if (!Array.isArray(json)) return wrong(path, "an array of names", json);
  let last = -1;
  for (const [at, name] of json.entries()) {
    const place = names.indexOf(name);
    if (place < 0) return wrong(`${path}[${at}]`, `one of ${names.join(", ")}`, name);
    if (place <= last) return `${path}[${at}] is twice or out of order`;
    last = place;
  }
  return undefined;
}

function firstError<Part>(
  parts: readonly Part[],
  find: (part: Part, at: number) => string | undefined,
): string | undefined {
  for (const [at, part] of parts.entries()) {
    const error = find(part, at);
    if (error !== undefined) return error;
  }
  return undefined;
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** The only member of an object, when it has one of these names. */
function soleMember(json: unknown, names: readonly string[]): [string, unknown] | undefined {
  if (!isObject(json)) return undefined;
  const [member, ...others] = Object.entries(json);
  return member !== undefined && others.length === 0 && names.includes(member[0])
    ? member
    : undefined;
}

function wrong(path: string, wanted: string, json: unknown): string {
  return `${path} must be ${wanted}, not ${show(json)}`;
}

/** A value in short, whatever it is: its size is bounded before it is written. */
function show(json: unknown): string {
  if (typeof json === "string") {
    const text = JSON.stringify(json.slice(0, MAX_SHOWN).toWellFormed());
    return json.length > MAX_SHOWN ? `${text}…` : text;
  }
  if (Array.isArray(json)) return `an array of ${json.length}`;
  if (typeof json === "object" && json !== null) return "an object";
  return json === undefined ? "nothing" : String(json);
}
