/**
 * The web of trust of one periphery: what people have signed over each other's user ids, as far as it
 * was told, and what that is worth to those who live here. Everything kept was checked before.
 *
 * @module
 */

import { Trust } from "../../identity/trust/evaluate.ts";
import type { TrustGraph } from "../../identity/trust/graph.ts";
import { pathsTo, type UserTrust } from "../../identity/trust/paths.ts";
import { type Standing, UNKNOWN } from "../../identity/trust/standing.ts";
import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import {
  MAX_CERTIFICATIONS,
  MAX_CERTIFICATIONS_PER_ISSUER,
  MAX_RING_KEY_BYTES,
  MAX_STRANGE_CERTIFICATIONS,
} from "../../model/limits.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Certification } from "../../ports/certification.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Pgp, RingKey } from "../../ports/pgp.ts";
import type { Store } from "../../ports/store.ts";
import { allRows, isNewer, keyKey, type KeyRow, readSigned, type SignedRow } from "./rows.ts";
import { Shelf } from "./shelf.ts";

/** What the web of trust works with. */
export interface WebParts {
  readonly store: Store;
  readonly pgp: Pgp;
  readonly clock: Clock;
  /** The people who live here. */
  hosted(): readonly Fingerprint[];
  /** What the book knows of a person's certificate. */
  certificate(person: Fingerprint): Promise<Bytes | undefined>;
  /** Whose keys are known to be revoked. */
  revoked(): Promise<ReadonlySet<Fingerprint>>;
  /** Keys in whose place a person stands; absent: nobody has another key than before. */
  formers?(person: Fingerprint): Promise<readonly Former[]>;
  /** Keys that were left because they were stolen; absent: none. */
  stolen?(): Promise<ReadonlySet<Fingerprint>>;
}

/** A key in whose place another one stands. */
export interface Former {
  readonly person: Fingerprint;
  /** Others may sign with it: what it certifies counts no more. */
  readonly isStolen: boolean;
}

/** Bounds; those of `limits.ts` unless a test says otherwise. */
export interface WebBounds {
  readonly all: number;
  readonly perIssuer: number;
  readonly strange: number;
}

/** What became of a keyring. */
export interface Taken {
  /** Certifications that are kept now and were not before. */
  readonly taken: readonly Certification[];
  /** Those that were known, or older than what is known. */
  readonly known: number;
  /** Those for which there is no room. */
  readonly refused: number;
}

/** Somebody who is certified. */
export interface Certified {
  readonly person: Fingerprint;
  readonly distance: number;
}

const BOUNDS: WebBounds = {
  all: MAX_CERTIFICATIONS,
  perIssuer: MAX_CERTIFICATIONS_PER_ISSUER,
  strange: MAX_STRANGE_CERTIFICATIONS,
};
/** What certifications are worth counts so long, for they expire. */
const FRESH_MS = 60_000;
/** Longest user id that is kept with a certification, in UTF-16 units. */
const MAX_USER_ID_LENGTH = 1_024;
/** After so many new rows it is looked whether too many are strange. */
const LOOK_EVERY = 100;
const OP = "take certifications";

/** The web of trust. */
export class Web {
  #opened: Promise<Shelf> | undefined;
  /** Changes take turns. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #worth = new Map<Fingerprint, Trust>();
  #worthMs = -Infinity;
  #sinceLook = 0;

  constructor(private readonly parts: WebParts, private readonly bounds = BOUNDS) {}

  /**
   * Where somebody stands with a person who lives here. Whoever has taken the place of another key
   * stands where that one stood, and goes on trusting whom it trusted, unless it was stolen.
   */
  async standing(of: Fingerprint, other: Fingerprint): Promise<Standing> {
    const own = (await this.#formers(of)).filter(({ isStolen }) => !isStolen);
    const others = [other, ...(await this.#formers(other)).map(({ person }) => person)];
    let best: Standing = UNKNOWN;
    for (const root of [of, ...own.map(({ person }) => person)]) {
      const trust = await this.#trustOf(root);
      for (const standing of others.map((each) => trust.standing(each))) {
        if ((standing.distance ?? Infinity) < (best.distance ?? Infinity)) best = standing;
      }
    }
    return best;
  }

  async #formers(person: Fingerprint): Promise<readonly Former[]> {
    return await this.parts.formers?.(person) ?? [];
  }

  /** The ways by which somebody is certified to a person who lives here. */
  async paths(of: Fingerprint, other: Fingerprint): Promise<UserTrust[]> {
    return pathsTo((await this.#shelf()).graph, await this.#trustOf(of), other);
  }

  /** Everybody who is certified to a person who lives here, the nearest first. */
  async certified(of: Fingerprint): Promise<Certified[]> {
    const trust = await this.#trustOf(of);
    const found = (await this.#shelf()).graph.names.flatMap((person) => {
      const { distance } = trust.standing(person);
      return distance === null || distance === 0 ? [] : [{ person, distance }];
    });
    return found.sort((a, b) => a.distance - b.distance || (a.person < b.person ? -1 : 1));
  }

  /** A person's certificate as far as it is known here, the web's own copy first. */
  async certificate(person: Fingerprint): Promise<Bytes | undefined> {
    const [own, book] = await Promise.all([
      this.parts.store.get<KeyRow>(keyKey(person)),
      this.parts.certificate(person),
    ]);
    const known = own?.value.certificate;
    if (known === undefined || book === undefined) return known ?? book;
    return await this.parts.pgp.merge(known, book).catch(() => known);
  }

  /** What a person has signed, in a stable order. */
  async signedBy(person: Fingerprint): Promise<Certification[]> {
    const found: Certification[] = [];
    for await (const row of allRows<SignedRow>(this.parts.store, ["trust", person])) {
      found.push(readSigned(row));
    }
    return found;
  }

  /** What a person has signed and what was signed over their user ids, in a stable order. */
  async about(person: Fingerprint): Promise<Certification[]> {
    const found = await this.signedBy(person);
    const shelf = await this.#shelf();
    for (const said of shelf.graph.signedOn(person)) {
      const known = await shelf.known(said);
      if (known !== undefined) found.push(known);
    }
    return found;
  }

  /** A certification with the two certificates it needs to be checked, as a keyring. */
  async keyring(certification: Certification): Promise<Bytes | undefined> {
    const [issuer, subject] = await Promise.all([
      this.parts.store.get<KeyRow>(keyKey(certification.issuer)),
      this.parts.store.get<KeyRow>(keyKey(certification.subject)),
    ]);
    if (issuer === undefined || subject === undefined) return undefined;
    return await this.parts.pgp.attach(
      [issuer.value.certificate, subject.value.certificate],
      [certification],
    );
  }

  /**
   * Takes what of a keyring holds and is new; on disk when it resolves.
   *
   * @throws {PeriError} `damaged`, `too-large`; `over-quota` when there was room for nothing.
   */
  async take(keyring: Uint8Array): Promise<Taken> {
    const turn = this.#turn.then(() => this.#take(keyring));
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  /** The book has learned more of a person's certificate. */
  async heard(person: Fingerprint, certificate: Bytes): Promise<void> {
    const turn = this.#turn.then(() => this.#hear(person, certificate));
    this.#turn = turn.catch(() => undefined);
    await turn;
  }

  async #hear(person: Fingerprint, certificate: Bytes): Promise<void> {
    const { store, pgp } = this.parts;
    if (await store.get(keyKey(person)) === undefined) return;
    const { keys } = await pgp.certifications(certificate, []);
    const shelf = await this.#shelf();
    for (const key of keys) if (key.fingerprint === person) await shelf.keepKey(key);
    await this.#noteEnded(shelf.graph);
    this.#worth.clear();
  }

  async #take(keyring: Uint8Array): Promise<Taken> {
    const shelf = await this.#shelf();
    const { pgp } = this.parts;
    const issuers = await this.#issuers(shelf.graph, await pgp.certifiers(keyring));
    const certificates = issuers.map(({ certificate }) => certificate);
    const { keys, certifications } = await pgp.certifications(keyring, certificates);
    const { fresh, refused } = await this.#sort(shelf, certifications, [...issuers, ...keys]);
    const concerned = new Set(fresh.flatMap(({ issuer, subject }) => [issuer, subject]));
    for (const key of [...issuers, ...keys]) {
      const isKnown = shelf.graph.person(key.fingerprint) !== undefined;
      if (isKnown || concerned.has(key.fingerprint)) await shelf.keepKey(key);
    }
    for (const each of fresh) await shelf.keep(each);
    await this.#noteEnded(shelf.graph);
    this.#worth.clear();
    await this.#look(shelf, fresh.length);
    if (refused > 0 && fresh.length === 0) throw this.#full();
    return { taken: fresh, known: certifications.length - fresh.length - refused, refused };
  }

  /** Those that say something new, and for which there is room. */
  async #sort(
    shelf: Shelf,
    certifications: readonly Certification[],
    keys: readonly RingKey[],
  ): Promise<{ readonly fresh: readonly Certification[]; readonly refused: number }> {
    const large = new Set(
      keys.filter(({ certificate }) => certificate.length > MAX_RING_KEY_BYTES)
        .map(({ fingerprint }) => fingerprint),
    );
    const fresh: Certification[] = [];
    let refused = 0;
    for (const each of certifications) {
      const known = await shelf.known(each);
      if (known !== undefined && !isNewer(each, known)) continue;
      const isLarge = large.has(each.issuer) || large.has(each.subject);
      const hasRoom = known !== undefined || this.#hasRoom(shelf.graph, each, fresh);
      if (isLarge || !hasRoom) refused++;
      else fresh.push(each);
    }
    return { fresh, refused };
  }

  /** Certificates of those who claim to have signed, as far as they are known. */
  async #issuers(graph: TrustGraph, ids: readonly string[]): Promise<RingKey[]> {
    const found: RingKey[] = [];
    const people = new Set(ids.flatMap((id) => graph.meant(id, this.parts.hosted())));
    for (const person of people) {
      const certificate = await this.certificate(person);
      if (certificate === undefined) continue;
      const { keys } = await this.parts.pgp.certifications(certificate, []);
      found.push(...keys.filter((key) => key.fingerprint === person));
    }
    return found;
  }

  #hasRoom(graph: TrustGraph, each: Certification, fresh: readonly Certification[]): boolean {
    const { all, perIssuer } = this.bounds;
    const own = fresh.filter(({ issuer }) => issuer === each.issuer).length;
    if (graph.countBy(each.issuer) + own >= perIssuer) return false;
    if (each.userId.length > MAX_USER_ID_LENGTH) return false;
    // Whoever lives here has room for what they sign, whatever others have sent.
    return graph.size + fresh.length < all || this.parts.hosted().includes(each.issuer);
  }

  /**
   * A revocation that the book has heard of stands over what a certificate says here, and nobody
   * certifies with a key that was stolen.
   */
  async #noteEnded(graph: TrustGraph): Promise<void> {
    for (const person of await this.parts.revoked()) graph.end(person);
    if (this.parts.stolen !== undefined) graph.silent = await this.parts.stolen();
  }

  /** Lets go of the oldest of those by people whom nobody here has a way to, when they are too many. */
  async #look(shelf: Shelf, fresh: number): Promise<void> {
    this.#sinceLook += fresh;
    if (this.#sinceLook < Math.min(LOOK_EVERY, this.bounds.strange)) return;
    this.#sinceLook = 0;
    if (shelf.graph.size <= this.bounds.strange) return;
    const hosted = this.parts.hosted();
    const trusts = await Promise.all(hosted.map((person) => this.#trustOf(person)));
    const near = (person: Fingerprint) =>
      trusts.some((trust) => trust.standing(person).distance !== null);
    await shelf.forgetOldest(({ issuer }) => !near(issuer), this.bounds.strange);
    this.#worth.clear();
  }

  async #trustOf(person: Fingerprint): Promise<Trust> {
    const { graph } = await this.#shelf();
    const nowMs = this.parts.clock.nowMs();
    if (Math.abs(nowMs - this.#worthMs) > FRESH_MS) {
      await this.#noteEnded(graph);
      this.#worth.clear();
      this.#worthMs = nowMs;
    }
    const known = this.#worth.get(person);
    if (known !== undefined) return known;
    const trust = new Trust(graph, person, nowMs);
    this.#worth.set(person, trust);
    return trust;
  }

  async #shelf(): Promise<Shelf> {
    this.#opened ??= Shelf.open(this.parts).catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return await this.#opened;
  }

  #full(): PeriError {
    const { all, perIssuer } = this.bounds;
    const subject = `${all} are kept, ${perIssuer} of one person; there is no room for these`;
    return new PeriError("over-quota", { op: OP, subject });
  }
}
