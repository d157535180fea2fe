/**
 * Values of types without parts, held against their bounds; and how it is said that one misfits.
 *
 * @module
 */

import type { Type } from "../shape.ts";

/** Where a value stands: names of parameters and fields, numbers of items. */
export type Trail = (string | number)[];

type Scalar = Extract<Type, string>;

/** Longest part of a value that is shown, in UTF-16 units. */
const MAX_SHOWN = 40;

/** A native value that is none of its type; the message says where, what and why. */
export class Misfit extends Error {
  constructor(trail: Readonly<Trail>, why: string) {
    super(`${formatTrail(trail)} ${why}`);
  }
}

/** The misfit of a value: `sighting.count is 4294967296, more than u32 takes`. */
export function misfit(trail: Readonly<Trail>, native: unknown, why: string): Misfit {
  return new Misfit(trail, native === undefined ? "is missing" : `is ${show(native)}, ${why}`);
}

/** Encoders of the types without parts. */
export const encodeScalar: Readonly<Record<Scalar, (native: unknown, trail: Trail) => unknown>> = {
  bool: (native, trail) => {
    if (typeof native !== "boolean") throw misfit(trail, native, "neither true nor false");
    return native;
  },
  u8: whole("u8", 0, 0xff),
  s8: whole("s8", -0x80, 0x7f),
  u16: whole("u16", 0, 0xffff),
  s16: whole("s16", -0x8000, 0x7fff),
  u32: whole("u32", 0, 0xffff_ffff),
  s32: whole("s32", -0x8000_0000, 0x7fff_ffff),
  u64: wide("u64", 0n, 0xffff_ffff_ffff_ffffn),
  s64: wide("s64", -0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn),
  f32: (native, trail) => {
    const number = finite(native, trail);
    if (!Number.isFinite(Math.fround(number))) throw outside(trail, number, number > 0, "f32");
    return number;
  },
  f64: finite,
  char: (native, trail) => {
    const isOne = text(native, trail).length <= 2 && [...native as string].length === 1;
    if (!isOne) throw misfit(trail, native, "not one character");
    return native;
  },
  string: text,
};

function text(native: unknown, trail: Trail): string {
  if (typeof native !== "string") throw misfit(trail, native, "not a string");
  if (!native.isWellFormed()) throw new Misfit(trail, "is a string with half of a character");
  return native;
}

function finite(native: unknown, trail: Trail): number {
  if (typeof native !== "number") throw misfit(trail, native, "not a number");
  if (!Number.isFinite(native)) throw misfit(trail, native, "which cannot travel");
  return native;
}

function whole(type: Scalar, min: number, max: number) {
  return (native: unknown, trail: Trail): number => {
    if (typeof native !== "number") throw misfit(trail, native, "not a number");
    if (!Number.isInteger(native)) throw misfit(trail, native, "not a whole number");
    if (native < min || native > max) throw outside(trail, native, native > max, type);
    return native;
  };
}

function wide(type: Scalar, min: bigint, max: bigint) {
  return (native: unknown, trail: Trail): string => {
    if (typeof native === "number") throw misfit(trail, native, `not a bigint as ${type} is`);
    if (typeof native !== "bigint") throw misfit(trail, native, "not a bigint");
    if (native < min || native > max) throw outside(trail, native, native > max, type);
    return native.toString();
  };
}

function outside(trail: Trail, native: unknown, isMore: boolean, type: Scalar): Misfit {
  return misfit(trail, native, `${isMore ? "more" : "less"} than ${type} takes`);
}

/** `sightings[3].place`. */
function formatTrail(trail: Readonly<Trail>): string {
  return trail.map((part, at) =>
    typeof part === "number" ? `[${part}]` : at === 0 ? part : `.${part}`
  ).join("");
}

/** A value in short, whatever it is. */
function show(native: unknown): string {
  if (typeof native === "string") {
    const start = JSON.stringify(native.slice(0, MAX_SHOWN).toWellFormed());
    return native.length > MAX_SHOWN ? `${start}…` : start;
  }
  if (typeof native === "bigint") return `${String(native).slice(0, MAX_SHOWN)}n`;
  if (Array.isArray(native)) return `an array of ${native.length}`;
  if (typeof native === "function") return "a function";
  if (typeof native === "object" && native !== null) {
    return `a ${native.constructor?.name ?? "Object"}`;
  }
  return String(native);
}
