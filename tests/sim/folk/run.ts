/**
 * Fifty peripheries whose people become friends and part, move, renew and revoke, while servers crash
 * and are cut off, clocks are wrong and some servers lie; then some days of good weather, in which
 * everything must come right. All of it from one seed, in virtual time.
 *
 * @module
 */

import { Folk } from "./folk.ts";
import { Reckoning } from "./reckoning.ts";
import { Storm } from "./storm.ts";

/** How large and long a run is. */
export interface Size {
  readonly homes: number;
  readonly stormDays: number;
}

/** A day of troubles, for the test command. */
export const SHORT: Size = { homes: 50, stormDays: 1 };
/** Many, for a soak. */
export const LONG: Size = { homes: 50, stormDays: 6 };

/** What a run came to. */
export interface Tale {
  readonly faults: readonly string[];
  readonly finds: number;
  readonly successes: number;
  /** Pairs of whom one may find the other in the end. */
  readonly mayFind: number;
  readonly messages: number;
}

/** Runs a world from a seed. */
export async function live(seed: string, { homes, stormDays } = SHORT): Promise<Tale> {
  const folk = new Folk(seed, homes);
  await folk.build();
  await new Storm(folk).storm(stormDays);
  await folk.calm();
  const mayFind = await new Reckoning(folk).reckon();
  const { judge: { faults, finds, successes }, mail } = folk;
  return { faults, finds, successes, mayFind, messages: mail.total };
}
