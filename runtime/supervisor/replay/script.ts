/**
 * What is to come by the record of a story: which events the pod is given when, what it is
 * expected to say, and what it is answered.
 *
 * @module
 */

import type { PodOutput, RunOutcome } from "../../model/pod.ts";
import type { RunRecord, RunStep } from "./record.ts";
import type { Segment } from "./story.ts";

/** A request of a pod. */
export type Request = PodOutput & { readonly kind: "request" };

/** A step of the record. */
export interface Line {
  readonly part: RunRecord;
  readonly step: RunStep;
  /** It was given to the pod, or the pod has said it again. */
  isOver: boolean;
}

/** What stands in the record for something that the pod says. */
export interface Match {
  /** Absent when nothing does. */
  readonly line?: Line;
  /** What the pod said next then, when that is another thing. */
  readonly instead?: Line;
}

/** The steps of one instance, in the order in which they passed. */
export class Script {
  readonly lines: readonly Line[];
  #at = 0;

  constructor(segment: Segment) {
    const placed = segment.flatMap((part) =>
      part.steps.map((step, index) => ({
        place: part.places[index]!,
        line: { part, step, isOver: false },
      }))
    );
    this.lines = placed.sort((a, b) => a.place - b.place).map(({ line }) => line);
  }

  /** Whether all that is on record has happened. */
  get isOver(): boolean {
    return this.lines.every(({ isOver }) => isOver);
  }

  /** What the pod is given now: all that it was told before it said something more. */
  next(): Line[] {
    const lines: Line[] = [];
    for (; this.#at < this.lines.length; this.#at++) {
      const line = this.lines[this.#at]!;
      if (line.isOver) continue;
      if (isSaid(line.step)) return lines;
      line.isOver = true;
      lines.push(line);
    }
    return lines;
  }

  /** Finds what the pod says in the record, where it then counts as said. */
  match(said: PodOutput): Match {
    const open = this.lines.filter(({ step, isOver }) =>
      !isOver && isSaid(step) && isOfSame(step, said)
    );
    const [first] = open;
    const line = open.find(({ step }) => isAlike(step, said)) ??
      (said.kind === "request" || said.kind === "log" ? undefined : open.find(isDone));
    if (line !== undefined) line.isOver = true;
    if (line === first || first === undefined) return line === undefined ? {} : { line };
    return line === undefined ? { instead: first } : { line, instead: first };
  }

  /** Takes the first call that was not given yet. */
  nextCall(): Line | undefined {
    return this.#take(({ kind }) => kind === "call");
  }

  /** Takes the next input of a run that was not given yet; empty at its end. */
  nextChunk(invocation: number): Uint8Array {
    const line = this.#take((step) => step.kind === "chunk" && step.invocation === invocation);
    return line?.step.kind === "chunk" ? line.step.data : new Uint8Array();
  }

  /** What the pod was told when it asked in a step of a run. */
  outcomeOf({ invocation, step }: Pick<Request, "invocation" | "step">): RunOutcome | undefined {
    for (const { step: told } of this.lines) {
      if (told.kind === "settled" && told.invocation === invocation && told.step === step) {
        return told.outcome;
      }
    }
    return undefined;
  }

  /** What the pod was told when it asked for the same, in whatever step. */
  answerTo(request: Request): RunOutcome | undefined {
    for (const { step } of this.lines) {
      if (step.kind !== "request" || !isAlike(step, request)) continue;
      const outcome = this.outcomeOf(step);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }

  /** What it has not said again. */
  rest(): Line[] {
    return this.lines.filter(({ step, isOver }) => !isOver && isSaid(step));
  }

  #take(isWanted: (step: RunStep) => boolean): Line | undefined {
    const line = this.lines.find(({ step, isOver }) => !isOver && isWanted(step));
    if (line !== undefined) line.isOver = true;
    return line;
  }
}

/** Whether a step is the pod's. */
export function isSaid(step: RunStep): step is PodOutput {
  return step.kind === "log" || step.kind === "request" || "effects" in step;
}

/** Whether two things that a pod says belong to the same run, as far as they tell. */
function isOfSame(step: PodOutput, said: PodOutput): boolean {
  if (step.kind === "log" || said.kind === "log") return step.kind === said.kind;
  return step.invocation === said.invocation;
}

/** Whether two things that a pod says are to be held against each other. */
function isAlike(step: RunStep, said: PodOutput): boolean {
  if (step.kind !== said.kind) return false;
  if (step.kind === "request" && said.kind === "request") {
    return step.operation === said.operation && step.argument === said.argument;
  }
  return step.kind !== "log" || said.kind === "log" && step.line === said.line;
}

function isDone({ step }: Line): boolean {
  return "effects" in step;
}
