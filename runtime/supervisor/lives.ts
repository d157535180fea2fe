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
  #ports: LifePorts | undefined;

  /** Begins the lives of pods; from here on they work. */
  start(ports: LifePorts, pods: readonly ResidentPod[]): void {
    this.#ports = ports;
    for (const pod of pods) this.begin(pod);
  }

  /** The life of a pod; none for the server's own pod and before the start. */
  get(ref: PodRef): Life | undefined {
    return this.#lives.get(formatPodRef(ref));
  }

  /** Begins the life of a pod that has none; what waits in its inbox is worked on. */
  begin(pod: ResidentPod): void {
    if (this.#ports === undefined || pod.component === undefined) return;
    const life = new Life(this.#ports, pod);
    this.#lives.set(formatPodRef(pod.ref), life);
    life.wake();
  }

  /** Ends the life of a pod after what runs has ended, at most `drainMs` later. */
  async end(ref: PodRef, drainMs: number): Promise<void> {
    const life = this.get(ref);
    await life?.stop(drainMs);
    if (this.get(ref) === life) this.#lives.delete(formatPodRef(ref));
  }

  /** Ends all lives. */
  async stop(drainMs: number): Promise<void> {
    this.#ports = undefined;
    const parting = ending();
    await Promise.all([...this.#lives.values()].map((life) => life.stop(drainMs, parting)));
    this.#lives.clear();
  }
}

function ending(): PeriError {
  const subject = "the server is ending";
  const hint = "peri status shows whether it runs; what it had taken, it keeps";
  return new PeriError("busy", { op: "run a command", subject, hint });
}
