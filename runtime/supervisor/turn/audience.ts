/**
 * What becomes of the visits that the turns of one instance were for: they are told what was done
 * once it is on disk, begin again in the next instance, or hear why not.
 *
 * @module
 */

import { PeriError, toPeriError } from "../../model/errors.ts";
import type { PodRef } from "../../model/words.ts";
import type { Visit } from "../visit/visit.ts";
import type { TurnFate } from "./commits.ts";
import type { CheckedEffects } from "./effects.ts";
import { failureOf, stoppedAtWork } from "./report.ts";
import type { Run } from "./run.ts";
import type { TurnMatter } from "./stream.ts";

/** The visits of one instance. */
export class Audience {
  /** Those that another instance begins again. */
  readonly again: Visit[] = [];

  constructor(private readonly ref: PodRef) {}

  /** A visit whose instance, or run, comes to nothing; it begins again if nobody can tell. */
  beginAgain(visit: Visit, reason: string): void {
    if (visit.isOver) return;
    if (visit.parting) return visit.fail(visit.parting);
    if (visit.isTouched || visit.isCancelled) return visit.fail(stoppedAtWork(this.ref, reason));
    this.again.push(visit);
  }

  /** The instance ends with these runs under way, and these visits still to be given to it. */
  leave(runs: readonly Run[], waiting: readonly Visit[], reason: string): void {
    for (const run of runs) if (run.kind === "visit") this.beginAgain(run.visit, reason);
    this.again.push(...waiting);
  }

  /**
   * Tells a visit of a part of its run, or its end, whose fate is known.
   *
   * @returns why the pod must stop: its visitor reads nothing of what it says
   */
  tell(
    visit: Visit,
    fate: TurnFate,
    { outputs }: CheckedEffects,
    { run, outcome }: TurnMatter,
  ): string | undefined {
    if (visit.isOver) return;
    if (fate.kind === "refused") return void visit.fail(fate.error);
    if (fate.kind === "failed") return void visit.fail(toPeriError(fate.cause, "commit a run"));
    if (fate.kind === "forgotten") return void this.beginAgain(visit, "an earlier run failed");
    if (!visit.show(outputs)) {
      const subject = "nobody reads its output";
      visit.fail(new PeriError("too-large", { op: "run a command", subject }));
      return subject;
    }
    if (outcome === undefined) visit.isTouched = true;
    else if ("ok" in outcome) visit.resolve(outcome.ok);
    else visit.fail(failureOf(this.ref, visit, outcome.error, run.tape));
  }
}
