/**
 * `friend.list`: the servers that this one talks with.
 *
 * @module
 */

import type { JsonRecord } from "../../model/control.ts";
import type { Friendship } from "../../directory/open.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { HeyPetnames } from "../petnames.ts";
import { actorOf } from "../wishes.ts";

/**
 * One record a friend: `{name?, url, owner, claims, addedMs, heardMs?, toldMs?, readMs?, untold,
 * untoldSinceMs?, tells, passesOn, trouble?}`: when it was heard, took a notice, and when its book was
 * read, last; our changes that it has not been told, since when; how many pods of its people, and of
 * others that it passes on, are known through it.
 */
export function listFriends(home: Pick<Home, "supervisor" | "directory">): Operation {
  return async (_args, session) => {
    const petnames = new HeyPetnames(home.supervisor, actorOf(session));
    const { book } = home.directory;
    for (const friendship of await home.directory.friendships()) {
      const { owner, server } = friendship.friend;
      const name = await petnames.nameOf(owner);
      const claims = (await book.person(owner))?.userIds ?? [];
      session.item({ name, url: server, owner, claims, ...contacts(friendship) });
    }
    return 0;
  };
}

function contacts({ friend, ...rest }: Friendship): JsonRecord {
  const { addedMs, heardMs, toldMs, pulledMs } = friend;
  return {
    addedMs,
    heardMs: atOrNever(heardMs),
    toldMs: atOrNever(toldMs),
    readMs: atOrNever(pulledMs),
    ...rest,
  };
}

function atOrNever(timeMs: number): number | undefined {
  return timeMs === 0 ? undefined : timeMs;
}
