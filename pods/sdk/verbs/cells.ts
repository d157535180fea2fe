/**
 * Values as people read them. Whatever is shown is one line that cannot command a terminal.
 *
 * Names say units: what ends in `ms` is a time or how long something takes, what ends in `bytes` a
 * size.
 *
 * @module
 */

import { cleanLine } from "../text/clean.ts";
import type { Json } from "../text/json.ts";
import { readFingerprint } from "../post/recipients.ts";
import type { Type } from "../shape.ts";

/** What stands for no value. */
export const NOTHING = "-";

/** Longest text in a cell. */
const MAX_TEXT = 80;
/** Milliseconds that are more surely a time than how long something took: 1973. */
const FIRST_TIME = 1e11;
/** The last moment of the calendar. */
const LAST_TIME = 8.64e15;
/** Bytes that are shown as they are. */
const SHOWN_BYTES = 16;
/** Characters of a fingerprint in a cell. */
const SHORT_FINGERPRINT = 8;

const UNIT = /-?\b(?:ms|bytes)$/;

/** A field's name for people: `received-ms` is `received`. */
export function titleOf(name: string): string {
  return (name.replace(UNIT, "") || name).replaceAll("-", " ");
}

/**
 * A value in one cell.
 *
 * @param name of its field, which may say a unit
 */
export function formatCell(type: Type, wire: Json, name = "", max = MAX_TEXT): string {
  if (wire === null) return NOTHING;
  if (typeof type === "string") return formatScalar(type, wire, name, max);
  if ("option" in type) return formatOption(type.option, wire, name, max);
  return cleanLine(formatParts(type, wire), max) || NOTHING;
}

/** Whether a column of these values is aligned to the right. */
export function isNumeric(type: Type, name: string): boolean {
  if (typeof type !== "string") return "option" in type && isNumeric(type.option, name);
  return /^[usf]\d/.test(type) && !name.endsWith("ms");
}

function formatScalar(type: string, wire: Json, name: string, max: number): string {
  if (type === "bool") return wire === true ? "yes" : "no";
  if (type !== "string" && type !== "char") return formatNumber(wire, name);
  const text = String(wire);
  const person = text.length <= 64 && !text.includes(" ") ? readFingerprint(text) : undefined;
  if (person === undefined || max > MAX_TEXT) return cleanLine(text, max);
  return `${person.slice(0, SHORT_FINGERPRINT)}…`;
}

function formatNumber(wire: Json, name: string): string {
  if (/\bms$/.test(name)) return formatMoment(Number(wire));
  return /\bbytes$/.test(name) ? formatSize(Number(wire)) : String(wire);
}

function formatOption(of: Type, wire: Json, name: string, max: number): string {
  const isNested = typeof of !== "string" && "option" in of;
  return formatCell(of, isNested ? (wire as { some: Json }).some : wire, name, max);
}

function formatParts(type: Exclude<Type, string>, wire: Json): string {
  const inner = (of: Type | null, part: Json, name = "") =>
    of === null ? "" : formatCell(of, part, name);
  if ("list" in type) {
    if (type.list === "u8") return formatBytes(wire as string);
    return (wire as Json[]).map((part) => inner(type.list, part)).join(", ");
  }
  if ("tuple" in type) {
    return type.tuple.map((of, at) => inner(of, (wire as Json[])[at]!)).join(" ");
  }
  if ("record" in type) {
    const fields = type.record.filter(([name]) => (wire as Record<string, Json>)[name] !== null);
    return fields.map(([name, of]) =>
      `${titleOf(name)}: ${inner(of, (wire as Record<string, Json>)[name]!, name)}`
    ).join(", ");
  }
  if ("variant" in type) {
    const { tag, val = null } = wire as { tag: string; val?: Json };
    const of = type.variant.find(([name]) => name === tag)?.[1] ?? null;
    return `${titleOf(tag)} ${inner(of, val)}`.trimEnd();
  }
  if ("result" in type) {
    const outcome = wire as { ok: Json } | { err: Json };
    const isOk = "ok" in outcome;
    const text = isOk ? inner(type.result[0], outcome.ok) : inner(type.result[1], outcome.err);
    return `${isOk ? "ok" : "failed"}${text === "" ? "" : `: ${text}`}`;
  }
  return "flags" in type ? (wire as string[]).join(", ") : String(wire);
}

/** `2027-01-15 08:00:00` in UTC for a time; `1.5 s` for how long something takes. */
function formatMoment(ms: number): string {
  if (Math.abs(ms) >= FIRST_TIME && Math.abs(ms) <= LAST_TIME) {
    return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
  }
  const units: readonly [size: number, unit: string][] = [
    [86_400_000, "days"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1_000, "s"],
  ];
  const [size, unit] = units.find(([size]) => Math.abs(ms) >= size) ?? [1, "ms"];
  return `${Number((ms / size).toFixed(1))} ${unit}`;
}

/** `1.5 KiB`. */
function formatSize(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let [size, at] = [bytes, 0];
  while (Math.abs(size) >= 1024 && at < units.length - 1) [size, at] = [size / 1024, at + 1];
  return `${Number(size.toFixed(1))} ${bytes === 1 ? "byte" : units[at]}`;
}

/** The size, and the first bytes in hex. */
function formatBytes(wire: string): string {
  const bytes = Uint8Array.fromBase64(wire, { alphabet: "base64url" });
  const start = bytes.subarray(0, SHOWN_BYTES).toHex();
  const more = bytes.length > SHOWN_BYTES ? "…" : "";
  return bytes.length === 0 ? "no bytes" : `${formatSize(bytes.length)} ${start}${more}`;
}
