/**
 * Rows of the book and what they say: an entry per pod, a certificate per person.
 *
 * @module
 */

import { type Behalf, type Introduction, type Known, parseBehalf } from "../identity/behalf.ts";
import { type Bytes, equalBytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { type Fingerprint, formatPodRef, type PodRef } from "../model/words.ts";
import type { Entry, Key } from "../ports/store.ts";
import { accountAfter } from "./told.ts";

/** Who told an introduction, and when. */
export interface BookEntry extends Known {
  readonly from: string;
  readonly atMs: number;
  /** When the pod was first told of. */
  readonly sinceMs: number;
  /** Whose account it is on; see `told.ts`. */
  readonly account: string;
}

/** What is known of a person; what their user ids say are claims, not facts. */
export interface Person {
  readonly person: Fingerprint;
  readonly certificate: Bytes;
  readonly userIds: readonly string[];
}

/** The value of `["book", person, pod]`; with the longest introduction below 64 KiB. */
export interface EntryRow extends Introduction {
  readonly expiresMs: number;
  readonly from: string;
  readonly atMs: number;
  /** When the pod was first told of; it is `atMs` where it is missing. */
  readonly sinceMs?: number;
  /** Where the entry was counted when it was new. */
  readonly account: string;
  /** The entry's place among the changes of our own, or of those that are passed on. */
  readonly place?: number;
  /** The account that counts it when it is passed on for somebody who lives elsewhere. */
  readonly passedOn?: string;
}

/** The value of `["person", person]`. */
export interface PersonRow {
  readonly certificate: Bytes;
  readonly userIds: readonly string[];
  /** Date of the latest behalf that came with a certificate. */
  readonly issuedMs: number;
}

/** Of a certificate, so many user ids of this length are kept to find people by. */
const MAX_USER_IDS = 8;
const MAX_USER_ID_LENGTH = 200;

/** Where the entry of a pod is. */
export function entryKey({ person, pod }: PodRef): Key {
  return ["book", person, pod];
}

/** The first possible key after a key. */
export function behind(key: Key): Key {
  return [...key, ""];
}

/** Behalfs read lately; one that is written to is looked at for every message. */
const MAX_READ = 500;

/** Opens rows; what is in use is parsed once. */
export class Rows {
  readonly #read = new Map<string, Behalf>();

  /** What the row of an entry says; it was checked before it was written. */
  open(row: EntryRow): BookEntry {
    const { certificate, document, signature, from, atMs, sinceMs = atMs, account } = row;
    return {
      behalf: this.parse(document),
      introduction: { certificate, document, signature },
      from,
      atMs,
      sinceMs,
      account,
    };
  }

  /** @throws {PeriError} as `parseBehalf`. */
  parse(document: string): Behalf {
    const known = this.#read.get(document);
    if (known !== undefined) return known;
    const behalf = parseBehalf(document);
    const [oldest] = this.#read.keys();
    if (this.#read.size >= MAX_READ) this.#read.delete(oldest!);
    this.#read.set(document, behalf);
    return behalf;
  }
}

/** What the row of a person says. */
export function personOf({ key, value }: Entry<PersonRow>): Person {
  const { certificate, userIds } = value;
  return { person: key[1] as Fingerprint, certificate, userIds };
}

/** User ids as they may be kept and shown: few, each one bounded line without terminal controls. */
export function shownUserIds(userIds: readonly string[]): string[] {
  return userIds.slice(0, MAX_USER_IDS).map(shownUserId);
}

function shownUserId(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?").slice(0, MAX_USER_ID_LENGTH);
}

/** Whether one introduction of the same behalf has another certificate, which was joined. */
export function saysMore(known: Known, offered: Known): boolean {
  const [a, b] = [known.introduction, offered.introduction];
  return a.document === b.document && !equalBytes(a.certificate, b.certificate);
}

/** Whether who tells the same behalf again is nearer to it than who told it before. */
export function isNearer(known: BookEntry, offered: Known, from: string): boolean {
  const { behalf: { endpoint }, introduction, account } = known;
  const isSame = introduction.document === offered.introduction.document;
  return isSame && accountAfter(from, endpoint, account) !== account;
}

/** A change of the book that others were faster with, again and again. */
export function contended(ref: PodRef): PeriError {
  return new PeriError("busy", {
    op: "change the book",
    subject: `${formatPodRef(ref)} is changed by others at the same time`,
  });
}
