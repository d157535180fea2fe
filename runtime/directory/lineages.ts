/**
 * Rows of lineages: what one says, and what is written when it comes and when it goes.
 *
 * @module
 */

import { type HeldLineage } from "../identity/succession/check.ts";
import { openHeld } from "../identity/succession/held.ts";
import type { Bytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { Fingerprint } from "../model/words.ts";
import { type Change, type Entry, type Key, mergeChanges, type Store } from "../ports/store.ts";
import type { EntryRow } from "./entry.ts";
import { FROM_SELF, partChange, STRANGERS } from "./told.ts";

/** The value of `["lineage", person]`. */
export interface LineageRow {
  readonly bytes: Bytes;
  /** Its key has signed another beginning: it may be in other hands. */
  readonly isDisputed?: true;
  /** Whose part it is on; absent for people of this server. */
  readonly account?: string;
}

/** A lineage that is known. */
export interface KnownLineage extends HeldLineage {
  readonly bytes: Bytes;
  /** The key has also signed another first recovery statement, which was not taken. */
  readonly isDisputed: boolean;
}

/** What a row says. */
export function openRow(person: Fingerprint, row: LineageRow): KnownLineage {
  const { bytes, isDisputed } = row;
  return { ...openHeld(person, bytes), bytes, isDisputed: isDisputed ?? false };
}

/** Where the lineage of a person is. */
export function lineageKey(person: Fingerprint): Key {
  return ["lineage", person];
}

/** What follows when another successor counts than before. */
export function heirChange(
  person: Fingerprint,
  before: Fingerprint | undefined,
  heir: Fingerprint | undefined,
): Change {
  if (heir === before) return {};
  const follow = { key: followKey(person), value: before ?? person };
  if (heir === undefined) return { puts: [follow], deletes: [heirKey(person)] };
  return { puts: [follow, { key: heirKey(person), value: heir }] };
}

/** Whose part the lineage of somebody in the book is on: that of whoever told of them. */
export async function accountOfPerson(
  store: Store,
  person: Fingerprint,
): Promise<string | undefined> {
  const [entry] = await store.list<EntryRow>({ prefix: ["book", person], limit: 1 });
  const account = entry?.value.account ?? STRANGERS;
  return account === FROM_SELF ? undefined : account;
}

/** One more on somebody's part. @throws {PeriError} `over-quota` when it is full. */
export async function comeChange(
  store: Store,
  account: string | undefined,
  most: number,
): Promise<Change> {
  const change = account === undefined ? {} : await partChange(store, partKey(account), 1, most);
  if (change !== undefined) return change;
  const subject = `${account} has filled its part, ${most} people`;
  throw new PeriError("over-quota", { op: "learn a succession", subject });
}

/**
 * Lets go of a lineage of which nobody has any use; none while somebody has: while its person or one
 * of those who have followed is in the book, or somebody is kept here whom the person certifies.
 *
 * @param line the person, and those who have followed
 */
export async function goneChange(
  store: Store,
  { key, value: { account }, version }: Entry<LineageRow>,
  line: readonly Fingerprint[],
): Promise<Change | undefined> {
  // People of this server stay known, however long it was switched off.
  if (account === undefined) return undefined;
  const person = key[1] as Fingerprint;
  const uses: Key[] = [followKey(person), ...line.map((each) => ["person", each])];
  for (const use of uses) if (await store.get(use) !== undefined) return undefined;
  if ((await store.list({ prefix: ["trust", person], limit: 1 })).length > 0) return undefined;
  return mergeChanges([
    { checks: uses.map((use) => ({ key: use, version: null })) },
    { checks: [{ key, version }], deletes: [key, heirKey(person)] },
    await partChange(store, partKey(account), -1, Infinity) ?? {},
  ]);
}

function heirKey(person: Fingerprint): Key {
  return ["heir", person];
}

/** Where it says that what is kept of a person has yet to go to their successor. */
export function followKey(person: Fingerprint): Key {
  return ["follow", person];
}

function partKey(account: string): Key {
  return ["lineages", account];
}
