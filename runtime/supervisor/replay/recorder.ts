/**
 * The latest runs of all pods, in memory: what `peri pod replay` runs again. Those that failed go
 * to disk as well ({@link FailedRuns}).
 *
 * @module
 */

import { MAX_ALL_RUN_BYTES, MAX_POD_RUN_BYTES, MAX_POD_RUNS } from "../../model/limits.ts";
import { type BlobId, formatPodRef, type PodRef } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Store } from "../../ports/store.ts";
import { FailedRuns } from "./failed.ts";
import { type RunCall, type RunRecord, type RunSummary, summaryOf } from "./record.ts";
import { goesOn, partsBefore } from "./story.ts";
import { Tape, type TapeKeeper } from "./tape.ts";

/** The runs of one pod in memory. */
interface PodRuns {
  readonly ref: PodRef;
  /** Oldest first. */
  readonly tapes: Set<Tape>;
  bytes: number;
}

/** Bytes that runs which have not ended may take, all together. */
const MAX_OPEN_BYTES = MAX_ALL_RUN_BYTES / 2;

/** Keeps what pods were told and said. What it gives is for the pod's own person alone. */
export class Recorder {
  readonly #pods = new Map<string, PodRuns>();
  /** Those of all pods that have ended, oldest first, with whose they are. */
  readonly #all = new Map<Tape, PodRuns>();
  readonly #clock: Clock;
  readonly #failed: FailedRuns;
  readonly #startMs: number;
  #instances = 0;
  #bytes = 0;
  #openBytes = 0;

  constructor(store: Store, clock: Clock, log: Log) {
    this.#clock = clock;
    this.#startMs = clock.nowMs();
    this.#failed = new FailedRuns(store, clock, log);
  }

  /** Records what an instance of a pod does from now on. */
  open(ref: PodRef, component: BlobId, version: string): Reel {
    // No instance before or after has this name, also not one of a process before this one.
    const instance = `${this.#startMs.toString(36)}-${++this.#instances}`;
    return new Reel({ instance, component, version }, {
      nowMs: () => this.#clock.nowMs(),
      reserve: (bytes) => this.#reserve(bytes),
      ended: (tape) => this.#take(ref, tape),
      changed: (tape) => this.#keepFailed(ref, tape),
      dropped: (tape, wasOpen) => this.#drop(ref, tape, wasOpen),
    });
  }

  /** What is known of the runs of a pod, oldest first. */
  async list(ref: PodRef): Promise<RunSummary[]> {
    const here = [...this.#pods.get(formatPodRef(ref))?.tapes ?? []];
    const names = new Set(here.map(nameOf));
    const kept = (await this.#failed.list(ref)).filter((run) => !names.has(nameOf(run)));
    const all = [...kept, ...here.map((tape) => summaryOf(tape, tape.bytes))];
    return all.sort((a, b) => a.call.nowMs - b.call.nowMs);
  }

  /** What is kept of the runs of a pod that one may need to run one again, oldest first. */
  async records(ref: PodRef): Promise<RunRecord[]> {
    const here = [...this.#pods.get(formatPodRef(ref))?.tapes ?? []];
    const names = new Set(here.map(nameOf));
    const kept = (await this.#failed.records(ref)).filter((run) => !names.has(nameOf(run)));
    return [...kept, ...here].sort((a, b) =>
      a.call.nowMs - b.call.nowMs || a.places[0]! - b.places[0]!
    );
  }

  /** Forgets a pod; its rows go with its partition. */
  async forget(ref: PodRef): Promise<void> {
    for (const tape of this.#pods.get(formatPodRef(ref))?.tapes ?? []) this.#remove(tape);
    this.#pods.delete(formatPodRef(ref));
    await this.#failed.forget(ref);
  }

  /** Writes what is still to be written. */
  async close(): Promise<void> {
    await this.#failed.close();
  }

  #reserve(bytes: number): boolean {
    if (this.#openBytes + bytes > MAX_OPEN_BYTES) return false;
    this.#openBytes += bytes;
    return true;
  }

  #take(ref: PodRef, tape: Tape): void {
    this.#openBytes -= tape.reserved;
    const pod = this.#podOf(ref);
    pod.tapes.add(tape);
    pod.bytes += tape.bytes;
    this.#bytes += tape.bytes;
    this.#all.set(tape, pod);
    this.#keepFailed(ref, tape);
    const isOver = () => pod.bytes > MAX_POD_RUN_BYTES || pod.tapes.size > MAX_POD_RUNS;
    while (isOver() && pod.tapes.size > 1) this.#remove(oldest(pod.tapes));
    while (this.#bytes > MAX_ALL_RUN_BYTES) this.#remove(oldest(this.#all.keys()));
  }

  /** With it goes what its run did before it waited: without that it cannot be run again. */
  #keepFailed(ref: PodRef, tape: Tape): void {
    if (!tape.isFailure) return;
    if (goesOn(tape)) {
      for (const part of partsBefore(tape, this.#podOf(ref).tapes)) this.#failed.keep(ref, part);
    }
    this.#failed.keep(ref, tape);
  }

  #drop(ref: PodRef, tape: Tape, wasOpen: boolean): void {
    if (wasOpen) this.#openBytes -= tape.reserved;
    if (this.#all.has(tape)) this.#remove(tape);
    this.#failed.drop(ref, tape);
  }

  #remove(tape: Tape): void {
    const pod = this.#all.get(tape)!;
    this.#all.delete(tape);
    pod.tapes.delete(tape);
    pod.bytes -= tape.bytes;
    this.#bytes -= tape.bytes;
    if (pod.tapes.size === 0) this.#pods.delete(formatPodRef(pod.ref));
  }

  #podOf(ref: PodRef): PodRuns {
    const name = formatPodRef(ref);
    const known = this.#pods.get(name);
    if (known !== undefined) return known;
    const pod = { ref, tapes: new Set<Tape>(), bytes: 0 };
    this.#pods.set(name, pod);
    return pod;
  }
}

/** The runs of one instance. */
export class Reel implements TapeKeeper {
  readonly nowMs: TapeKeeper["nowMs"];
  readonly reserve: TapeKeeper["reserve"];
  readonly ended: TapeKeeper["ended"];
  readonly changed: TapeKeeper["changed"];
  readonly dropped: TapeKeeper["dropped"];
  #places = 0;

  constructor(
    readonly about: TapeKeeper["about"],
    keeper: Omit<TapeKeeper, "about" | "nextPlace">,
  ) {
    this.nowMs = keeper.nowMs;
    this.reserve = keeper.reserve;
    this.ended = keeper.ended;
    this.changed = keeper.changed;
    this.dropped = keeper.dropped;
  }

  nextPlace(): number {
    return ++this.#places;
  }

  /** Records a run from its call on. */
  begin(call: RunCall): Tape {
    return new Tape(call, this);
  }
}

function oldest<Value>(values: Iterable<Value>): Value {
  for (const value of values) return value;
  throw new RangeError("there is none");
}

/** A name that no other run of the pod has. */
function nameOf({ instance, call }: Pick<RunRecord, "instance" | "call">): string {
  return `${instance} ${call.invocation}`;
}
