/**
 * What is done at moments that a run has chosen: each is an errand that waits for its time.
 *
 * @module
 */

import { formatJson, type Json } from "../text/json.ts";
import { Refusal } from "../refusal.ts";
import type { Run } from "../run.ts";
import { errandOf } from "../post/dispatch.ts";
import { sizeUtf8 } from "../text/utf8.ts";
import { type Duration, type Moment, readDuration, readMoment } from "./duration.ts";
import { checkName } from "./name.ts";
import { isLate } from "./occasion.ts";

/** Begins the keys of errands for chosen moments. */
const LATER = "sdk:later/";
/** With the name and what stands before, it is at most `MAX_CALL_KEY_BYTES` of the periphery. */
const MAX_KEY_BYTES = 180;
/** With the key and the moment, it is at most `MAX_LATER_BYTES` of the periphery. */
const MAX_NOTE_BYTES = 1024;

/** What is done at a moment. @param dueMs the moment itself, milliseconds since 1970 UTC */
export type LaterHandler<Note> = (note: Note, dueMs: number) => void | Promise<void>;

/** What becomes of a moment at which the pod could not run. */
export interface LaterOptions {
  /** One late run (`once`, the default), or none when it is more than five minutes late (`skip`). */
  readonly catchUp?: "once" | "skip";
}

/** How a moment is chosen. */
export interface ChosenOptions {
  /** Names it: cancels it later, and another of the same key takes its place. At most 180 bytes. */
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

  /** @throws {Error} for a name that is none. */
  constructor(run: Run, name: string) {
    checkName(name, "what is done later");
    this.#run = run;
    this.#name = name;
  }

  /**
   * Does it at a moment, or soon when that has passed; happens when the run ends well.
   *
   * @param note given to the handler; at most 1 KiB of JSON
   * @throws {Refusal} `invalid` for no moment of the next ten years, `too-large` for a longer note or
   * key.
   */
  at(moment: Moment, note: Note, { key }: ChosenOptions = {}): void {
    const run = this.#run;
    const dueMs = readMoment(moment, run.nowMs);
    this.#check("note", formatJson(note), MAX_NOTE_BYTES);
    const name = key ?? run.newId();
    this.#check("key", name, MAX_KEY_BYTES);
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

  #check(what: string, text: string, max: number): void {
    const bytes = sizeUtf8(text);
    if (bytes <= max) return;
    const subject = `its ${what} of ${bytes} bytes is longer than ${max}`;
    const hint = "keep what is long in a table, and name its row";
    throw new Refusal("too-large", { op: `${this.#name} later`, subject, hint });
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
