/**
 * From the values that authors have to JSON values of a type (PROTOCOL.md, "Values"). Every value is
 * held against its type: TypeScript knows no bounds, and whoever gets the value refuses it whole.
 *
 * @module
 */

import type { Type } from "../shape.ts";
import { camelOf } from "./names.ts";
import { encodeScalar, Misfit, misfit, type Trail } from "./scalars.ts";

/** Makes a JSON value of a native one. @throws {Misfit} when it is no value of the type. */
export type Encode = (native: unknown, trail: Trail) => unknown;

type Compound = Exclude<Type, string>;

const known = new WeakMap<Compound, Encode>();

/** Makes the JSON values of a type. */
export function encoderOf(type: Type): Encode {
  if (typeof type === "string") return encodeScalar[type];
  const made = known.get(type) ?? makeEncoder(type);
  known.set(type, made);
  return made;
}

function makeEncoder(type: Compound): Encode {
  if ("list" in type) return type.list === "u8" ? encodeBytes : listEncoder(type.list);
  if ("option" in type) return optionEncoder(type.option);
  if ("tuple" in type) return tupleEncoder(type.tuple);
  if ("record" in type) return recordEncoder(type.record);
  if ("variant" in type) return variantEncoder(type.variant);
  if ("result" in type) return resultEncoder(type.result);
  return "enum" in type ? enumEncoder(type.enum) : flagsEncoder(type.flags);
}

/** Encodes a part, which the trail names while it lasts. */
function inside(encode: Encode, part: unknown, name: string | number, trail: Trail): unknown {
  trail.push(name);
  const wire = encode(part, trail);
  trail.pop();
  return wire;
}

function encodeBytes(native: unknown, trail: Trail): string {
  if (!(native instanceof Uint8Array)) throw misfit(trail, native, "not a Uint8Array");
  return native.toBase64({ alphabet: "base64url", omitPadding: true });
}

function listEncoder(of: Type): Encode {
  const encode = encoderOf(of);
  return (native, trail) => {
    if (!Array.isArray(native)) throw misfit(trail, native, "not an array");
    // Not map, which leaves holes as they are.
    return Array.from(native, (part, at) => inside(encode, part, at, trail));
  };
}

/** An option in an option is wrapped on both sides, so that its two nothings differ. */
function optionEncoder(of: Type): Encode {
  const encode = encoderOf(of);
  const isNested = typeof of !== "string" && "option" in of;
  return (native, trail) => {
    if (native === undefined || native === null) return null;
    if (!isNested) return encode(native, trail);
    if (!isObject(native) || !("some" in native)) throw misfit(trail, native, "not {some: …}");
    return { some: inside(encode, native.some, "some", trail) };
  };
}

function tupleEncoder(types: readonly Type[]): Encode {
  const encoders = types.map(encoderOf);
  return (native, trail) => {
    if (!Array.isArray(native) || native.length !== encoders.length) {
      throw misfit(trail, native, `not an array of ${encoders.length}`);
    }
    return encoders.map((encode, at) => inside(encode, native[at], at, trail));
  };
}

/** Only the fields of the type travel; an object may have more. */
function recordEncoder(fields: readonly (readonly [string, Type])[]): Encode {
  const parts = fields.map(([name, type]) => ({ name, key: camelOf(name), of: encoderOf(type) }));
  return (native, trail) => {
    if (!isObject(native)) throw misfit(trail, native, "not an object");
    const wire: Record<string, unknown> = {};
    for (const { name, key, of } of parts) wire[name] = inside(of, native[key], key, trail);
    return wire;
  };
}

function variantEncoder(cases: readonly (readonly [string, Type | null])[]): Encode {
  const encoders = new Map(cases.map(([name, type]) => [name, type && encoderOf(type)]));
  const names = cases.map(([name]) => name).join(", ");
  return (native, trail) => {
    if (!isObject(native)) throw misfit(trail, native, "not {tag: …}");
    const { tag, val } = native;
    const encode = encoders.get(tag as string);
    if (encode === undefined) throw misfit([...trail, "tag"], tag, `none of ${names}`);
    return encode === null ? { tag } : { tag, val: inside(encode, val, "val", trail) };
  };
}

function resultEncoder([ok, err]: readonly [Type | null, Type | null]): Encode {
  const sides = { ok: sideEncoder(ok), err: sideEncoder(err) };
  return (native, trail) => {
    const isOk = isObject(native) && "ok" in native;
    if (!isObject(native) || isOk === "err" in native) {
      throw misfit(trail, native, "neither {ok: …} nor {err: …}");
    }
    const side = isOk ? "ok" : "err";
    return { [side]: inside(sides[side], native[side], side, trail) };
  };
}

function sideEncoder(type: Type | null): Encode {
  return type === null ? () => null : encoderOf(type);
}

function enumEncoder(names: readonly string[]): Encode {
  const known: ReadonlySet<unknown> = new Set(names);
  const why = `none of ${names.join(", ")}`;
  return (native, trail) => {
    if (!known.has(native)) throw misfit(trail, native, why);
    return native;
  };
}

/** On the wire they are in the order of their declaration. */
function flagsEncoder(names: readonly string[]): Encode {
  return (native, trail) => {
    if (!(native instanceof Set)) throw misfit(trail, native, "not a Set");
    const wire = names.filter((name) => native.has(name));
    if (wire.length === native.size) return wire;
    const other = [...native].find((name) => !names.includes(name));
    throw new Misfit(trail, `has ${String(other)}, none of ${names.join(", ")}`);
  };
}

function isObject(native: unknown): native is Record<string, unknown> {
  return typeof native === "object" && native !== null && !Array.isArray(native);
}
