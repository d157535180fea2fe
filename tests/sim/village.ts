/**
 * A few peripheries in one world, one pod each, without troubles of their own.
 *
 * @module
 */

import { MemoryClock } from "../../runtime/adapters/memory/clock.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { MemoryPgp } from "../../runtime/adapters/memory/pgp.ts";
import { MemoryNetwork } from "../../runtime/adapters/memory/transport.ts";
import {
  formatPodRef,
  parseServerUrl,
  type ResponseToken,
  tokenFromBytes,
} from "../../runtime/model/words.ts";
import type { NewKey } from "../../runtime/ports/pgp.ts";
import type { Resident } from "../../runtime/ports/mailbox.ts";
import { House, type Troubles, type World } from "./house.ts";
import { HEY, makePerson, makeResident } from "./people.ts";
import type { SimPod } from "./pod.ts";

/** Someone with a periphery and a pod on it. */
export interface Villager {
  readonly person: NewKey;
  readonly resident: Resident;
  readonly house: House;
  readonly pod: SimPod;
}

/** A world with what tests need at hand. */
export interface Village {
  readonly world: World;
  readonly entropy: SeededEntropy;
  readonly people: readonly Villager[];
  token(): ResponseToken;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
}

/** A world of its own from a seed. */
export function makeWorld(seed: string | number): World {
  const clock = new MemoryClock();
  const pgp = new MemoryPgp(clock, new SeededEntropy(`${seed} keys`));
  return { clock, pgp, network: new MemoryNetwork(), told: new Map() };
}

/** Peripheries that are up; everyone can be found. */
export async function makeVillage(
  seed: string | number,
  names: readonly string[],
  troubles: Readonly<Record<string, Troubles>> = {},
): Promise<Village> {
  const world = makeWorld(seed);
  const people: Villager[] = [];
  for (const name of names) {
    const person = await makePerson(world.pgp, name);
    const endpoint = parseServerUrl(`http://${name}.example`);
    const nowMs = world.clock.nowMs();
    const resident = await makeResident(world.pgp, person, { pod: HEY, endpoint, nowMs });
    world.told.set(formatPodRef(resident.ref), resident.introduction);
    const house = new House(world, endpoint, [resident], undefined, troubles[name]);
    await house.start();
    people.push({ person, resident, house, pod: house.pod(resident.ref) });
  }
  const entropy = new SeededEntropy(seed);
  return {
    world,
    entropy,
    people,
    token: () => tokenFromBytes(entropy.bytes(16)),
    settle: () => world.clock.advance(0),
  };
}
