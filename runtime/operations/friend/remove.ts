/**
 * `friend.remove`: this server and another no longer talk.
 *
 * @module
 */

import type { Friend } from "../../directory/open.ts";
import { PeriError } from "../../model/errors.ts";
import { isFingerprint, parseFingerprint } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { HeyPetnames } from "../petnames.ts";
import { actorOf, textOf } from "../wishes.ts";

/** `{friend}`: address, owner or petname → one record `{url, owner}`. Asks for consent. */
export function removeFriend(home: Pick<Home, "supervisor" | "directory">): Operation {
  return async (args, session) => {
    const person = actorOf(session);
    const text = textOf(args, "friend");
    const { friends } = home.directory;
    const friend = await findFriend(
      await friends.list(),
      text,
      new HeyPetnames(home.supervisor, person),
    );
    const details = [`${friend.server} of ${friend.owner} is told of no more changes`];
    if (!await session.confirm("Remove this friend?", details)) {
      throw new PeriError("denied", { op: "remove friend", subject: `${text}: you said no` });
    }
    await friends.remove(friend.owner);
    session.item({ url: friend.server, owner: friend.owner });
    return 0;
  };
}

/** Names are asked for last: a friend is removed by address while the pod that keeps them is broken. */
async function findFriend(
  friends: readonly Friend[],
  text: string,
  names: HeyPetnames,
): Promise<Friend> {
  const url = text.trim().replace(/\/$/, "");
  const owner = isFingerprint(text) ? parseFingerprint(text) : undefined;
  const found = friends.find((friend) => friend.server === url || friend.owner === owner);
  if (found !== undefined) return found;
  const named = owner === undefined ? (await names.about(text)).get(text.trim()) : undefined;
  const meant = friends.find((friend) => friend.owner === named);
  if (meant !== undefined) return meant;
  throw new PeriError("not-found", {
    op: "remove friend",
    subject: `${JSON.stringify(text)} is no friend of this server`,
    hint: "peri friend list",
  });
}
