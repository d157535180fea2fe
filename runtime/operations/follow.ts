/**
 * What people here keep of somebody goes to their successor: the friendship, and the names that they
 * have given. What is still to do is on disk, so a crash or a pod that is broken loses nothing.
 *
 * Row: `["followed", local, person]` the name that went along.
 *
 * @module
 */

import type { Follow } from "../directory/open.ts";
import type { Fingerprint } from "../model/words.ts";
import type { Log } from "../ports/log.ts";
import type { Key } from "../ports/store.ts";
import type { Home } from "./home.ts";
import { HEY, HeyPetnames } from "./petnames.ts";

type Parts = Pick<Home, "supervisor" | "directory" | "store">;

/** Does what there is to follow, one after the other. Rejects as the store does. */
export async function followAll(home: Parts, log: Log): Promise<void> {
  const { successions } = home.directory.book;
  for (const follow of await successions.follows()) {
    const heir = await successions.heirOf(follow.person);
    try {
      await home.directory.friends.follow(follow, heir);
      // A successor who was overridden before the friendship went to them left it with the person.
      await home.directory.friends.follow({ ...follow, before: follow.person }, heir);
      const people = home.supervisor.residents.all().filter(({ ref }) => ref.pod === HEY);
      for (const { ref } of people) await followName(home, ref.person, follow, heir);
      await successions.settled(follow);
      log.info("successor followed", { from: follow.person, to: heir });
    } catch (cause) {
      log.error("successor not followed yet", cause, { from: follow.person, to: heir });
    }
  }
}

/** The name of the old key is the successor's; the old key keeps one that says so. */
async function followName(
  { supervisor, store }: Parts,
  local: Fingerprint,
  { person, before }: Follow,
  heir: Fingerprint,
): Promise<void> {
  const names = new HeyPetnames(supervisor, local);
  const key: Key = ["followed", local, person];
  const noted = (await store.get<string>(key))?.value;
  const name = noted ?? await names.readName(person);
  if (name === undefined) return;
  // Somebody who has a name of their own keeps it; so does a name that was given to another since.
  if (noted === undefined && await names.readName(heir) !== undefined) return;
  const owner = (await names.about(name)).get(name);
  if (owner === undefined || ![person, before, heir].includes(owner)) return;
  // First, so that what dies in between is done again.
  if (noted === undefined) await store.commit({ puts: [{ key, value: name }] });
  await names.set(name, heir);
  if (heir === person) return;
  const former = `${name}-before`;
  const taken = (await names.about(former)).get(former);
  if (taken === undefined && former.length <= MAX_NAME) await names.set(former, person);
}

/** Longest petname of the hey pod. */
const MAX_NAME = 40;
