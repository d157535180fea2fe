/**
 * Errands that pods of a simulation leave for a later time, and whether each came once and never
 * early.
 *
 * @module
 */

import type { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import type { MemoryDisk } from "../../runtime/adapters/memory/store.ts";
import type { PodRef } from "../../runtime/model/words.ts";
import { deedsOn } from "./pod.ts";
import type { Site } from "./site.ts";
import { alarmErrand } from "./turn.ts";

/** Longest time that an errand waits. */
const LONGEST_MS = 5 * 60_000;
/** Keys that errands have. */
const KEYS = 3;

/** An errand that was left. */
interface Alarm {
  readonly note: string;
  readonly site: Site;
  readonly pod: PodRef;
  /** By the clock of its site, at the earliest. */
  readonly dueMs: number;
  /** `maybe`: its process died before it knew. */
  state: "kept" | "refused" | "maybe";
  /** It may be cancelled, or another may take its place. */
  readonly hasKey: boolean;
}

/** See the module. */
export class Alarms {
  readonly #chance: SeededEntropy;
  readonly #alarms: Alarm[] = [];

  constructor(chance: SeededEntropy) {
    this.#chance = chance;
  }

  /** A pod of a site leaves an errand, one in place of another, or cancels one. */
  draw(site: Site): void {
    if (!site.isUp) return;
    const chance = this.#chance;
    const { ref } = site.residents[chance.below(site.residents.length)]!;
    const delayMs = 1 + chance.below(LONGEST_MS);
    if (chance.happens(0.6)) return this.set(site, ref, delayMs);
    const key = `alarm ${chance.below(KEYS)}`;
    if (chance.happens(0.6)) return this.set(site, ref, delayMs, key);
    site.house.pod(ref).cancel(key).catch(() => undefined);
  }

  /** A pod leaves an errand. */
  set(site: Site, pod: PodRef, delayMs: number, key?: string): void {
    const note = `${this.#alarms.length}`;
    const dueMs = site.house.clock.nowMs() + delayMs;
    const alarm: Alarm = { note, site, pod, dueMs, state: "maybe", hasKey: key !== undefined };
    this.#alarms.push(alarm);
    site.house.pod(pod).leave(alarmErrand(note, delayMs, key)).then(
      (committed) => alarm.state = committed ? "kept" : "refused",
      () => alarm.state = "refused",
    );
  }

  /** Every broken promise, in words. */
  judge(): string[] {
    const came = new Map<MemoryDisk, Map<string, number[]>>();
    return this.#alarms.flatMap((alarm) => {
      const { site: { disk, lost }, pod } = alarm;
      const timesOn = (disk: MemoryDisk) => {
        const known = came.get(disk) ?? new Map<string, number[]>();
        came.set(disk, known);
        const name = `${pod.person}/${pod.pod}`;
        if (!known.has(name)) readInto(known, name, disk, pod);
        return known.get(`${name} ${alarm.note}`) ?? [];
      };
      return judge(alarm, [disk, ...lost].map(timesOn));
    });
  }
}

/** When the errands of a pod came, by their notes. */
function readInto(known: Map<string, number[]>, name: string, disk: MemoryDisk, pod: PodRef) {
  known.set(name, []);
  for (const { alarm, atMs = 0 } of deedsOn(disk, pod)) {
    if (alarm === undefined) continue;
    const times = known.get(`${name} ${alarm}`) ?? [];
    known.set(`${name} ${alarm}`, times);
    times.push(atMs);
  }
}

/** @param came the times at which it came, on its disk and on those that were lost */
function judge({ note, site, dueMs, state, hasKey }: Alarm, came: readonly number[][]): string[] {
  const faults: string[] = [];
  const [times = []] = came;
  for (const { length } of came) {
    if (length > 1) faults.push(`alarm ${note} came ${length} times`);
  }
  const early = came.flat().find((atMs) => atMs < dueMs);
  if (early !== undefined) faults.push(`alarm ${note} came ${dueMs - early} ms early`);
  if (state === "refused" && times.length > 0) faults.push(`alarm ${note} was refused and came`);
  const isSafe = state === "kept" && !hasKey && !site.isDead && site.lost.length === 0;
  if (isSafe && times.length === 0) faults.push(`alarm ${note} never came`);
  return faults;
}
