/**
 * Reading the book of a friend.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { MAX_BOOK_PER_FRIEND } from "../model/limits.ts";
import type { Log } from "../ports/log.ts";
import type { Asker } from "./ask.ts";
import type { Book } from "./book.ts";
import type { Friend, Friends } from "./friends.ts";
import { fromFriend } from "./told.ts";
import type { Notice } from "./wire.ts";

/**
 * Pages without entries in a row. A periphery like this one looks at 100 rows for a page, so that it
 * would have to keep 100,000 behalfs in a row that it does not publish.
 */
export const MAX_EMPTY_PAGES = 1000;

/** What reading a friend's book came to. */
export interface Pulled {
  /** Entries that are known now. */
  readonly taken: number;
  /** Entries that were not good, or too many. */
  readonly refused: number;
}

/** What reading works with. */
export interface PullParts {
  readonly asker: Asker;
  readonly book: Book;
  readonly friends: Friends;
  readonly log: Log;
}

/**
 * Reads what a friend publishes of what changed after a place, entry by entry into our book; an entry
 * that is not good is counted and passed over. How far it was read is on disk after every page, so
 * that a reading that breaks off goes on from there. Ends after `MAX_BOOK_PER_FRIEND` entries
 * whatever the friend has left to say; the rest is for the next time.
 *
 * @throws {PeriError} as the transport; `damaged` when the friend goes round in circles or has
 * nothing to say without end.
 */
export async function pullBook(
  { asker, book, friends, log }: PullParts,
  friend: Friend,
  after: number,
): Promise<Pulled> {
  const from = fromFriend(friend.server);
  let [taken, refused, empty, through, isLast] = [0, 0, 0, after, false];
  while (!isLast && taken + refused < MAX_BOOK_PER_FRIEND) {
    const page = await asker.book(friend.server, through);
    const good = await learnAll(book, page, from);
    taken += good;
    refused += page.entries.length - good;
    isLast = page.isLast;
    if (!isLast && page.through <= through) throw damaged("its pages do not go forward");
    empty = page.entries.length > 0 ? 0 : empty + 1;
    if (empty >= MAX_EMPTY_PAGES) throw damaged("its pages hold nothing");
    if (page.through !== through) await friends.pulledTo(friend.owner, page.through);
    through = page.through;
  }
  if (refused > 0) log.warn("friend's book has bad entries", { server: friend.server, refused });
  return { taken, refused };
}

/** How many of the introductions are known afterwards; of lineages what holds is kept. */
export async function learnAll(
  book: Book,
  { entries, lineages = [] }: Pick<Notice, "entries" | "lineages">,
  from: string,
): Promise<number> {
  let taken = 0;
  // Those of whom something is known first, so that no behalf of an old key is believed meanwhile.
  await learnLineages(book, lineages);
  for (const introduction of entries) {
    try {
      await book.take(introduction, from);
      taken++;
    } catch (thrown) {
      // A bad entry is its person's or its teller's fault; a full disk is ours.
      if (!(thrown instanceof PeriError) || thrown.kind === "internal") throw thrown;
    }
  }
  // And those of whom nothing was known before these entries.
  await learnLineages(book, lineages);
  return taken;
}

/** Keeps what holds of lineages about people in the book; the rest is their teller's fault. */
export async function learnLineages(book: Book, lineages: readonly Bytes[]): Promise<void> {
  for (const bytes of lineages) {
    try {
      await book.successions.learn(bytes);
    } catch (thrown) {
      if (!(thrown instanceof PeriError) || thrown.kind === "internal") throw thrown;
    }
  }
}

function damaged(subject: string): PeriError {
  return new PeriError("damaged", { op: "read a friend's book", subject });
}
