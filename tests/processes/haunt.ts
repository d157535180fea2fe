/**
 * Towns whose servers die again and again, at moments that can be had again by their seed.
 *
 * @module
 */

import { buildPod } from "../../pods/build/build.ts";
import { readProject } from "../../pods/build/project.ts";
import type { Person } from "../../tools/demo/person.ts";
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

/** Builds a pod of `tests/pods` somewhere. Returns the path of its component. */
export async function build(name: string, folder: string): Promise<string> {
  const project = await readProject(new URL(`../pods/${name}`, import.meta.url).pathname);
  return (await buildPod(project, `${folder}/pods`)).component;
}

/** Builds a pod of `tests/pods` and gives it to both. */
export async function installBoth({ alice, bob }: Town, name: string): Promise<void> {
  const component = await build(name, alice.scene.folder);
  for (const person of [alice, bob]) await person.types("pod", "install", component, "--yes");
}
