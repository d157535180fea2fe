/**
 * What is done at moments that a run has chosen: each is an errand that waits for its time.
 *
 * @module
 */

import type { Json } from "../json.ts";
import type { Run } from "../run.ts";
import { errandOf } from "../spread.ts";
import { type Duration, type Moment, readDuration, readMoment } from "./duration.ts";
import { isLate } from "./occasion.ts";

/** Begins the keys of errands for chosen moments. */
const LATER = "sdk:later/";

/** What is done at a moment. @param dueMs the moment itself, milliseconds since 1970 UTC */
export type LaterHandler<Note> = (note: Note, dueMs: number) => void | Promise<void>;

/** What becomes of a moment at which the pod could not run. */
export interface LaterOptions {
  /** One late run (`once`, the default), or none when it is more than five minutes late (`skip`). */
  readonly catchUp?: "once" | "skip";
}

/** How a moment is chosen. */
export interface ChosenOptions {
  /** Names it: cancels it later, and another of the same key takes its place. */
  readonly key?: string;
}

/** The note of such an errand. */
export interface Chosen {
  readonly dueMs: number;
  readonly note: Json;
  /** Key of its errand. */
  readonly key: string;
}

/** Moments for one handler. */
export class Later<Note extends Json> {
  readonly #run: Run;
  readonly #name: string;

  constructor(run: Run, name: string) {
    this.#run = run;
    this.#name = name;
  }

  /**
   * Does it at a moment, or soon when that has passed; happens when the run ends well.
   *
   * @param note given to the handler; at most 1 KiB of JSON
   */
  at(moment: Moment, note: Note, { key }: ChosenOptions = {}): void {
    const run = this.#run;
    const dueMs = readMoment(moment);
    const name = key ?? run.newId();
    choose(run, this.#name, { dueMs, note, key: this.#keyOf(name) });
  }

  /** Does it after a time. */
  after(duration: Duration, note: Note, options: ChosenOptions = {}): void {
    this.at(this.#run.nowMs + readDuration(duration), note, options);
  }

  /** Does not do it; a key that nothing has is left out. */
  cancel(key: string): void {
    this.#run.effects.cancel(this.#keyOf(key));
  }

  #keyOf(key: string): string {
    return `${LATER}${this.#name}/${key}`;
  }
}

/** The continuation of such errands. */
export function laterTaker<Note extends Json>(
  run: Run,
  name: string,
  take: LaterHandler<Note>,
  { catchUp }: LaterOptions,
): (chosen: Chosen) => Promise<void> {
  return async (chosen) => {
    const { dueMs, note } = chosen;
    // The clock was set back since.
    if (run.nowMs < dueMs) return choose(run, name, chosen);
    if (catchUp === "skip" && isLate(dueMs, run.nowMs)) return;
    await take(note as Note, dueMs);
  };
}

function choose({ effects, nowMs }: Run, name: string, chosen: Chosen): void {
  const { dueMs, key } = chosen;
  const delayMs = Math.max(1, Math.ceil(dueMs - nowMs));
  effects.withdraw(key);
  effects.post(errandOf(name, chosen, { delayMs, key }));
}
