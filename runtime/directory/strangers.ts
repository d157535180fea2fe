/**
 * Strangers in the book: whose entries go when there are too many. Nobody is refused for what
 * somebody else has told; the oldest makes room, and is introduced again when it is heard again.
 *
 * Rows: `["stranger", person, pod]` when an entry of the strangers' part was told, and
 * `["stranger age", when, person, pod]` the same in order of time.
 *
 * @module
 */

import { MAX_BOOK_PER_STRANGER, MAX_BOOK_STRANGERS } from "../model/limits.ts";
import type { Fingerprint, PodName, PodRef } from "../model/words.ts";
import { type Change, type Key, mergeChanges, type Store } from "../ports/store.ts";
import type { EntryRow } from "./entry.ts";
import { countChange, countOf, STRANGERS } from "./told.ts";

/**
 * The entry that is to go before one of a person is added: their own oldest when they have as many
 * as one person may, else the oldest of all when the strangers' part is full.
 */
export async function crowdedOut(store: Store, person: Fingerprint): Promise<PodRef | undefined> {
  const own = await store.list<number>({
    prefix: ["stranger", person],
    limit: MAX_BOOK_PER_STRANGER,
  });
  if (own.length >= MAX_BOOK_PER_STRANGER) {
    const { key } = own.reduce((oldest, one) => one.value < oldest.value ? one : oldest);
    return { person, pod: key[2] as PodName };
  }
  if (await countOf(store, STRANGERS) < MAX_BOOK_STRANGERS) return undefined;
  const [oldest] = await store.list({ prefix: ["stranger age"], limit: 1 });
  if (oldest === undefined) return undefined;
  return { person: oldest.key[2] as Fingerprint, pod: oldest.key[3] as PodName };
}

/**
 * Puts an entry on an account, as part of the commit that writes it.
 *
 * @throws {PeriError} `over-quota` when that account is full.
 */
export async function accountChange(
  store: Store,
  ref: PodRef,
  { account, atMs, before }: {
    readonly account: string;
    readonly atMs: number;
    readonly before: EntryRow | undefined;
  },
): Promise<Change> {
  const isMoved = account !== before?.account;
  return mergeChanges([
    before?.account === STRANGERS ? strangerGone(ref, before.atMs) : {},
    isMoved && before !== undefined ? await countChange(store, before.account, -1) : {},
    isMoved ? await countChange(store, account, 1) : {},
    account === STRANGERS ? strangerTold(ref, atMs) : {},
  ]);
}

/** An entry of the strangers' part was told, as part of the commit that writes it. */
function strangerTold({ person, pod }: PodRef, atMs: number): Change {
  const puts = [
    { key: ["stranger", person, pod], value: atMs },
    { key: ageKey({ person, pod }, atMs), value: atMs },
  ];
  return { puts };
}

/** An entry that was told then is no longer what the strangers' part holds. */
export function strangerGone({ person, pod }: PodRef, atMs: number): Change {
  return { deletes: [["stranger", person, pod], ageKey({ person, pod }, atMs)] };
}

function ageKey({ person, pod }: PodRef, atMs: number): Key {
  return ["stranger age", atMs, person, pod];
}
