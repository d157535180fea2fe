/**
 * The lives of all pods that live here.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import { formatPodRef, type PodRef } from "../model/words.ts";
import { Life, type LifePorts } from "./life.ts";
import type { ResidentPod } from "./resident.ts";

/** One life per pod, for as long as the pod lives here and the periphery is started. */
export class Lives {
  readonly #lives = new Map<string, Life>();
  /** Pods whose lives were ended and have not begun again. */
  readonly #pauses = new Map<string, PromiseWithResolvers<void>>();
  #ports: LifePorts | undefined;

  /** Begins the lives of pods; from here on they work. */
  start(ports: LifePorts, pods: readonly ResidentPod[]): void {
    this.#ports = ports;
    for (const pod of pods) this.begin(pod);
  }

  /** What lives are made of. @throws {PeriError} `busy` before the start and after the end. */
  get ports(): LifePorts {
    if (this.#ports === undefined) throw ending();
    return this.#ports;
  }

  /** The life of a pod; none for the server's own pod and before the start. */
  get(ref: PodRef): Life | undefined {
    return this.#lives.get(formatPodRef(ref));
  }

  /**
   * Resolves when a pod whose life has ended lives again, as one does that gets a new version;
   * undefined for one that lives, and for one that never did.
   *
   * @throws {PeriError} `busy` when the periphery is ending.
   */
  pause(ref: PodRef): Promise<void> | undefined {
    return this.#pauses.get(formatPodRef(ref))?.promise;
  }

  /** Begins the life of a pod that has none; what waits in its inbox is worked on. */
  begin(pod: ResidentPod): void {
    if (this.#ports === undefined || pod.component === undefined) return;
    const life = new Life(this.#ports, pod);
    this.#lives.set(formatPodRef(pod.ref), life);
    life.wake();
    this.#pauses.get(formatPodRef(pod.ref))?.resolve();
    this.#pauses.delete(formatPodRef(pod.ref));
  }

  /** Ends the life of a pod after what runs has ended, at most `drainMs` later. */
  async end(ref: PodRef, drainMs: number): Promise<void> {
    const life = this.get(ref);
    const pause = Promise.withResolvers<void>();
    // Nobody may be waiting.
    pause.promise.catch(() => {});
    this.#pauses.set(formatPodRef(ref), pause);
    await life?.stop(drainMs);
    if (this.get(ref) === life) this.#lives.delete(formatPodRef(ref));
  }

  /** Ends all lives. */
  async stop(drainMs: number): Promise<void> {
    this.#ports = undefined;
    const parting = ending();
    for (const pause of this.#pauses.values()) pause.reject(parting);
    this.#pauses.clear();
    await Promise.all([...this.#lives.values()].map((life) => life.stop(drainMs, parting)));
    this.#lives.clear();
  }
}

function ending(): PeriError {
  const subject = "the server is ending";
  const hint = "peri status shows whether it runs; what it had taken, it keeps";
  return new PeriError("busy", { op: "run a command", subject, hint });
}
