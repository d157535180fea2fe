/**
 * The lives of all pods that live here.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { doFew } from "../../model/few.ts";
import { MAX_RESTING_PODS } from "../../model/limits.ts";
import { formatPodRef, type PodRef } from "../../model/words.ts";
import { Life, type LifePorts } from "./life.ts";
import type { ResidentPod } from "../resident.ts";
import { Rests } from "./rests.ts";

/** Inboxes that are looked into at once when all lives begin. */
const LOOKS = 8;

/** One life per pod, for as long as the pod lives here and the periphery is started. */
export class Lives {
  readonly #lives = new Map<string, Life>();
  /** Pods whose lives were ended and have not begun again. */
  readonly #pauses = new Map<string, PromiseWithResolvers<void>>();
  readonly #rests: Rests;
  #ports: LifePorts | undefined;
  #looks: Promise<void> | undefined;

  /** @param maxResting pods without work that stay started */
  constructor(maxResting = MAX_RESTING_PODS) {
    this.#rests = new Rests(maxResting);
  }

  /**
   * Begins the lives of pods; from here on they work. Of most pods nothing waits, so their inboxes
   * are looked into a few at a time, and who comes meanwhile is let in at once.
   */
  start(ports: Omit<LifePorts, "rests">, pods: readonly ResidentPod[]): void {
    this.#ports = { ...ports, rests: this.#rests };
    const begun = pods.flatMap((pod) => this.#add(pod) ?? []);
    this.#looks = doFew(begun, LOOKS, (life) => this.#wakeCalled(life));
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
    this.#add(pod)?.wake();
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
    await this.#looks;
  }

  #add(pod: ResidentPod): Life | undefined {
    if (this.#ports === undefined || pod.component === undefined) return undefined;
    const life = new Life(this.#ports, pod);
    this.#lives.set(formatPodRef(pod.ref), life);
    return life;
  }

  /** Wakes one of whom something waits; whatever comes later wakes by itself. */
  async #wakeCalled(life: Life): Promise<void> {
    const { mailbox } = this.#ports ?? {};
    if (mailbox === undefined) return;
    // A life knows what to do with a store that fails.
    const isCalled = await mailbox.waiting(life.ref, -1, 1)
      .then(({ length }) => length > 0, () => true);
    if (isCalled) life.wake();
  }
}

function ending(): PeriError {
  const subject = "the server is ending";
  const hint = "peri status shows whether it runs; what it had taken, it keeps";
  return new PeriError("busy", { op: "run a command", subject, hint });
}
