/**
 * Who told what: where entries of the book come from, and how many each teller may add.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import { MAX_BOOK_PER_FRIEND, MAX_BOOK_STRANGERS } from "../model/limits.ts";
import type { ServerUrl } from "../model/words.ts";
import type { Change, Key, Store } from "../ports/store.ts";

/** Longest text of who told something that is kept, in UTF-16 units. */
export const MAX_FROM_LENGTH = 300;

/** Entries of this server's own people; not bounded, and published to friends. */
export const FROM_SELF = "this server";

/** The account of everybody who is no friend. */
export const STRANGERS = "strangers";

/** What a friend's server told. */
export function fromFriend(server: ServerUrl): string {
  return `friend ${server}`;
}

/** What a server told that is the home of the person it was asked for. */
export function fromHome(server: ServerUrl): string {
  return `home ${server}`;
}

/** Whose account an entry goes on: a friend's own, or that of all strangers together. */
export function accountOf(from: string): string {
  const isOwn = from === FROM_SELF || from.startsWith("friend ");
  return isOwn ? from.slice(0, MAX_FROM_LENGTH) : STRANGERS;
}

/** How many entries an account may hold. */
function accountLimit(account: string): number {
  if (account === FROM_SELF) return Infinity;
  return account === STRANGERS ? MAX_BOOK_STRANGERS : MAX_BOOK_PER_FRIEND;
}

/** How many entries an account holds. */
export async function countOf(store: Store, account: string): Promise<number> {
  return (await store.get<number>(["told", account]))?.value ?? 0;
}

/**
 * One entry more or less on an account, as part of a commit. Row `["told", account]`.
 *
 * @throws {PeriError} `over-quota` when the account is full.
 */
export async function countChange(
  store: Store,
  account: string,
  delta: 1 | -1,
): Promise<Change> {
  const key: Key = ["told", account];
  const found = await store.get<number>(key);
  const count = (found?.value ?? 0) + delta;
  if (delta > 0 && count > accountLimit(account)) {
    const subject = `${account} has filled its part, ${accountLimit(account)} entries`;
    throw new PeriError("over-quota", { op: "learn a behalf", subject });
  }
  return {
    checks: [{ key, version: found?.version ?? null }],
    puts: [{ key, value: Math.max(count, 0) }],
  };
}
