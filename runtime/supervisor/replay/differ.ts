/**
 * What a pod does beside what it did: which steps are the same, which are others, which are gone.
 *
 * @module
 */

import { describe, isSame, showMissing, type ShownStep } from "./shown.ts";

/** A step, and what stands in its place in the record when that is something else. */
export interface Compared {
  readonly step: ShownStep;
  readonly differs?: string;
}

/** What stands in the record where nothing does. */
export const NOTHING = "nothing";

/** Steps of now in their order, each beside its own of then, and then those that are gone. */
export function compareSteps(now: readonly ShownStep[], then: readonly ShownStep[]): Compared[] {
  const rest = [...then];
  const take = (isIt: (was: ShownStep) => boolean) => {
    const at = rest.findIndex(isIt);
    return at === -1 ? undefined : rest.splice(at, 1)[0];
  };
  // What is the same is nobody else's.
  const same = now.map((step) => take((was) => isSame(was, step)) !== undefined);
  const compared = now.map((step, index): Compared => {
    if (same[index]) return { step };
    const was = take((one) => isOfSame(one, step));
    return { step, differs: was === undefined ? NOTHING : describe(was) };
  });
  return [...compared, ...rest.map(missing)];
}

/** That a step is gone. */
export function missing(was: ShownStep): Compared {
  return { step: showMissing(was), differs: describe(was) };
}

/** Whether two steps are about the same, so that one can stand in the other's place. */
function isOfSame(a: ShownStep, b: ShownStep): boolean {
  if (isEnd(a) && isEnd(b)) return true;
  if (a.kind !== b.kind) return false;
  const { table, key } = a.fields;
  return a.kind !== "writes" || table === b.fields.table && key === b.fields.key;
}

function isEnd({ kind }: ShownStep): boolean {
  return kind === "ends" || kind === "waits" || kind === "did";
}
