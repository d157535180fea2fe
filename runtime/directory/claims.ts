/**
 * By which words people are found: those of their user ids, and the ends of their fingerprints.
 *
 * Rows: `["claim", word, person]` and `["key id", digits, person]`, the last 16 digits of a
 * fingerprint from the last to the first. They change with the row of the person.
 *
 * @module
 */

import type { Fingerprint } from "../model/words.ts";
import type { Change, Key, Store } from "../ports/store.ts";
import { behind } from "./entry.ts";

/** Words by which one person is found; user ids are their own choice. */
const MAX_WORDS = 32;
const MAX_WORD_LENGTH = 64;
const KEY_ID_DIGITS = 16;
/** Rows read for one word: a word of more people than that finds no one of them. */
const MAX_READ = 2_000;
const PAGE = 1_000;

/** What is found by a text, and whether there may be more than that. */
export interface Candidates {
  readonly people: readonly Fingerprint[];
  readonly isAll: boolean;
}

/** The change of these rows when a person's user ids change; `before` is absent for somebody new. */
export function claimChange(
  person: Fingerprint,
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): Change {
  const [had, has] = [wordsOf(before ?? []), wordsOf(after ?? [])];
  const puts = [...has].filter((word) => !had.has(word)).map((word) => claimKey(word, person));
  const deletes = [...had].filter((word) => !has.has(word)).map((word) => claimKey(word, person));
  const id: Key = ["key id", idOf(person), person];
  if (before === undefined) puts.push(id);
  if (after === undefined) deletes.push(id);
  return { puts: puts.map((key) => ({ key, value: 1 })), deletes };
}

/**
 * People of whom one word of a text, the rarest that was met, begins a word of their user ids. Whether
 * they have the others too, and in this order, must be looked at.
 */
export async function findClaims(store: Store, text: string): Promise<Candidates> {
  const words = [...wordsOf([text], 8)];
  let best: Candidates = { people: [], isAll: true };
  for (const [at, word] of words.entries()) {
    const found = await readFrom(store, "claim", word);
    if (at === 0 || (found.isAll && !best.isAll) || found.people.length < best.people.length) {
      best = found;
    }
    if (best.isAll && best.people.length < 100) break;
  }
  return best;
}

/** People whose fingerprint begins or ends with these digits, which are upper-case. */
export async function findDigits(store: Store, digits: string): Promise<Candidates> {
  const first = await readFrom(store, "person", digits);
  const last = await readFrom(store, "key id", backwards(digits).slice(0, KEY_ID_DIGITS));
  const people = [...new Set([...first.people, ...last.people])]
    .filter((person) => person.startsWith(digits) || person.endsWith(digits));
  return { people, isAll: first.isAll && last.isAll };
}

/** The people of the rows of a table whose word begins like this. */
async function readFrom(store: Store, table: string, word: string): Promise<Candidates> {
  const people = new Set<Fingerprint>();
  let start: Key = [table, word];
  // The highest character that a word may have, so that the range ends behind its last one.
  const end: Key = [table, `${word}\u{10ffff}`];
  for (let read = 0; read < MAX_READ; read += PAGE) {
    const rows = await store.list({ prefix: [table], start, end, limit: PAGE });
    for (const { key } of rows) people.add(key.at(-1) as Fingerprint);
    if (rows.length < PAGE) return { people: [...people], isAll: true };
    start = behind(rows.at(-1)!.key);
  }
  return { people: [...people], isAll: false };
}

/** A text in the one form in which those are alike that mean the same to who looks for them. */
export function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

/** Words in small letters, mail addresses also as a whole, the longest first. */
function wordsOf(userIds: readonly string[], most = MAX_WORDS): Set<string> {
  const texts = userIds.map(folded);
  const mails = texts.flatMap((text) => text.match(/[^\s<>()"',;]+@[^\s<>()"',;]+/gu) ?? []);
  const words = texts.flatMap((text) => text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []);
  const all = [...new Set([...mails, ...words])].map((word) => word.slice(0, MAX_WORD_LENGTH));
  return new Set(all.sort((a, b) => b.length - a.length).slice(0, most));
}

function claimKey(word: string, person: Fingerprint): Key {
  return ["claim", word, person];
}

function idOf(person: Fingerprint): string {
  return backwards(person).slice(0, KEY_ID_DIGITS);
}

function backwards(digits: string): string {
  return [...digits].reverse().join("");
}
