/**
 * One run while it is recorded. On the path of every run: it keeps references and adds up lengths,
 * nothing else.
 *
 * @module
 */

import type { ErrorRecord, PeriError } from "../../model/errors.ts";
import { MAX_RUN_RECORD_BYTES } from "../../model/limits.ts";
import type { PodEnd } from "../../model/pod.ts";
import {
  idOfSeed,
  isFailure,
  type RunCall,
  type RunEnd,
  type RunRecord,
  type RunStep,
  sizeOfStep,
} from "./record.ts";

/** What a step takes beside its texts. */
const STEP_BYTES = 64;
/** What a run takes beside its steps. */
const RUN_BYTES = 256;

/** What a tape needs of who keeps it. */
export interface TapeKeeper {
  /** Which instance and what runs in it. */
  readonly about: Pick<RunRecord, "instance" | "component" | "version">;
  /** The next place among the steps of the instance. */
  nextPlace(): number;
  /** Whether an open tape may grow by so many bytes. */
  reserve(bytes: number): boolean;
  nowMs(): number;
  /** The run has ended; called once. */
  ended(tape: Tape): void;
  /** What is said of its end has changed. */
  changed(tape: Tape): void;
  /** It begins again as another run, so this one never was. */
  dropped(tape: Tape, wasOpen: boolean): void;
}

/** A run that is recorded; a {@link RunRecord} once it has ended. */
export class Tape implements RunRecord {
  readonly id: string;
  readonly steps: RunStep[];
  readonly places: number[];
  readonly #keeper: TapeKeeper;
  /** What it takes. */
  bytes = RUN_BYTES;
  tookMs = 0;
  end: RunEnd = { kind: "waits" };
  isCut = false;
  isOver = false;

  constructor(readonly call: RunCall, keeper: TapeKeeper) {
    this.id = idOfSeed(call.seed);
    this.#keeper = keeper;
    this.steps = [];
    this.places = [];
    this.add(call);
  }

  get instance(): string {
    return this.#keeper.about.instance;
  }

  get component(): RunRecord["component"] {
    return this.#keeper.about.component;
  }

  get version(): string {
    return this.#keeper.about.version;
  }

  /** Takes a step, unless the run has become larger than is kept. */
  add(step: RunStep): void {
    if (this.isCut || this.isOver) return;
    const size = STEP_BYTES + sizeOfStep(step);
    if (this.bytes + size > MAX_RUN_RECORD_BYTES || !this.#keeper.reserve(size)) {
      this.isCut = true;
      return;
    }
    this.bytes += size;
    this.steps.push(ownBytes(step));
    this.places.push(this.#keeper.nextPlace());
  }

  /** The run has ended by its own word, or gives way to a later one. */
  close(end: RunEnd): void {
    if (this.isOver) return;
    this.isOver = true;
    this.end = end;
    this.tookMs = Math.max(0, this.#keeper.nowMs() - this.call.nowMs);
    this.#keeper.ended(this);
  }

  /** What it did may not happen. */
  refuse(error: ErrorRecord): void {
    const end = { kind: "refused", error } as const;
    if (!this.isOver) return this.close(end);
    this.end = end;
    this.#keeper.changed(this);
  }

  /** What became of what it did, when that did not happen. */
  meet(
    fate:
      | { readonly kind: "refused"; readonly error: PeriError }
      | { readonly kind: "failed" | "forgotten" },
  ): void {
    if (fate.kind === "refused") this.refuse(fate.error.toRecord());
    else this.drop();
  }

  /** It broke its instance. */
  stop(reason: PodEnd): void {
    this.close({ kind: "stopped", reason });
  }

  /** Nothing of it has happened, and it begins again. */
  drop(): void {
    const wasOpen = !this.isOver;
    this.isOver = true;
    this.#keeper.dropped(this, wasOpen);
  }

  /** What it has reserved of its keeper. */
  get reserved(): number {
    return this.bytes - RUN_BYTES;
  }

  /** Whether its author has to look into it. */
  get isFailure(): boolean {
    return isFailure(this.end);
  }
}

/** Outputs may be views of a whole frame, which is not to be kept for them. */
function ownBytes(step: RunStep): RunStep {
  if (!("effects" in step) || step.effects.outputs.length === 0) return step;
  const outputs = step.effects.outputs.map(({ fd, data }) => ({ fd, data: data.slice() }));
  return { ...step, effects: { ...step.effects, outputs } };
}
