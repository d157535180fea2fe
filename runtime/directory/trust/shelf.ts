/**
 * Certifications where they are kept: on disk, and as a graph in memory that says the same.
 *
 * @module
 */

import { TrustGraph } from "../../identity/trust/graph.ts";
import { equalBytes } from "../../model/bytes.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Certification } from "../../ports/certification.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Pgp, RingKey } from "../../ports/pgp.ts";
import type { Store } from "../../ports/store.ts";
import { allRows, keyKey, type KeyRow, readSigned, signedKey, type SignedRow } from "./rows.ts";

/** What a shelf works with. */
export interface ShelfParts {
  readonly store: Store;
  readonly pgp: Pgp;
  readonly clock: Clock;
}

/** The shelf. One change at a time. */
export class Shelf {
  private constructor(private readonly parts: ShelfParts, readonly graph: TrustGraph) {}

  /** Reads all that is kept. */
  static async open(parts: ShelfParts): Promise<Shelf> {
    const { store } = parts;
    const graph = new TrustGraph();
    for await (const row of allRows<SignedRow>(store, ["trust"])) graph.put(readSigned(row));
    for await (const { key, value } of allRows<KeyRow>(store, ["trust-key"])) {
      const person = key[1] as Fingerprint;
      // A crash may have come between a certificate and what was signed with it.
      if (graph.person(person) === undefined) await store.commit({ deletes: [key] });
      else graph.setKey(person, value);
    }
    return new Shelf(parts, graph);
  }

  /** What the issuer of a certification has said last of its user id. */
  async known(
    said: Pick<Certification, "issuer" | "subject" | "userId">,
  ): Promise<Certification | undefined> {
    const row = await this.parts.store.get<SignedRow>(signedKey(said));
    return row && readSigned(row);
  }

  /** Keeps what a certificate says, with all that was known of it. */
  async keepKey(offered: RingKey): Promise<void> {
    const { store, pgp } = this.parts;
    const key = keyKey(offered.fingerprint);
    const found = await store.get<KeyRow>(key);
    let info = offered;
    if (found !== undefined) {
      if (equalBytes(found.value.certificate, offered.certificate)) return;
      const certificate = await pgp.merge(found.value.certificate, offered.certificate);
      if (equalBytes(found.value.certificate, certificate)) return;
      info = { ...await pgp.inspect(certificate), certificate };
    }
    const { certificate, userIds, expiresMs, revoked } = info;
    const end = expiresMs === undefined ? {} : { expiresMs };
    const row: KeyRow = { certificate, userIds, revoked, ...end };
    await store.commit({ puts: [{ key, value: row }] });
    this.graph.setKey(offered.fingerprint, row);
  }

  /** Keeps a certification in the place of what its issuer said before. */
  async keep(certification: Certification): Promise<void> {
    const { issuer: _issuer, subject: _subject, ...said } = certification;
    const value: SignedRow = { ...said, atMs: this.parts.clock.nowMs() };
    await this.parts.store.commit({ puts: [{ key: signedKey(certification), value }] });
    this.graph.put(certification);
  }

  /** Lets go of the oldest of some kind, until there are no more than so many. */
  async forgetOldest(isMeant: (said: Certification) => boolean, most: number): Promise<void> {
    const meant: { readonly said: Certification; readonly atMs: number }[] = [];
    for await (const row of allRows<SignedRow>(this.parts.store, ["trust"])) {
      const said = readSigned(row);
      if (isMeant(said)) meant.push({ said, atMs: row.value.atMs });
    }
    meant.sort((a, b) => a.atMs - b.atMs);
    for (const { said } of meant.slice(0, Math.max(0, meant.length - most))) {
      await this.parts.store.commit({ deletes: [signedKey(said)] });
      this.graph.drop(said.issuer, said.subject, said.userId);
      const alone = [said.issuer, said.subject].filter((person) => this.graph.isAlone(person));
      await this.parts.store.commit({ deletes: alone.map(keyKey) });
    }
  }
}
