/**
 * What certifications are worth to one person (RFC 9580 section 5.2.3.21, as GnuPG's trust model
 * `pgp` reads it). In rounds: first count those of the person, then those of whom they trust to
 * certify, and so on. Pure; the time is that of walking once through what is in reach.
 *
 * A user id is certified when the amounts of all who count for it come to 120. Somebody counts with
 * the amount that was signed for them, never more than those on the way to them, for as many rounds
 * as the depths on the way allow, and for user ids that fit every expression on it. What has expired
 * or was taken back counts for nothing, nor does what was signed by or over a key that has ended.
 *
 * @module
 */

import { MAX_TRUST_DISTANCE } from "../../model/limits.ts";
import type { Fingerprint } from "../../model/words.ts";
import { AMOUNT } from "../../ports/certification.ts";
import { NONE, type TrustGraph } from "./graph.ts";
import type { Matcher } from "./regex.ts";
import { type Standing, UNKNOWN } from "./standing.ts";

/** Expressions that user ids must fit, from the last on the way to the first. */
export interface Scope {
  readonly fits: Matcher;
  readonly up: Scope | undefined;
}

/** Stands where others have the round in which they came to count. */
const ROOT_ROUND = 255;
/** The deepest that OpenPGP can write. */
const MAX_DEPTH = 255;

/** What certifications are worth to one person at one moment. Of one state of the graph. */
export class Trust {
  /** Rounds until somebody was certified; 0 for nobody who is. */
  readonly #distances: Uint8Array;
  /** How much has come together for each user id, as long as its person does not count. */
  readonly #sums: Uint16Array;
  /** The edge by which somebody counts; `NONE` who does not. */
  readonly #madeBy: Int32Array;
  /** Best edge on somebody who may come to count, while they are not certified. */
  readonly #offered: Int32Array;
  /** Of those who count: how many more may count behind them, how much, in which round. */
  readonly #depths: Uint8Array;
  readonly #amounts: Uint8Array;
  readonly #rounds: Uint8Array;
  readonly #scopes: (Scope | undefined)[];
  readonly #root: number;

  constructor(
    private readonly graph: TrustGraph,
    readonly person: Fingerprint,
    private readonly nowMs: number,
  ) {
    const people = graph.names.length;
    this.#distances = new Uint8Array(people);
    this.#sums = new Uint16Array(graph.userTexts.length);
    this.#madeBy = new Int32Array(people).fill(NONE);
    this.#offered = new Int32Array(people).fill(NONE);
    this.#depths = new Uint8Array(people);
    this.#amounts = new Uint8Array(people);
    this.#rounds = new Uint8Array(people);
    this.#scopes = new Array(people);
    this.#root = graph.person(person) ?? NONE;
    if (this.#root !== NONE && graph.keyEndMs[this.#root]! > nowMs) this.#walk();
  }

  /** Where somebody stands. */
  standing(other: Fingerprint): Standing {
    if (other === this.person) return { distance: 0, certified: true };
    const number = this.graph.person(other);
    const distance = number === undefined ? 0 : this.#distances[number] ?? 0;
    return distance === 0 ? UNKNOWN : { distance, certified: true };
  }

  /** Whether somebody's certifications count, the person's own among them. */
  counts(person: number): boolean {
    return person === this.#root || this.#madeBy[person] !== NONE;
  }

  /** How much an edge adds to its user id; 0 for one that does not count. */
  worth(edge: number): number {
    const issuer = this.graph.issuers[edge]!;
    if (!this.counts(issuer)) return 0;
    return this.#isGood(edge, this.#scopes[issuer]) ? this.#amounts[issuer]! : 0;
  }

  /** The edge by which somebody counts; undefined for the person and for who does not. */
  madeBy(person: number): number | undefined {
    const edge = this.#madeBy[person]!;
    return edge === NONE ? undefined : edge;
  }

  /** How much somebody's certifications count, and how many more may count behind them. */
  introducer(person: number): { readonly amount: number; readonly depth: number } {
    return { amount: this.#amounts[person]!, depth: this.#depths[person]! };
  }

  #walk(): void {
    this.#amounts[this.#root] = AMOUNT.full;
    this.#rounds[this.#root] = ROOT_ROUND;
    this.#depths[this.#root] = MAX_DEPTH;
    let counting = [this.#root];
    for (let round = 1; round <= MAX_TRUST_DISTANCE && counting.length > 0; round++) {
      const touched: number[] = [];
      for (const issuer of counting) this.#hear(issuer, round, touched);
      if (round === MAX_TRUST_DISTANCE) return;
      counting = touched.filter((person) => this.#admit(person, round));
    }
  }

  /** Adds up all that somebody who counts has signed. */
  #hear(issuer: number, round: number, touched: number[]): void {
    const { firstBy, nextBy, subjects, users, goodUntilMs, depths } = this.graph;
    const sums = this.#sums;
    const distances = this.#distances;
    const offered = this.#offered;
    const rounds = this.#rounds;
    const nowMs = this.nowMs;
    const scope = this.#scopes[issuer];
    const worth = this.#amounts[issuer]!;
    // Whoever is found in the last round is not heard any more.
    const canOffer = this.#depths[issuer]! > 0 && round < MAX_TRUST_DISTANCE;
    for (let edge = firstBy[issuer]!; edge !== NONE; edge = nextBy[edge]!) {
      const subject = subjects[edge]!;
      // Of somebody who counts already nothing more is to be found out; so it is of the root.
      if (rounds[subject] !== 0 || goodUntilMs[edge]! <= nowMs) continue;
      const user = users[edge]!;
      if (scope !== undefined && !this.#fits(scope, user)) continue;
      const sum = sums[user]! + worth;
      sums[user] = sum < AMOUNT.full ? sum : AMOUNT.full;
      if (sum >= AMOUNT.full && distances[subject] === 0) distances[subject] = round;
      const isFirst = offered[subject] === NONE;
      if (canOffer && depths[edge]! > 0) this.#offer(edge, subject);
      // Whoever was offered before may be certified enough only now.
      if (!isFirst ? distances[subject] === round : offered[subject] !== NONE) {
        touched.push(subject);
      }
    }
  }

  /** Whether an edge counts for those behind a scope. */
  #isGood(edge: number, scope: Scope | undefined): boolean {
    const { subjects, users, goodUntilMs } = this.graph;
    return goodUntilMs[edge]! > this.nowMs && subjects[edge] !== this.#root &&
      (scope === undefined || this.#fits(scope, users[edge]!));
  }

  #fits(scope: Scope, user: number): boolean {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.up) {
      if (!this.graph.fits(at.fits, user)) return false;
    }
    return true;
  }

  /** Of several who would have somebody count, the greatest amount is taken, then the deepest. */
  #offer(edge: number, subject: number): void {
    const best = this.#offered[subject]!;
    if (best === NONE || this.#rank(edge) > this.#rank(best)) this.#offered[subject] = edge;
  }

  /** A number that is greater for a greater amount, then for a greater depth. */
  #rank(edge: number): number {
    return this.#amountOf(edge) * (MAX_DEPTH + 1) + this.#depthOf(edge);
  }

  /** How much its subject counts by an edge: no more than its issuer. */
  #amountOf(edge: number): number {
    const [given, own] = [this.graph.amounts[edge]!, this.#amounts[this.graph.issuers[edge]!]!];
    return given < own ? given : own;
  }

  /** How many more may count behind its subject by an edge: fewer than behind its issuer. */
  #depthOf(edge: number): number {
    const [given, own] = [this.graph.depths[edge]!, this.#depths[this.graph.issuers[edge]!]!];
    return (given < own ? given : own) - 1;
  }

  /** Whether somebody counts from the next round on. */
  #admit(person: number, round: number): boolean {
    if (this.#distances[person] === 0 || this.#madeBy[person] !== NONE) return false;
    if (this.graph.silent.has(this.graph.names[person]!)) return false;
    const edge = this.#offered[person]!;
    const amount = this.#amountOf(edge);
    if (amount === 0) return false;
    const scope = this.#scopeOf(edge);
    this.#scopes[person] = scope;
    this.#madeBy[person] = edge;
    this.#amounts[person] = amount;
    this.#depths[person] = this.#depthOf(edge);
    this.#rounds[person] = round;
    return true;
  }

  /** What somebody may certify who counts by an edge. */
  #scopeOf(edge: number): Scope | undefined {
    const regex = this.graph.regexes[edge];
    const up = this.#scopes[this.graph.issuers[edge]!];
    if (regex === undefined) return up;
    const fits = this.graph.matcher(regex);
    for (let at = up; at !== undefined; at = at.up) if (at.fits === fits) return up;
    return { fits, up };
  }
}
