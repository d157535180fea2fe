/**
 * What is known of the values that a pod's tables had, so that a write can be shown beside what
 * was there before. Kept from what its runs were told; nothing is read for it.
 *
 * @module
 */

import { cutText, type ShownStep } from "./shown.ts";
import type { RunRecord, RunStep } from "./record.ts";

/** JSON texts by table and key; null where there was nothing. */
export class KnownState {
  readonly #values = new Map<string, string | null>();

  /** Takes what a run that has happened was told and did. */
  learn({ steps, end }: RunRecord): void {
    const asked = new Map<number, RunStep & { kind: "request" }>();
    for (const step of steps) {
      if (step.kind === "request") asked.set(step.step, step);
      if (step.kind === "settled" && "ok" in step.outcome) {
        const request = asked.get(step.step);
        if (request !== undefined) this.told(request.operation, request.argument, step.outcome.ok);
      }
      if ("effects" in step && end.kind !== "refused") this.#wrote(step);
    }
  }

  /** Takes the answer to a request. */
  told(operation: string, argument: string, ok: string): void {
    if (operation !== "state-get" && operation !== "state-list") return;
    try {
      const { table, key, keys } = JSON.parse(argument);
      const answer = JSON.parse(ok);
      if (keys !== undefined) {
        for (const [at, value] of answer.entries()) {
          this.#values.set(nameOf(table, keys[at]), value);
        }
      } else if (operation === "state-get") this.#values.set(nameOf(table, key), answer);
      else for (const [found, value] of answer) this.#values.set(nameOf(table, found), value);
    } catch {
      // What a pod of another make was told in another form teaches nothing.
    }
  }

  /** A write with what was there before it, when that is known; from then on that is there. */
  writes(step: ShownStep): ShownStep {
    const { table, key, after } = step.fields;
    const name = nameOf(String(table), String(key));
    const before = this.#values.get(name);
    this.#values.set(name, after === null ? null : String(after));
    if (before === undefined) return step;
    return { kind: step.kind, fields: { ...step.fields, before: before && cutText(before) } };
  }

  #wrote(step: RunStep & { kind: "commit" | "suspend" | "finish" }): void {
    for (const { table, key, value } of step.effects.writes) {
      this.#values.set(nameOf(table, key), value ?? null);
    }
  }
}

function nameOf(table: string, key: string): string {
  return JSON.stringify([table, key]);
}
