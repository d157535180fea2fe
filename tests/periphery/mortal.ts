/**
 * Talking to houses whose processes may die at any commit.
 *
 * @module
 */

import { PeriError } from "../../runtime/model/errors.ts";
import type { House } from "./town.ts";

/** Starts a process that has died, and again when it dies on the way. */
export async function raise(house: House): Promise<void> {
  while (!house.isRunning) await untilDeath(house, house.open());
}

/** What is said; undefined when the process dies meanwhile. */
export async function untilDeath<Said>(
  house: House,
  saying: Promise<Said>,
): Promise<Said | undefined> {
  const { deaths } = house;
  let said: { readonly said: Said } | undefined;
  saying.then((value) => said = { said: value }, refused);
  await house.town.until(() => said !== undefined || house.deaths > deaths, "it speaks or dies");
  return said?.said;
}

/** What a command of a pod prints; undefined when the process dies meanwhile. */
export async function lines(
  house: House,
  pod: string,
  ...argv: readonly string[]
): Promise<string[] | undefined> {
  await raise(house);
  const visit = house.visit("pod.run", { pod, argv });
  return await untilDeath(house, visit.then(({ lines }) => lines));
}

function refused(thrown: unknown): void {
  if (!(thrown instanceof PeriError)) throw thrown;
}
