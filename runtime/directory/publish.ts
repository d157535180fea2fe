/**
 * Telling a friend what changed here: signed notices of our own entries.
 *
 * @module
 */

import type { Introduction, Known } from "../identity/behalf.ts";
import type { Bytes } from "../model/bytes.ts";
import { MAX_NOTICE_ENTRIES } from "../model/limits.ts";
import type { ServerUrl } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Asker } from "./ask.ts";
import type { Book } from "./book.ts";
import { type Friend, type Friends, peripheryOf } from "./friends.ts";
import { encodeNotice, MAX_PAGE_LINEAGE_BYTES, type Notice } from "./wire.ts";

/** Who this server is, once it is claimed. */
export interface Self {
  readonly server: ServerUrl;
  /** The checked behalf of its owner's pod `periphery`. */
  readonly owner: Known;
  /** Transferable secret key of that pod. */
  readonly secretKey: Bytes;
}

/** What publishing works with. */
export interface PublishParts {
  readonly book: Book;
  readonly friends: Friends;
  readonly asker: Asker;
  readonly pgp: Pgp;
  readonly clock: Clock;
}

/**
 * Tells a friend what changed since it was last told, at most one notice of it. Whether there was
 * something to tell. What was told is on disk as told when this resolves; told twice does no harm.
 *
 * @throws {PeriError} as the transport, `denied` when the friend does not take it (yet).
 */
export async function publish(parts: PublishParts, self: Self, friend: Friend): Promise<boolean> {
  // One place is for our own introduction: with it the friend can check a renewed key at once.
  const changes = await parts.book.places.own(friend.publishedThrough, MAX_NOTICE_ENTRIES - 1);
  const last = changes.at(-1);
  if (last === undefined) return false;
  const entries: Introduction[] = [self.owner.introduction];
  for (const { ref } of changes) {
    const entry = await parts.book.entry(ref);
    const introduction = entry && await parts.book.published(entry);
    if (introduction !== undefined) entries.push(introduction);
  }
  const people = [self.owner.behalf.person, ...changes.map(({ ref }) => ref.person)];
  const lineages = await parts.book.successions.about(people, MAX_PAGE_LINEAGE_BYTES);
  await send(parts, self, friend, { entries, lineages });
  await parts.friends.published(friend.owner, last.place, parts.clock.nowMs());
  return true;
}

async function send(
  { asker, pgp, clock }: PublishParts,
  self: Self,
  friend: Friend,
  told: Pick<Notice, "entries" | "lineages">,
): Promise<void> {
  const notice = encodeNotice({
    from: peripheryOf(self.owner.behalf.person),
    to: friend.server,
    // Times on the wire are whole; a clock need not be.
    sentMs: Math.floor(clock.nowMs()),
    ...told,
  });
  const signature = await pgp.sign(self.secretKey, notice);
  await asker.notify(friend.server, { notice, signature });
}
