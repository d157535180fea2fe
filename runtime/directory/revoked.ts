/**
 * Keys that their people have taken out of use. Whoever holds a stolen key could bring a certificate
 * without it at any time, so what is known is never let go of to make room for others.
 *
 * Of people in the book every revocation is kept: the book is bounded, and the certificate that says
 * so stands with the person. Of those who have left it, and of those who were never in it, but of
 * whom somebody has told, only the fact is kept, as many as fit on the part of the teller.
 *
 * Rows: `["revoked", person]` when it was heard, and `["revocations", account]` of how many people
 * outside the book by whose telling.
 *
 * @module
 */

import type { Introduction } from "../identity/behalf.ts";
import { revokedKey } from "../identity/ended.ts";
import type { Bytes } from "../model/bytes.ts";
import { MAX_REVOKED } from "../model/limits.ts";
import type { Fingerprint, PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import { type Change, type Key, mergeChanges, type Store } from "../ports/store.ts";
import { behind, type PersonRow } from "./entry.ts";
import { FROM_SELF, partChange } from "./told.ts";

/** Rows read at once. */
const PAGE = 1_000;
/** Times a change is tried again when another process was faster. */
const MAX_TRIES = 20;

/** Revoked keys that this periphery has heard of. */
export class Revocations {
  #people: Promise<Set<Fingerprint>> | undefined;

  constructor(private readonly parts: { readonly store: Store; readonly clock: Clock }) {}

  /** Whether a person's key is known to be revoked. */
  async has(person: Fingerprint): Promise<boolean> {
    return (await this.#all()).has(person);
  }

  /** @throws {PeriError} `denied` when the key of this behalf's person is revoked. */
  async refuse(ref: PodRef): Promise<void> {
    if (await this.has(ref.person)) throw revokedKey(ref);
  }

  /**
   * Remembers that a person's key is revoked, with the certificate that says so. Of somebody who is
   * not in the book nothing is kept without a teller, or when the part of that teller is full.
   *
   * @param teller the account of who has said so; none of those who speak for themselves alone, of
   * whom there are as many as anybody likes to make
   */
  async note(person: Fingerprint, certificate: Bytes, teller?: string): Promise<void> {
    const people = await this.#all();
    for (let tries = 0; tries < MAX_TRIES && !people.has(person); tries++) {
      const key: Key = ["person", person];
      const found = await this.parts.store.get<PersonRow>(key);
      const room = found !== undefined ? {} : teller && await this.#countChange(teller);
      if (!room) return;
      const puts = [{ key: keyOf(person), value: this.parts.clock.nowMs() }];
      const change: Change = found === undefined ? { checks: [{ key, version: null }], puts } : {
        checks: [{ key, version: found.version }],
        puts: [...puts, { key, value: { ...found.value, certificate } }],
      };
      if (await this.parts.store.commit(mergeChanges([change, room]))) people.add(person);
    }
  }

  /** What goes with the commit that adds somebody to the book: nobody comes in who is revoked. */
  planCome(person: Fingerprint): Change {
    return { checks: [{ key: keyOf(person), version: null }] };
  }

  /** What goes with the commit that removes a person's last entry, which was on this account. */
  async planGone(person: Fingerprint, account: string): Promise<Change> {
    const key = keyOf(person);
    const found = await this.parts.store.get<number>(key);
    const checks = [{ key, version: found?.version ?? null }];
    if (found === undefined) return { checks };
    return mergeChanges([{ checks }, await this.#countChange(account) ?? { deletes: [key] }]);
  }

  /** To be called when that commit has happened. */
  async gone(person: Fingerprint): Promise<void> {
    const people = await this.#all();
    if (!people.has(person) || await this.parts.store.get(keyOf(person)) !== undefined) return;
    people.delete(person);
  }

  /** An introduction that says that its person's key is revoked, for others to hear of it. */
  async marked(person: Fingerprint, introduction: Introduction): Promise<Introduction> {
    const found = await this.parts.store.get<PersonRow>(["person", person]);
    return found === undefined
      ? introduction
      : { ...introduction, certificate: found.value.certificate };
  }

  /** Everybody whose key is known to be revoked. */
  async all(): Promise<ReadonlySet<Fingerprint>> {
    return await this.#all();
  }

  async #all(): Promise<Set<Fingerprint>> {
    this.#people ??= this.#read().catch((error: unknown) => {
      this.#people = undefined;
      throw error;
    });
    return await this.#people;
  }

  async #read(): Promise<Set<Fingerprint>> {
    const people = new Set<Fingerprint>();
    for (let start: { start?: Key } = {};;) {
      const asked = { prefix: ["revoked"], ...start, limit: PAGE };
      const rows = await this.parts.store.list<number>(asked);
      for (const { key } of rows) people.add(key[1] as Fingerprint);
      if (rows.length < PAGE) return people;
      start = { start: behind(rows.at(-1)!.key) };
    }
  }

  /** One more on the part of an account; none when it is full. */
  async #countChange(account: string): Promise<Change | undefined> {
    if (account === FROM_SELF) return {};
    return await partChange(this.parts.store, ["revocations", account], 1, MAX_REVOKED);
  }
}

function keyOf(person: Fingerprint): Key {
  return ["revoked", person];
}
