/**
 * How two types differ, part by part, in words. Pure.
 *
 * @module
 */

import { typeText } from "./format.ts";
import type { CanonicalType, FunctionType } from "./types.ts";

/** Takes one difference as a phrase: `parameter count was u32, is u64`. */
export type Said = (reason: string) => void;

/** Longest text of a type that is shown. */
const MAX_TYPE = 80;

/** Says every difference of two types that stand at the same place; null stands for nothing. */
export function diffTypes(
  at: string,
  was: FunctionType["result"],
  is: FunctionType["result"],
  say: Said,
): void {
  if (isSame(was, is)) return;
  if (was !== null && is !== null && typeof was !== "string" && typeof is !== "string") {
    if ("stream" in was && "stream" in is) {
      return diffTypes(`each item of ${at}`, was.stream, is.stream, say);
    }
    if (!("stream" in was) && !("stream" in is) && diffConstructed(at, was, is, say)) return;
  }
  say(`${at} was ${textOf(was)}, is ${textOf(is)}`);
}

type Constructed = Exclude<CanonicalType, string>;

/** Whether both are of one kind, so that their parts tell more than the whole. */
function diffConstructed(at: string, was: Constructed, is: Constructed, say: Said): boolean {
  const both = <Kind extends string>(kind: Kind) => kind in was && kind in is;
  if (both("list")) {
    diffTypes(`each of ${at}`, part(was, "list"), part(is, "list"), say);
  } else if (both("option")) {
    diffTypes(`${at}, when it is there,`, part(was, "option"), part(is, "option"), say);
  } else if ("tuple" in was && "tuple" in is && was.tuple.length === is.tuple.length) {
    for (const [index, type] of was.tuple.entries()) {
      diffTypes(`${at}, number ${index + 1},`, type, is.tuple[index]!, say);
    }
  } else if ("result" in was && "result" in is) {
    diffTypes(`${at} when it succeeds`, was.result[0], is.result[0], say);
    diffTypes(`${at} when it fails`, was.result[1], is.result[1], say);
  } else if ("record" in was && "record" in is) {
    diffMembers({ at, what: "field" }, was.record, is.record, say);
  } else if ("variant" in was && "variant" in is) {
    diffMembers({ at, what: "case" }, was.variant, is.variant, say);
  } else if ("enum" in was && "enum" in is) {
    diffMembers({ at, what: "name" }, was.enum.map(bare), is.enum.map(bare), say);
  } else if ("flags" in was && "flags" in is) {
    diffMembers({ at, what: "flag" }, was.flags.map(bare), is.flags.map(bare), say);
  } else return false;
  return true;
}

type Member = readonly [name: string, type: CanonicalType | null];

function diffMembers(
  { at, what }: { readonly at: string; readonly what: string },
  was: readonly Member[],
  is: readonly Member[],
  say: Said,
): void {
  for (const [name, type] of was) {
    const other = is.find(([one]) => one === name);
    if (other === undefined) say(`${what} ${name} of ${at} is gone`);
    else diffTypes(`${what} ${name} of ${at}`, type, other[1], say);
  }
  for (const [name] of is) {
    if (!was.some(([one]) => one === name)) say(`${what} ${name} of ${at} is new`);
  }
  const kept = (some: readonly Member[], others: readonly Member[]) =>
    some.map(([name]) => name).filter((name) => others.some(([one]) => one === name)).join(", ");
  const [before, after] = [kept(was, is), kept(is, was)];
  if (before !== after) say(`${what}s of ${at} were in the order ${before}, are ${after}`);
}

function part(type: Constructed, kind: string): CanonicalType {
  return (type as unknown as Record<string, CanonicalType>)[kind]!;
}

function bare(name: string): Member {
  return [name, null];
}

function isSame(was: FunctionType["result"], is: FunctionType["result"]): boolean {
  return JSON.stringify(was) === JSON.stringify(is);
}

function textOf(type: FunctionType["result"]): string {
  if (type === null) return "nothing";
  const text = typeof type === "object" && "stream" in type
    ? `stream<${typeText(type.stream, new Map())}>`
    : typeText(type, new Map());
  return text.length > MAX_TYPE ? `${text.slice(0, MAX_TYPE)}…` : text;
}
