/**
 * What an edit of an interface means for those who were built for it before, in words. Pure.
 *
 * @module
 */

import type { DescribedInterface } from "./describe.ts";
import { diffTypes, type Said } from "./differences.ts";
import type { Field, FunctionType } from "./types.ts";

/** What became of a function. */
export interface FunctionChange {
  readonly function: string;
  /** `removed` and `changed` break callers, `added` does not. */
  readonly kind: "added" | "removed" | "changed";
  /** Why callers cannot call it any more, each a phrase: `parameter count was u32, is u64`. */
  readonly reasons: readonly string[];
}

/** What became of an interface. */
export interface InterfaceChange {
  readonly interface: string;
  /** Capability before; absent when the interface is new. */
  readonly before?: string;
  /** Capability afterwards; absent when the interface is gone. */
  readonly after?: string;
  /** Functions that are not as they were, in order of name. */
  readonly functions: readonly FunctionChange[];
}

/** Most reasons given for one function. */
const MAX_REASONS = 20;

/** What became of each interface that stands on either side, in order of name. */
export function diffInterfaces(
  before: readonly DescribedInterface[],
  after: readonly DescribedInterface[],
): InterfaceChange[] {
  const names = new Set([...before, ...after].map((one) => one.interface));
  return [...names].sort().map((name) => {
    const [was, is] = [before, after].map((side) => side.find((one) => one.interface === name));
    return {
      interface: name,
      ...(was === undefined ? {} : { before: was.capability }),
      ...(is === undefined ? {} : { after: is.capability }),
      functions: diffFunctions(was?.functions ?? {}, is?.functions ?? {}),
    };
  });
}

/** Whether callers that were built for what was before miss anything. */
export function isBreaking({ functions }: InterfaceChange): boolean {
  return functions.some(({ kind }) => kind !== "added");
}

type Functions = DescribedInterface["functions"];

function diffFunctions(before: Functions, after: Functions): FunctionChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].sort().flatMap((name): FunctionChange[] => {
    const [was, is] = [before[name], after[name]];
    if (was === undefined) return [{ function: name, kind: "added", reasons: [] }];
    if (is === undefined) return [{ function: name, kind: "removed", reasons: ["it is gone"] }];
    if (was.id === is.id) return [];
    return [{ function: name, kind: "changed", reasons: diffFunction(was.type, is.type) }];
  });
}

/** Why a function has another hash; at least one reason. */
function diffFunction(was: FunctionType, is: FunctionType): string[] {
  const said: string[] = [];
  const say: Said = (reason) => void said.push(reason);
  diffParams(was.params, is.params, say);
  diffTypes("the result", was.result, is.result, say);
  if (said.length === 0) return ["the interface has another name"];
  const more = said.length - MAX_REASONS;
  return more > 0 ? [...said.slice(0, MAX_REASONS), `and ${more} more`] : said;
}

function diffParams(was: readonly Field[], is: readonly Field[], say: Said): void {
  const [before, after] = [was, is].map((params) => params.map(([name]) => name));
  const kept = before!.filter((name) => after!.includes(name));
  const isOnlyRenamed = was.length === is.length && kept.length < was.length;
  for (const [at, [name, type]] of was.entries()) {
    const other = is.find(([one]) => one === name);
    if (other !== undefined) diffTypes(`parameter ${name}`, type, other[1], say);
    else if (isOnlyRenamed && !before!.includes(after![at]!)) {
      say(`parameter ${name} is called ${after![at]} now`);
      diffTypes(`parameter ${after![at]}`, type, is[at]![1], say);
    } else say(`parameter ${name} is gone`);
  }
  for (const [at, name] of after!.entries()) {
    const isNamed = before!.includes(name) ||
      (isOnlyRenamed && !after!.includes(before![at]!));
    if (!isNamed) say(`parameter ${name} is new`);
  }
  const order = after!.filter((name) => kept.includes(name));
  if (order.join() !== kept.join()) {
    say(`parameters were in the order ${before!.join(", ")}, are ${after!.join(", ")}`);
  }
}
