/**
 * Runs of pods, to be looked at and to be run again (`peri pod replay`).
 *
 * @module
 */

import type { Shares } from "../guests/shares.ts";
import { PeriError } from "../../model/errors.ts";
import type { Manifest, PodProgram } from "../../model/pod.ts";
import type { BlobId, PodRef } from "../../model/words.ts";
import type { Blobs } from "../../ports/blobs.ts";
import type { Compiler } from "../../ports/sandbox.ts";
import type { ResidentPod } from "../resident.ts";
import type { ResidentMap } from "../residents.ts";
import { KnownState } from "./known.ts";
import { Play, type PlayOptions, type PlayPorts } from "./play.ts";
import type { RunRecord, RunSummary } from "./record.ts";
import type { Recorder } from "./recorder.ts";
import type { ShownStep } from "./shown.ts";
import { beginningOf, goesOn, storyOf } from "./story.ts";

/** What replays work with. */
export interface ReplayPorts extends PlayPorts {
  readonly residents: ResidentMap;
  readonly recorder: Recorder;
  readonly shares: Shares;
  readonly blobs: Blobs;
  readonly compiler: Compiler;
}

/** A run at a glance. */
export interface ListedRun extends RunSummary {
  /** The id of the run that goes on in this one. */
  readonly of?: string;
}

/** What is to be run again. */
export interface ReplayWish {
  readonly ref: PodRef;
  /** Beginning of the run's id. */
  readonly id: string;
  /** Another build; `installed` is the one that lives here now. Else the one that ran. */
  readonly with?: Uint8Array<ArrayBuffer> | "installed";
  readonly signal: AbortSignal;
  /** Told what runs, before the first step. */
  begin(choice: ReplayChoice): void;
  /** Takes each step, numbered from 1. */
  show(number: number, part: RunRecord, step: ShownStep, differs?: string): void;
}

/** What runs in a replay. */
export interface ReplayChoice {
  readonly run: RunRecord;
  /** Of what runs. */
  readonly version: string;
  /** It is the component that ran. */
  readonly isSame: boolean;
}

/** How a replay went. */
export interface ReplayEnd extends ReplayChoice {
  readonly steps: number;
  /** Steps that are not as in the record. */
  readonly differences: number;
  /** The first of them. */
  readonly first?: { readonly number: number; readonly step: ShownStep; readonly was: string };
}

interface Build {
  readonly program: PodProgram;
  readonly manifest: Manifest;
  readonly isSame: boolean;
}

/** See the module. */
export class Replays {
  constructor(private readonly ports: ReplayPorts) {}

  /** The latest runs of a pod, oldest first. @throws {PeriError} `not-found`. */
  async list(ref: PodRef): Promise<ListedRun[]> {
    this.ports.residents.get(ref);
    return (await this.ports.recorder.list(ref)).map((run) => {
      const of = beginningOf(run);
      return of === undefined ? run : { ...run, of };
    });
  }

  /**
   * Runs a story again; what it does goes nowhere.
   *
   * @throws {PeriError} `not-found`, `conflict` for an id of several; `invalid` for a component that
   * is none; `damaged` when it does not start.
   */
  async replay(wish: ReplayWish): Promise<ReplayEnd> {
    const { residents, recorder } = this.ports;
    const pod = residents.get(wish.ref);
    const all = await recorder.records(wish.ref);
    const run = findRun(all, wish);
    const segments = storyOf(run, all);
    checkBeginning(wish.ref, segments[0]![0]!);
    const build = await this.#build(pod, run, wish);
    const choice = { run, version: build.manifest.version, isSame: build.isSame };
    wish.begin(choice);
    const told = new Telling(wish);
    const known = knownBefore(segments[0]![0]!, all);
    for (const segment of segments) {
      const own = segment[0]!.component === run.component || !build.isSame;
      const { program, manifest } = own ? build : await this.#build(pod, segment[0]!, wish);
      const options: PlayOptions = {
        ...{ segment, program, manifest, known },
        budget: pod.budget,
        group: wish.ref.person,
        isRisky: !build.isSame || segment.some(({ end }) => end.kind === "stopped"),
        signal: wish.signal,
        show: (part, step, differs) => told.show(part, step, differs),
      };
      await this.#play(wish, pod.budget.memoryBytes, new Play(this.ports, options));
    }
    return { ...choice, ...told.sum };
  }

  /** A replay takes memory as a pod that is awake does. */
  async #play({ ref, signal }: ReplayWish, memoryBytes: number, play: Play): Promise<void> {
    const leave = await this.ports.shares.wakes.enter(ref.person, memoryBytes, signal);
    if (leave === undefined) return;
    try {
      await play.run();
    } finally {
      leave();
    }
  }

  async #build(pod: ResidentPod, run: RunRecord, wish: ReplayWish): Promise<Build> {
    const { compiler } = this.ports;
    if (wish.with instanceof Uint8Array) return await this.#read(wish.with, run.component);
    const then = wish.with === "installed" ? undefined : await this.#blob(run.component);
    const component = then ?? await this.ports.blobs.get(pod.component!);
    const program = await compiler.compile(component);
    const isSame = program.component === run.component;
    const manifest = isSame && pod.component !== run.component
      ? await compiler.inspect(component)
      : pod.manifest;
    return { program, manifest, isSame };
  }

  async #read(component: Uint8Array<ArrayBuffer>, ran: BlobId): Promise<Build> {
    const { compiler } = this.ports;
    const manifest = await compiler.inspect(component);
    const program = await compiler.compile(component);
    return { program, manifest, isSame: program.component === ran };
  }

  /** What ran; undefined when it is no longer here. */
  async #blob(id: BlobId): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      return await this.ports.blobs.get(id);
    } catch (cause) {
      if (cause instanceof PeriError && cause.kind === "not-found") return undefined;
      throw cause;
    }
  }
}

/** Numbers steps and counts what differs. */
class Telling {
  readonly #wish: ReplayWish;
  #steps = 0;
  #differences = 0;
  #first: ReplayEnd["first"];

  constructor(wish: ReplayWish) {
    this.#wish = wish;
  }

  get sum(): Pick<ReplayEnd, "steps" | "differences" | "first"> {
    const counts = { steps: this.#steps, differences: this.#differences };
    return this.#first === undefined ? counts : { ...counts, first: this.#first };
  }

  show(part: RunRecord, step: ShownStep, differs?: string): void {
    const number = ++this.#steps;
    if (differs !== undefined) {
      this.#differences++;
      this.#first ??= { number, step, was: differs };
    }
    this.#wish.show(number, part, step, differs);
  }
}

function findRun(all: readonly RunRecord[], { ref, id }: ReplayWish): RunRecord {
  const op = `replay a run of ${ref.pod}`;
  const name = JSON.stringify(id.slice(0, 40));
  const hint = `peri pod replay ${ref.pod} lists those that are kept`;
  if (!/^[0-9a-f]{3,5}$/.test(id)) {
    throw new PeriError("invalid", { op, subject: `${name} is no id of a run`, hint });
  }
  const found = all.filter((run) => run.id.startsWith(id));
  const ids = new Set(found.map((run) => run.id));
  if (ids.size > 1) {
    const few = [...ids].slice(0, 3).join(", ");
    const subject = `${name} is ${ids.size} runs: ${few}`;
    throw new PeriError("conflict", { op, subject, hint: "type more of the id" });
  }
  const run = found.at(-1);
  if (run !== undefined) return run;
  throw new PeriError("not-found", { op, subject: `no run ${name} is kept`, hint });
}

/** A run that goes on in an instance which still knew it tells nothing by itself. */
function checkBeginning({ pod }: PodRef, first: RunRecord): void {
  const isFromRows = first.steps.some((step) =>
    step.kind === "request" && step.argument.includes('"sdk:runs"')
  );
  if (!goesOn(first) || isFromRows) return;
  throw new PeriError("not-found", {
    op: `replay a run of ${pod}`,
    subject: `${first.id} goes on with ${beginningOf(first) ?? "a run"}, which is no longer kept`,
    hint: `peri pod replay ${pod} lists those that are kept`,
  });
}

/** What is known of the pod's tables when a run began. */
function knownBefore(first: RunRecord, all: readonly RunRecord[]): KnownState {
  const known = new KnownState();
  for (const run of all) {
    if (run === first) break;
    known.learn(run);
  }
  return known;
}
