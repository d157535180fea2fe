/**
 * `friend.remove`: this server and another no longer talk.
 *
 * @module
 */

import type { Friend } from "../../directory/open.ts";
import { PeriError } from "../../model/errors.ts";
import { isFingerprint, parseFingerprint } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import { type Home, ownerPod } from "../home.ts";
import { HeyPetnames } from "../petnames.ts";
import { actorOf, textOf } from "../wishes.ts";

/** `{friend}`: address, owner or petname → one record `{url, owner}`. Asks for consent. */
export function removeFriend(home: Pick<Home, "supervisor" | "directory" | "owner">): Operation {
  return async (args, session) => {
    const person = actorOf(session);
    ownerPod(home, person);
    const text = textOf(args, "friend");
    const petnames = await new HeyPetnames(home.supervisor, person).about(text);
    const { friends } = home.directory;
    const friend = findFriend(await friends.list(), text, petnames.get(text.trim()));
    const details = [`${friend.server} of ${friend.owner} is told of no more changes`];
    if (!await session.confirm("Remove this friend?", details)) {
      throw new PeriError("denied", { op: "remove friend", subject: `${text}: you said no` });
    }
    await friends.remove(friend.owner);
    session.item({ url: friend.server, owner: friend.owner });
    return 0;
  };
}

function findFriend(friends: readonly Friend[], text: string, named: string | undefined): Friend {
  const owner = isFingerprint(text) ? parseFingerprint(text) : named;
  const url = text.replace(/\/$/, "");
  const found = friends.find((friend) => friend.server === url || friend.owner === owner);
  if (found !== undefined) return found;
  throw new PeriError("not-found", {
    op: "remove friend",
    subject: `${JSON.stringify(text)} is no friend of this server`,
    hint: "peri friend list",
  });
}
