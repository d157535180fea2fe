/**
 * Which runs are one story: a handler that awaits others is several of them (PROTOCOL.md,
 * "Suspended runs").
 *
 * @module
 */

import { idOfSeed, type RunRecord, type RunSummary } from "./record.ts";

/** Runs of one story that happened in the same instance, in order; others go on in a fresh one. */
export type Segment = readonly RunRecord[];

/** The continuations with which a run goes on that waited. */
const GOES_ON: ReadonlySet<string> = new Set(["sdk:settle", "sdk:give-up"]);
/** The call that tells a pod that nobody wants an answer any more. */
const CANCELLED = "cancelled";

/** The runs of the story to which a run belongs, oldest first; it alone when it never waited. */
export function storyOf(run: RunRecord, all: readonly RunRecord[]): Segment[] {
  const name = nameOf(run);
  const parts = all.filter((one) => nameOf(one) === name);
  const handle = parts.find(({ call }) => call.handle !== undefined)?.call.handle;
  const isPart = (one: RunRecord) =>
    one === run || parts.includes(one) || handle !== undefined && endedHandle(one) === handle;
  const segments: RunRecord[][] = [];
  for (const part of all.filter(isPart)) {
    const last = segments.at(-1);
    if (last?.[0]?.instance === part.instance) last.push(part);
    else segments.push([part]);
  }
  return segments;
}

/** The runs of the same instance that this one goes on with, oldest first. */
export function partsBefore<Run extends RunRecord>(run: Run, all: Iterable<Run>): Run[] {
  const name = nameOf(run);
  return [...all].filter((one) =>
    one !== run && one.instance === run.instance && nameOf(one) === name
  );
}

/** The id of the run that goes on in this one; undefined when it is its own. */
export function beginningOf(run: Pick<RunSummary, "call">): string | undefined {
  const name = nameOf(run);
  if (!goesOn(run) || name === undefined) return undefined;
  const seed = parseInt(name.slice(name.indexOf("-") + 1), 36);
  return Number.isSafeInteger(seed) ? idOfSeed(seed) : undefined;
}

/** Whether a run goes on with one that waited. */
export function goesOn({ call }: Pick<RunSummary, "call">): boolean {
  return call.interface === "" && GOES_ON.has(call.function);
}

/** What the SDK calls a run in the notes of its posts. */
function nameOf(run: Pick<RunSummary, "call">): string | undefined {
  const { call } = run;
  if (!goesOn(run)) return `${call.nowMs.toString(36)}-${call.seed.toString(36)}`;
  return /^\[\{[^}]{0,100}"run":"([0-9a-z-]{1,40})"/.exec(call.arguments)?.[1];
}

function endedHandle({ call }: RunRecord): string | undefined {
  if (call.interface !== "" || call.function !== CANCELLED) return undefined;
  return /^\["([^"]+)"\]$/.exec(call.arguments)?.[1];
}
