/**
 * Towns whose servers die again and again, at moments that can be had again by their seed.
 *
 * @module
 */

import type { Person } from "../../tools/demo/person.ts";
import { lendPod } from "../helpers/programs.ts";
import { serve, type Town } from "./town.ts";
import { pause } from "./wait.ts";

const STEP_MS = 5;

/** A number that whoever runs a test may choose, by its name in the environment. */
export function setting(name: string, otherwise: number): number {
  return Number(Deno.env.get(name) ?? otherwise);
}

/** The seed of a run: `SEED`, or one that no run had lately. */
export const SEED = setting("SEED", Date.now() % 1_000_000);

/** When something is struck. */
export interface Moments {
  /** How far those who are at work have come. */
  progress(): number;
  /** How far they are at each strike, rising. */
  readonly at: readonly number[];
  readonly stopped: AbortSignal;
}

/** Strikes at each moment, one after the other, until it is stopped. */
export async function haunt(moments: Moments, strike: () => Promise<void>): Promise<void> {
  const { progress, at, stopped } = moments;
  for (const from of at) {
    while (progress() < from && !stopped.aborted) await pause(STEP_MS);
    if (stopped.aborted) return;
    await strike();
  }
}

/** So many moments at even distances on the way to `whole`. */
export function evenly(count: number, whole: number): number[] {
  return Array.from({ length: count }, (_, index) => whole * index / count);
}

/** Kills servers and starts them again where they were, `restMs` later. */
export async function fell(
  town: Pick<Town, "places">,
  victims: readonly Person[],
  restMs: number,
): Promise<void> {
  await Promise.all(victims.map((victim) => victim.stop("SIGKILL")));
  await pause(restMs);
  await Promise.all(victims.map((victim) => serve(town.places.get(victim)!)));
}

/** Gives a pod of `tests/pods` to people whose servers run. */
export async function installAll(name: string, people: readonly Person[]): Promise<void> {
  const pod = await lendPod(new URL(`../pods/${name}`, import.meta.url).pathname);
  for (const person of people) {
    pod.lend(person.home);
    await person.types("pod", "install", pod.component, "--yes");
  }
}

/** Gives a pod of `tests/pods` to both. */
export async function installBoth({ alice, bob }: Town, name: string): Promise<void> {
  await installAll(name, [alice, bob]);
}
