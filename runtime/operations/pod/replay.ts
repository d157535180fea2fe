/**
 * `pod.replay`: what runs of a pod did, and the same again.
 *
 * @module
 */

import type { JsonRecord } from "../../model/control.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_COMPONENT_BYTES } from "../../model/limits.ts";
import type { PodRef } from "../../model/words.ts";
import type { Operation, Session } from "../../ports/session.ts";
import {
  COMMAND_FACE,
  describeStep,
  type ListedRun,
  type ReplayChoice,
  type ReplayEnd,
  type RunEnd,
} from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";
import { podsOf } from "../outbox/letters.ts";
import { actorOf, optionalTextOf, podOf, readInput, switchOf } from "../wishes.ts";

/** Runs listed unless all are wanted. */
const LISTED = 30;
/** Longest words of a command that are listed. */
const MAX_WORDS = 190;

/**
 * `{pod, all?}` → one record a run, the latest first:
 * `{id, atMs, pod, from, function, command?, ended, tookMs, version, of?}`; without a pod those of all.
 *
 * `{pod, id, with?, installed?}`, with another build as input if `with` is set → one record a step,
 * `{step, run, kind, …, differs?}`, and last `{kind: "result", steps, differences, version, ranIn}`.
 *
 * @throws {PeriError} `conflict` when what ran then does something else now.
 */
export function replayPod({ supervisor }: Pick<Home, "supervisor">): Operation {
  return async (args, session) => {
    const id = optionalTextOf(args, "id");
    if (id !== undefined) return await replay(supervisor, args, session, id);
    const pods = optionalTextOf(args, "pod") === undefined
      ? podsOf({ supervisor }, actorOf(session))
      : [podOf(args, session)];
    for (const ref of pods) {
      const runs = (await supervisor.replays.list(ref)).reverse();
      for (const run of switchOf(args, "all") ? runs : runs.slice(0, LISTED)) {
        session.item(listed(ref, run));
      }
    }
    return 0;
  };
}

async function replay(
  { replays }: Home["supervisor"],
  args: JsonRecord,
  session: Session,
  id: string,
): Promise<number> {
  const ref = podOf(args, session);
  const end = await replays.replay({
    ref,
    id: id.toLowerCase(),
    ...await buildOf(args, session),
    signal: session.interrupted,
    begin: (choice) => session.note(announce(ref, choice)),
    show: (step, { id: run }, { kind, fields }, differs) =>
      session.item({ step, run, kind, ...fields, ...differs === undefined ? {} : { differs } }),
  });
  if (session.interrupted.aborted) return 130;
  if (end.isSame && end.first !== undefined) throw diverged(ref, end, end.first);
  const { steps, differences, version, run } = end;
  session.item({ kind: "result", steps, differences, version, ranIn: run.version });
  return 0;
}

async function buildOf(
  args: JsonRecord,
  session: Session,
): Promise<{ readonly with?: Uint8Array<ArrayBuffer> | "installed" }> {
  if (switchOf(args, "with")) {
    return { with: await readInput(session, MAX_COMPONENT_BYTES, "read the component") };
  }
  return switchOf(args, "installed") ? { with: "installed" } : {};
}

function announce({ pod }: PodRef, { run, version, isSame }: ReplayChoice): string {
  const ran = `run ${run.id} of ${pod} ${run.version}`;
  return isSame ? `${ran} again` : `${ran} again, with another build: ${version}`;
}

/** Time and chance come in with a call, so the same build must do the same. */
function diverged(
  { pod }: PodRef,
  { run }: ReplayEnd,
  { number, step, was }: NonNullable<ReplayEnd["first"]>,
): PeriError {
  const now = step.kind === "missing" ? "nothing" : shorten(describeStep(step));
  return new PeriError("conflict", {
    op: `replay ${run.id} of ${pod}`,
    subject: `step ${number} is ${now}; when it ran, it was ${shorten(was)}`,
    hint: "what a handler does may depend on its call, its tables and run.random alone, " +
      "not on variables outside of it",
  });
}

function shorten(text: string): string {
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}

function listed({ pod }: PodRef, run: ListedRun): JsonRecord {
  const { id, call, end, tookMs, version, of } = run;
  const { interface: face, function: called, nowMs } = call;
  return {
    id,
    atMs: nowMs,
    pod,
    from: askedBy(call),
    function: face === "" ? called : `${face}#${called}`,
    command: wordsOf(run),
    ended: formatEnd(end),
    tookMs,
    version,
    ...of === undefined ? {} : { of },
  };
}

/** A pod, a person at a terminal, or the server itself, which calls what is in no interface. */
function askedBy({ caller, interface: face }: ListedRun["call"]): string {
  if (caller.pod !== undefined) return `${caller.person}/${caller.pod}`;
  return face === "" ? "the server" : "terminal";
}

/** What a person typed, when the run is for that and it is not too long. */
function wordsOf({ call }: ListedRun): string | undefined {
  if (call.interface !== COMMAND_FACE || call.function !== "run") return undefined;
  const [, words] = /^\[(\[.*\]),(?:true|false)\]$/.exec(call.arguments) ?? [];
  if (words === undefined || words.length > MAX_WORDS) return undefined;
  return (JSON.parse(words) as string[]).join(" ");
}

function formatEnd(end: RunEnd): string {
  switch (end.kind) {
    case "waits":
      return "waits";
    case "stopped":
      return `stopped: ${end.reason}`;
    case "refused":
      return `refused: ${end.error.subject}`;
    case "ended":
      return "ok" in end.outcome ? "ok" : `${end.outcome.error.kind}: ${end.outcome.error.subject}`;
  }
}
