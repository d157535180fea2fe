/**
 * From JSON values of a type (PROTOCOL.md, "Values") to the values that authors have. The periphery
 * has held them against the type, so nothing is checked here, and a type whose values are the same
 * on both sides is not walked at all.
 *
 * @module
 */

import type { Type } from "../shape.ts";
import { camelOf } from "./names.ts";

/** Makes a native value of a JSON value. */
export type Decode = (wire: unknown) => unknown;

/** A kind of type that has parts. */
type Compound = Exclude<Type, string>;

const known = new WeakMap<Compound, Decode | "same">();

/** Makes the native values of a type; undefined where they are the JSON values themselves. */
export function decoderOf(type: Type): Decode | undefined {
  if (typeof type === "string") return isWide(type) ? decodeWide : undefined;
  const made = known.get(type) ?? makeDecoder(type) ?? "same";
  known.set(type, made);
  return made === "same" ? undefined : made;
}

function makeDecoder(type: Compound): Decode | undefined {
  if ("list" in type) return type.list === "u8" ? decodeBytes : listDecoder(type.list);
  if ("option" in type) return optionDecoder(type.option);
  if ("tuple" in type) return tupleDecoder(type.tuple);
  if ("record" in type) return recordDecoder(type.record);
  if ("variant" in type) return variantDecoder(type.variant);
  if ("result" in type) return resultDecoder(type.result);
  return "flags" in type ? (wire) => new Set(wire as string[]) : undefined;
}

function isWide(type: string): boolean {
  return type === "u64" || type === "s64";
}

function decodeWide(wire: unknown): bigint {
  return BigInt(wire as string);
}

function decodeBytes(wire: unknown): Uint8Array {
  return Uint8Array.fromBase64(wire as string, { alphabet: "base64url" });
}

function listDecoder(of: Type): Decode | undefined {
  const decode = decoderOf(of);
  return decode && ((wire) => (wire as unknown[]).map((part) => decode(part)));
}

/** An option in an option is wrapped on both sides, so that its two nothings differ. */
function optionDecoder(of: Type): Decode {
  const decode = decoderOf(of) ?? ((wire) => wire);
  if (typeof of !== "string" && "option" in of) {
    return (wire) => wire === null ? undefined : { some: decode((wire as { some: unknown }).some) };
  }
  return (wire) => wire === null ? undefined : decode(wire);
}

function tupleDecoder(types: readonly Type[]): Decode | undefined {
  const decoders = types.map(decoderOf);
  if (decoders.every((decode) => decode === undefined)) return undefined;
  return (wire) =>
    (wire as unknown[]).map((part, at) => {
      const decode = decoders[at];
      return decode ? decode(part) : part;
    });
}

/** What is absent becomes no property at all. */
function recordDecoder(fields: readonly (readonly [string, Type])[]): Decode | undefined {
  const parts = fields.map(([name, type]) => ({ name, key: camelOf(name), of: decoderOf(type) }));
  if (parts.every(({ name, key, of }) => name === key && of === undefined)) return undefined;
  return (wire) => {
    const native: Record<string, unknown> = {};
    for (const { name, key, of } of parts) {
      const part = (wire as Record<string, unknown>)[name];
      const value = of ? of(part) : part;
      if (value !== undefined) native[key] = value;
    }
    return native;
  };
}

function variantDecoder(cases: readonly (readonly [string, Type | null])[]): Decode | undefined {
  const decoders = new Map<string, Decode>();
  for (const [name, type] of cases) {
    const decode = type === null ? undefined : decoderOf(type);
    if (decode !== undefined) decoders.set(name, decode);
  }
  if (decoders.size === 0) return undefined;
  return (wire) => {
    const { tag, val } = wire as { tag: string; val?: unknown };
    const decode = decoders.get(tag);
    return decode ? { tag, val: decode(val) } : wire;
  };
}

function resultDecoder([ok, err]: readonly [Type | null, Type | null]): Decode | undefined {
  const decodeOk = sideDecoder(ok);
  const decodeErr = sideDecoder(err);
  if (decodeOk === undefined && decodeErr === undefined) return undefined;
  const same: Decode = (wire) => wire;
  return (wire) => {
    const outcome = wire as { ok: unknown } | { err: unknown };
    if ("ok" in outcome) return { ok: (decodeOk ?? same)(outcome.ok) };
    return { err: (decodeErr ?? same)(outcome.err) };
  };
}

/** A side without a value is null on the wire. */
function sideDecoder(type: Type | null): Decode | undefined {
  return type === null ? () => undefined : decoderOf(type);
}
