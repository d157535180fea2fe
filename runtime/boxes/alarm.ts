/**
 * Alarm: pods for which something is due at a time, and the one sleep until the first of them.
 *
 * @module
 */

import { formatPodRef, type PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";

/** The wall clock may be set while one sleeps; with nothing due that does not matter. */
const LONGEST_SLEEP_MS = 60_000;
const IDLE_SLEEP_MS = 24 * 60 * 60_000;

/** See the module. Each pod has one time, the earliest that was said. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: (pod: PodRef) => Promise<void>;
  readonly #next = new Map<string, { readonly pod: PodRef; readonly dueMs: number }>();
  readonly #stopped = new AbortController();
  #sleep: { readonly fromMs: number; readonly untilMs: number; wake(): void } | undefined;
  #loop: Promise<void> | undefined;

  /** @param ring called when a pod's time has come, which is forgotten by then; never rejects */
  constructor(clock: Clock, ring: (pod: PodRef) => Promise<void>) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Begins to ring, also for what was due before. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Something of a pod is due then. */
  due(pod: PodRef, dueMs: number): void {
    const name = formatPodRef(pod);
    const known = this.#next.get(name);
    if (known && known.dueMs <= dueMs) return;
    this.#next.set(name, { pod, dueMs });
    if (this.#sleep && this.#isTooLong(this.#sleep, dueMs)) this.#sleep.wake();
  }

  /** Forgets a pod. */
  drop(pod: PodRef): void {
    this.#next.delete(formatPodRef(pod));
  }

  /** Resolves when nothing rings any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  /** A clock that was set meanwhile says nothing about how long the sleep still takes. */
  #isTooLong({ fromMs, untilMs }: { fromMs: number; untilMs: number }, dueMs: number): boolean {
    const nowMs = this.#clock.nowMs();
    return dueMs < untilMs || nowMs < fromMs || nowMs >= untilMs;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const nowMs = this.#clock.nowMs();
      const due = [...this.#next.values()].filter(({ dueMs }) => dueMs <= nowMs);
      for (const { pod } of due) {
        this.drop(pod);
        await this.#ring(pod);
      }
      if (due.length > 0) continue;
      const waitMs = this.#waitMs(nowMs);
      const alarm = new AbortController();
      this.#sleep = { fromMs: nowMs, untilMs: nowMs + waitMs, wake: () => alarm.abort() };
      await this.#clock.sleep(waitMs, AbortSignal.any([alarm.signal, signal]));
      this.#sleep = undefined;
    }
  }

  #waitMs(nowMs: number): number {
    if (this.#next.size === 0) return IDLE_SLEEP_MS;
    let next = Infinity;
    for (const { dueMs } of this.#next.values()) next = Math.min(next, dueMs);
    return Math.min(next - nowMs, LONGEST_SLEEP_MS);
  }
}
