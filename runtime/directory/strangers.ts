/**
 * Strangers in the book: whose entries go when there are too many. Nobody is refused for what
 * somebody else has told; the oldest makes room, and is introduced again when it is heard again.
 *
 * Rows: `["stranger", person, pod]` when an entry of the strangers' part was told, and
 * `["stranger age", when, person, pod]` the same in order of time.
 *
 * @module
 */

import type { Introduction } from "../identity/behalf.ts";
import { MAX_BOOK_PER_STRANGER, MAX_BOOK_STRANGERS, STRANGER_PAGE_BYTES } from "../model/limits.ts";
import type { Fingerprint, PodName, PodRef } from "../model/words.ts";
import { type Change, type Key, mergeChanges, type Store } from "../ports/store.ts";
import type { EntryRow } from "./entry.ts";
import { countChange, countOf, STRANGERS } from "./told.ts";

/**
 * What an entry counts on an account: one, and for strangers one for every `STRANGER_PAGE_BYTES`, or a
 * few with certificates as large as may be would take gigabytes. The certificate stands with the person
 * too.
 */
export function weightOn(
  account: string,
  { certificate, document, signature }: Introduction,
): number {
  if (account !== STRANGERS) return 1;
  const sizeBytes = 2 * certificate.length + document.length + signature.length;
  return Math.ceil(sizeBytes / STRANGER_PAGE_BYTES);
}

/**
 * An entry that is to go before one of a person is added or grows: their own oldest when they have as
 * many as one person may, else the oldest of all when there is no room for `weight` more; none when
 * there is. To be asked again when it has gone.
 */
export async function crowdedOut(
  store: Store,
  person: Fingerprint,
  { weight, isNew }: { readonly weight: number; readonly isNew: boolean },
): Promise<PodRef | undefined> {
  const own = await store.list<number>({
    prefix: ["stranger", person],
    limit: MAX_BOOK_PER_STRANGER,
  });
  if (isNew && own.length >= MAX_BOOK_PER_STRANGER) {
    const { key } = own.reduce((oldest, one) => one.value < oldest.value ? one : oldest);
    return { person, pod: key[2] as PodName };
  }
  if (await countOf(store, STRANGERS) + weight <= MAX_BOOK_STRANGERS) return undefined;
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
  { account, atMs, before, after }: {
    readonly account: string;
    readonly atMs: number;
    readonly before: EntryRow | undefined;
    readonly after: Introduction;
  },
): Promise<Change> {
  const isMoved = account !== before?.account;
  const [was, is] = [before ? weightOn(before.account, before) : 0, weightOn(account, after)];
  return mergeChanges([
    before?.account === STRANGERS ? strangerGone(ref, before.atMs) : {},
    isMoved && before !== undefined ? await countChange(store, before.account, -was) : {},
    isMoved ? await countChange(store, account, is) : {},
    !isMoved && is !== was ? await countChange(store, account, is - was) : {},
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
