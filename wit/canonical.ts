/**
 * Capabilities: what an interface is called by its content (PROTOCOL.md, "Capabilities"). Pure.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type FunctionType, WitError } from "./types.ts";

/** A JSON value. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * Canonical text of a JSON value (RFC 8785): no blanks, keys sorted by UTF-16 units, numbers and
 * texts as ECMAScript writes them.
 *
 * @throws {WitError} for a number that is not finite and a text that is not well-formed Unicode.
 */
export function formatCanonical(value: Json): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new WitError(`${value} has no canonical form`);
  }
  if (typeof value === "string" && !value.isWellFormed()) {
    throw new WitError("a text that is not well-formed Unicode has no canonical form");
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(formatCanonical).join(",")}]`;
  const members = Object.keys(value).sort().map((key) =>
    `${formatCanonical(key)}:${formatCanonical(value[key]!)}`
  );
  return `{${members.join(",")}}`;
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

/** Canonical JSON text of a function's type. */
export function formatFunctionType(type: FunctionType): string {
  return formatCanonical(type as unknown as Json);
}

/**
 * Function hash: 64 lower-case hex digits.
 *
 * @param interfaceName without version, `peri:hey/mail`
 */
export function hashFunction(interfaceName: string, name: string, type: FunctionType): string {
  return hash(`peri function 1\n${interfaceName}\n${name}\n${formatFunctionType(type)}`);
}

/**
 * Capability of an interface: 64 lower-case hex digits. The order of `functions` does not count.
 *
 * @param functions function hashes by name
 */
export function hashInterface(
  interfaceName: string,
  functions: Readonly<Record<string, string>>,
): string {
  const lines = Object.keys(functions).sort().map((name) => `${name} ${functions[name]}\n`);
  return hash(`peri capability 1\n${interfaceName}\n${lines.join("")}`);
}

function hash(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
