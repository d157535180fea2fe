/**
 * Keys that their people have taken out of use. A revocation is never forgotten while there is room:
 * whoever holds a stolen key could bring a certificate without it at any time.
 *
 * Row: `["revoked", person]` when it was heard. The certificate that says so stands with the person.
 *
 * @module
 */

import type { Introduction } from "../identity/behalf.ts";
import { revokedKey } from "../identity/ended.ts";
import type { Bytes } from "../model/bytes.ts";
import { MAX_REVOKED } from "../model/limits.ts";
import type { Fingerprint, PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Key, Store } from "../ports/store.ts";
import { behind, type PersonRow } from "./entry.ts";

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
   * Remembers that a person's key is revoked, with the certificate that says so; the oldest goes when
   * there are too many. Of somebody who is not in the book nothing is kept.
   */
  async note(person: Fingerprint, certificate: Bytes): Promise<void> {
    const people = await this.#all();
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await this.parts.store.get<PersonRow>(["person", person]);
      if (found === undefined) return;
      const { key, value, version } = found;
      const puts = [
        { key: keyOf(person), value: this.parts.clock.nowMs() },
        { key, value: { ...value, certificate } },
      ];
      if (!await this.parts.store.commit({ checks: [{ key, version }], puts })) continue;
      people.add(person);
      if (people.size > MAX_REVOKED) await this.#dropOldest(people);
      return;
    }
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
    return new Set((await this.#rows()).map(({ person }) => person));
  }

  async #rows(): Promise<{ person: Fingerprint; atMs: number }[]> {
    const found: { person: Fingerprint; atMs: number }[] = [];
    for (let start: { start?: Key } = {};;) {
      const asked = { prefix: ["revoked"], ...start, limit: PAGE };
      const rows = await this.parts.store.list<number>(asked);
      found.push(...rows.map(({ key, value }) => ({ person: key[1] as Fingerprint, atMs: value })));
      if (rows.length < PAGE) return found;
      start = { start: behind(rows.at(-1)!.key) };
    }
  }

  async #dropOldest(people: Set<Fingerprint>): Promise<void> {
    const oldest = (await this.#rows()).reduce((a, b) => b.atMs < a.atMs ? b : a);
    await this.parts.store.commit({ deletes: [keyOf(oldest.person)] });
    people.delete(oldest.person);
  }
}

function keyOf(person: Fingerprint): Key {
  return ["revoked", person];
}
