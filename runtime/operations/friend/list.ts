/**
 * `friend.list`: the servers that this one talks with.
 *
 * @module
 */

import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { HeyPetnames } from "../petnames.ts";
import { actorOf } from "../wishes.ts";

/** One record a friend: `{name?, url, owner, addedMs, seenMs?}`. */
export function listFriends(home: Pick<Home, "supervisor" | "directory">): Operation {
  return async (_args, session) => {
    const petnames = new HeyPetnames(home.supervisor, actorOf(session));
    for (const { owner, server, addedMs, heardMs } of await home.directory.friends.list()) {
      const name = await petnames.nameOf(owner);
      const seenMs = heardMs === 0 ? undefined : heardMs;
      session.item({ name, url: server, owner, addedMs, seenMs });
    }
    return 0;
  };
}
