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

const FRIEND = "friend ";
const HOME = "home ";
const THROUGH = "through ";

/** What a friend's server told. */
export function fromFriend(server: ServerUrl): string {
  return FRIEND + server;
}

/** The account of what a friend's server passes on of people who live elsewhere. */
export function throughFriend(server: ServerUrl): string {
  return THROUGH + server;
}

/** What a server told that is the home of the person it was asked for. */
export function fromHome(server: ServerUrl): string {
  return HOME + server;
}

/**
 * Whose account an entry goes on: a friend has one for the people of its own server and one for what
 * it passes on, so that neither crowds out the other; all strangers share one.
 *
 * @param endpoint where the pod lives
 */
export function accountOf(from: string, endpoint: ServerUrl): string {
  if (from === FROM_SELF) return FROM_SELF;
  if (!from.startsWith(FRIEND)) return STRANGERS;
  const account = from === fromFriend(endpoint) ? from : THROUGH + from.slice(FRIEND.length);
  return account.slice(0, MAX_FROM_LENGTH);
}

/** Whether it is the account of the people who live at a friend's server. */
export function isOfFriend(account: string): boolean {
  return account.startsWith(FRIEND);
}

/**
 * The account of an entry that is told again: it goes on to one that is nearer, and to the server
 * where the pod lives now; from the others it does not move.
 */
export function accountAfter(
  from: string,
  endpoint: ServerUrl,
  before: string | undefined,
): string {
  const now = accountOf(from, endpoint);
  if (before === undefined) return now;
  const [near, nearBefore] = [nearness(now), nearness(before)];
  return near > nearBefore || (isOfFriend(now) && isOfFriend(before)) ? now : before;
}

function nearness(account: string): number {
  if (account === FROM_SELF) return 3;
  return isOfFriend(account) ? 2 : account === STRANGERS ? 0 : 1;
}

/** Whether the pod itself has told it, as anybody may who makes a key. */
export function isFromItself(from: string): boolean {
  return from !== FROM_SELF && !from.startsWith(FRIEND) && !from.startsWith(HOME);
}

/** How many entries an account may hold. */
function accountLimit(account: string): number {
  if (account === FROM_SELF) return Infinity;
  return account === STRANGERS ? MAX_BOOK_STRANGERS : MAX_BOOK_PER_FRIEND;
}

/** How many entries an account holds; of strangers large ones count more than once. */
export async function countOf(store: Store, account: string): Promise<number> {
  return (await store.get<number>(["told", account]))?.value ?? 0;
}

/**
 * More or less on an account, as part of a commit. Row `["told", account]`.
 *
 * @throws {PeriError} `over-quota` when the account is full.
 */
export async function countChange(
  store: Store,
  account: string,
  delta: number,
): Promise<Change> {
  const limit = accountLimit(account);
  const change = await partChange(store, ["told", account], delta, limit);
  if (change !== undefined) return change;
  const subject = `${account} has filled its part, ${limit} entries`;
  throw new PeriError("over-quota", { op: "learn a behalf", subject });
}

/** More or less in a row that counts, as part of a commit; none when that would be over a bound. */
export async function partChange(
  store: Store,
  key: Key,
  delta: number,
  most: number,
): Promise<Change | undefined> {
  const found = await store.get<number>(key);
  const count = (found?.value ?? 0) + delta;
  if (delta > 0 && count > most) return undefined;
  return {
    checks: [{ key, version: found?.version ?? null }],
    puts: [{ key, value: Math.max(count, 0) }],
  };
}
