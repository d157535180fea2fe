/**
 * Values of types without parts, and bytes, as JSON (PROTOCOL.md, "Values"). Pure.
 *
 * @module
 */

import type { Primitive } from "./types.ts";

/** Least and greatest value of the integers that travel as numbers. */
const RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  u8: [0, 0xff],
  s8: [-0x80, 0x7f],
  u16: [0, 0xffff],
  s16: [-0x8000, 0x7fff],
  u32: [0, 0xffff_ffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
};

/** Least and greatest value of the integers that travel as texts. */
const WIDE_RANGES: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  u64: [0n, 2n ** 64n - 1n],
  s64: [-(2n ** 63n), 2n ** 63n - 1n],
};

const BASE64_URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Whether a JSON value is a value of a type without parts. */
export function isScalar(type: Primitive, json: unknown): boolean {
  const range = RANGES[type];
  if (range !== undefined) {
    return typeof json === "number" && Number.isInteger(json) && json >= range[0] &&
      json <= range[1];
  }
  if (type === "bool") return typeof json === "boolean";
  if (type === "f64") return Number.isFinite(json);
  if (type === "f32") return Number.isFinite(json) && Number.isFinite(Math.fround(json as number));
  if (typeof json !== "string") return false;
  if (type === "string") return json.isWellFormed();
  if (type === "char") return json.length <= 2 && [...json].length === 1 && json.isWellFormed();
  return isWide(type, json);
}

function isWide(type: string, text: string): boolean {
  const range = WIDE_RANGES[type];
  if (range === undefined || !/^(?:0|-?[1-9][0-9]{0,19})$/.test(text)) return false;
  const value = BigInt(text);
  return value >= range[0] && value <= range[1];
}

/** What a JSON value of a type without parts looks like, for people. */
export function describeScalar(type: Primitive): string {
  const range = RANGES[type];
  if (range !== undefined) return `a whole number from ${range[0]} to ${range[1]}`;
  const wide = WIDE_RANGES[type];
  if (wide !== undefined) return `a decimal text from ${wide[0]} to ${wide[1]}`;
  if (type === "bool") return "true or false";
  if (type === "char") return "a text of one character";
  if (type === "string") return "a text of well-formed Unicode";
  return "a finite number";
}

/**
 * Whether a JSON value is unpadded base64url (RFC 4648 section 5) in the one form bytes have: the
 * bits that are left over must be 0.
 */
export function isBase64Url(json: unknown): boolean {
  if (typeof json !== "string" || !/^[A-Za-z0-9_-]*$/.test(json)) return false;
  const over = json.length % 4;
  if (over === 0) return true;
  const last = BASE64_URL.indexOf(json.at(-1)!);
  return over === 1 ? false : over === 2 ? last % 16 === 0 : last % 4 === 0;
}
