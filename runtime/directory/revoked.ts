/**
 * Keys that their people have taken out of use. A revocation is never forgotten while there is room:
 * whoever holds a stolen key could bring a certificate without it at any time.
 *
 * Row: `["revoked", person]` the certificate that says so.
 *
 * @module
 */

import type { Introduction } from "../identity/behalf.ts";
import type { Bytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { MAX_REVOKED } from "../model/limits.ts";
import { type Fingerprint, formatPodRef, type PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Key, Store } from "../ports/store.ts";

interface RevokedRow {
  readonly certificate: Bytes;
  readonly atMs: number;
}

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
    if (await this.has(ref.person)) throw revoked(ref);
  }

  /** Keeps a certificate that was seen to be revoked; the oldest goes when there are too many. */
  async note(person: Fingerprint, certificate: Bytes): Promise<void> {
    const people = await this.#all();
    const { store, clock } = this.parts;
    const row: RevokedRow = { certificate, atMs: clock.nowMs() };
    await store.commit({ puts: [{ key: keyOf(person), value: row }] });
    people.add(person);
    if (people.size > MAX_REVOKED) await this.#dropOldest(people);
  }

  /** An introduction that says that its person's key is revoked, for others to hear of it. */
  async marked(person: Fingerprint, introduction: Introduction): Promise<Introduction> {
    const found = await this.parts.store.get<RevokedRow>(keyOf(person));
    return found === undefined
      ? introduction
      : { ...introduction, certificate: found.value.certificate };
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
    const prefix: Key = ["revoked"];
    for (let start: { start?: Key } = {};;) {
      const rows = await this.parts.store.list<RevokedRow>({ prefix, ...start, limit: 200 });
      for (const { key, value } of rows) {
        found.push({ person: key[1] as Fingerprint, atMs: value.atMs });
      }
      if (rows.length < 200) return found;
      start = { start: [...rows.at(-1)!.key, ""] };
    }
  }

  async #dropOldest(people: Set<Fingerprint>): Promise<void> {
    const rows = await this.#rows();
    const oldest = rows.reduce((a, b) => b.atMs < a.atMs ? b : a);
    await this.parts.store.commit({ deletes: [keyOf(oldest.person)] });
    people.delete(oldest.person);
  }
}

function keyOf(person: Fingerprint): Key {
  return ["revoked", person];
}

/** What is said of the behalf of a revoked key. */
export function revoked(ref: PodRef): PeriError {
  return new PeriError("denied", {
    op: "check a behalf",
    subject: `${formatPodRef(ref)}: the person's key is revoked`,
    hint: "ask them for their new key, by a way that you trust",
  });
}
