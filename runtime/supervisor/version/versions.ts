/**
 * How a version of a pod begins: on a state of its own, which is a copy of the one before, while
 * messages wait; the switch to it is one commit. Whatever breaks on the way, the pod is what it was
 * or what it was to become, and what is left over is swept away.
 *
 * @module
 */

import { PeriError, toPeriError } from "../../model/errors.ts";
import { DRAIN_MS, UPGRADE_WAIT_MS } from "../../model/limits.ts";
import type { PodProgram } from "../../model/pod.ts";
import type { PodRef } from "../../model/words.ts";
import type { Blobs } from "../../ports/blobs.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Compiler } from "../../ports/sandbox.ts";
import { type Change, mergeChanges, type Store } from "../../ports/store.ts";
import { Commits } from "../turn/commits.ts";
import { copyState, type Watcher } from "./copy.ts";
import { type CheckedEffects, NO_EFFECTS } from "../turn/effects.ts";
import type { Lives } from "../life/lives.ts";
import { placeOf, planKeptRows, planResidentRows, type ResidentPod } from "../resident.ts";
import type { ResidentMap } from "../residents.ts";
import { indexKey, type IndexRow, serialKey, type StatePlace } from "../rows.ts";
import { Overlay } from "../state/state.ts";
import { streamWork } from "../turn/stream.ts";
import type { Sweeper } from "./sweep.ts";
import type { Fence } from "../turn/terms.ts";
import { tryVersion } from "./trial.ts";
import { countWaiting, findStale } from "../state/waiting.ts";

/** Between two looks at the runs that wait. */
const LOOK_MS = 200;
/** Rows deleted by one turn. */
const STEP = 400;

/** What versions begin with. */
export interface VersionPorts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly compiler: Compiler;
  readonly clock: Clock;
  readonly log: Log;
  readonly residents: ResidentMap;
  readonly lives: Lives;
  /** A version is kept beside the one that took its place. */
  kept(): void;
}

/** A version that takes the place of another. */
export interface Succession {
  /** The pod as it is. */
  readonly before: ResidentPod;
  /** The pod as it is to become; its generation is one that nobody has. */
  readonly after: ResidentPod;
  /** The state that it begins with. */
  readonly source: StatePlace;
  readonly component: Uint8Array;
}

/** See the module. One of them at a time. */
export class Versions {
  readonly #ports: VersionPorts;
  readonly #sweeper: Sweeper;

  constructor(ports: VersionPorts, sweeper: Sweeper) {
    this.#ports = ports;
    this.#sweeper = sweeper;
  }

  /**
   * The first version of a pod; its index row stands as `leaving`, so that a crash leaves something
   * to sweep.
   *
   * @throws {PeriError} what it is refused with.
   */
  async first(pod: ResidentPod, component: Uint8Array, watcher: Watcher): Promise<void> {
    const { blobs, compiler, lives } = this.#ports;
    const program = await compiler.compile(component);
    await blobs.put(component);
    const fence = await this.#fence(pod.ref);
    const done = await this.#try(pod, program, null, fence, watcher);
    await this.#switch(pod, done, fence, { state: "installed", blobs: [pod.component!] });
    lives.begin(pod);
  }

  /**
   * Puts a version in the place of another. When it is refused the other goes on.
   *
   * @throws {PeriError} what it is refused with.
   */
  async succeed(succession: Succession, watcher: Watcher): Promise<void> {
    const { lives, residents, compiler, log } = this.#ports;
    const { ref } = succession.before;
    const program = await compiler.compile(succession.component);
    await this.#untilNoneWait(succession, watcher);
    // The index row is the fence of running turns, so they end first.
    await lives.end(ref, DRAIN_MS);
    try {
      await this.#change(succession, program, watcher);
    } catch (cause) {
      throw goesOn(residents.get(ref), toPeriError(cause, `begin ${versionOf(succession.after)}`));
    } finally {
      // What stays behind is found at the next start.
      await this.#sweeper.settle(ref).catch((cause) => {
        log.error("version not swept", cause, { pod: ref.pod });
      });
      lives.begin(residents.get(ref));
      this.#ports.kept();
    }
  }

  async #change(
    { before, after, source, component }: Succession,
    program: PodProgram,
    watcher: Watcher,
  ): Promise<void> {
    const { store, blobs } = this.#ports;
    const { ref } = after;
    const old = await this.#row(ref);
    const ids = [...new Set([...old.blobs, after.component!])];
    const row: IndexRow = { ...old, blobs: ids, isChanging: true };
    await store.commit({ puts: [{ key: indexKey(ref), value: row }] });
    const fence = await this.#fence(ref);
    await blobs.put(component);
    await this.#sweeper.clearState(placeOf(after));
    await store.commit(planKeptRows(before));
    await copyState(store, ref, source.generation, after.generation, watcher);
    const isBack = source.generation !== before.generation;
    if (isBack) await this.#forgetStale(source, before, after, fence);
    const from = isBack ? null : before.manifest.version;
    const done = await this.#try(after, program, from, fence, watcher);
    await this.#switch(after, done, fence, row);
  }

  /** Runs that wait go on with a version that may not know them, so they are given a moment. */
  async #untilNoneWait({ before, after }: Succession, { note, signal }: Watcher): Promise<void> {
    const { store, clock } = this.#ports;
    if (after.isDraft) return;
    for (let waitedMs = 0;; waitedMs += LOOK_MS) {
      const count = await countWaiting(store, placeOf(before));
      if (count === 0 || signal?.aborted) return;
      if (waitedMs === 0) note?.(`runs that await others: ${count}; waiting for them a moment`);
      if (waitedMs >= UPGRADE_WAIT_MS) {
        const next = versionOf(after);
        return note?.(`runs that still await others: ${count}; they go on with ${next}`);
      }
      await clock.sleep(LOOK_MS, signal);
    }
  }

  /** Nothing comes any more for runs that have gone on under the other version. */
  async #forgetStale(
    source: StatePlace,
    before: ResidentPod,
    after: ResidentPod,
    fence: Fence,
  ): Promise<void> {
    const { store, blobs } = this.#ports;
    const { ref, manifest, budget } = after;
    const keys = await findStale(store, source, placeOf(before));
    let fault: unknown;
    const commits = new Commits({
      ref,
      place: placeOf(after),
      manifest,
      fence,
      store,
      blobs,
      mailbox: this.#ports.lives.ports.mailbox,
      overlay: new Overlay(),
      keep: this.#ports.lives.ports.shares.purse(ref, () => budget).keep,
      maxTurns: Infinity,
      broken: (_reason, cause) => fault = cause,
    });
    for (let at = 0; at < keys.length; at += STEP) {
      const writes = keys.slice(at, at + STEP).map((key) => ({ table: "sdk:runs", key }));
      commits.push({ ...NO_EFFECTS, number: at + 1, writes, settled: () => {} });
    }
    await commits.drained();
    if (fault !== undefined) throw fault;
  }

  async #try(
    pod: ResidentPod,
    program: PodProgram,
    from: string | null,
    fence: Fence,
    { signal }: Watcher,
  ): Promise<CheckedEffects> {
    const { ref, generation, manifest, budget } = pod;
    const options = { ref, generation, manifest, budget, program, from, fence };
    return await tryVersion(this.#ports.lives.ports, {
      ...options,
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** One commit: from here on it is this version. */
  async #switch(
    pod: ResidentPod,
    { posts, errands, answers, cancels }: CheckedEffects,
    fence: Fence,
    row: IndexRow,
  ): Promise<void> {
    const { store, residents, lives } = this.#ports;
    const { ref, manifest } = pod;
    const work = streamWork(manifest, undefined, answers, cancels);
    const mail = await lives.ports.mailbox.plan(ref, posts, [], errands, work);
    let isDone = false;
    try {
      isDone = await store.commit(mergeChanges([
        { checks: [fence], puts: [{ key: indexKey(ref), value: row }] },
        planResidentRows(pod),
        serialRow(pod),
        mail.change,
      ]));
      if (isDone) residents.put(pod);
    } finally {
      mail.settle(isDone);
    }
    if (!isDone) throw changed(ref);
  }

  async #fence(ref: PodRef): Promise<Fence> {
    const key = indexKey(ref);
    const row = await this.#ports.store.get<IndexRow>(key);
    if (row === undefined) throw changed(ref);
    return { key, version: row.version };
  }

  async #row(ref: PodRef): Promise<IndexRow> {
    const row = await this.#ports.store.get<IndexRow>(indexKey(ref));
    if (row === undefined) throw changed(ref);
    return row.value;
  }
}

/** What remembers the serial of a pod's behalf when the pod has left. */
export function serialRow({ ref, serial }: ResidentPod): Change {
  return { puts: [{ key: serialKey(ref), value: serial }] };
}

/** A pod is not what it was when something was drafted for it. */
export function changed({ pod }: PodRef): PeriError {
  const subject = `${pod} was changed meanwhile`;
  return new PeriError("conflict", { op: "change a pod", subject, hint: "begin again" });
}

/** Whatever refused a version, the other is there. */
function goesOn(pod: ResidentPod, error: PeriError): PeriError {
  const { kind, op, subject, hint } = error;
  const comfort = `${versionOf(pod)} goes on`;
  const next = hint === undefined ? comfort : `${comfort}; ${hint}`;
  return new PeriError(kind, { op, subject, hint: next, cause: error });
}

function versionOf({ ref, manifest }: ResidentPod): string {
  return `${ref.pod} ${manifest.version}`;
}
