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

/** The deepest that OpenPGP can write. */
const MAX_DEPTH = 255;

/** What certifications are worth to one person at one moment. Of one state of the graph. */
export class Trust {
  /** Rounds until somebody was certified; 0 for nobody who is. */
  readonly #distances: Uint8Array;
  /** How much has come together for each user id. */
  readonly #sums: Uint16Array;
  /** The edge by which somebody counts; `NONE` who does not. */
  readonly #madeBy: Int32Array;
  /** Best edge on somebody who may come to count, while they are not certified. */
  readonly #offered: Int32Array;
  /** Of those who count: how many more may count behind them, how much, in which round. */
  readonly #depths: Uint8Array;
  readonly #amounts: Uint8Array;
  readonly #rounds: Uint8Array;
  readonly #scopes = new Map<number, Scope>();
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
    if (!this.counts(issuer) || this.#rounds[issuer]! >= MAX_TRUST_DISTANCE) return 0;
    return this.#isGood(edge, this.#scopes.get(issuer)) ? this.#amounts[issuer]! : 0;
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

  /** What has come together for a user id. */
  sum(user: number): number {
    return this.#sums[user]!;
  }

  #walk(): void {
    this.#amounts[this.#root] = AMOUNT.full;
    this.#depths[this.#root] = MAX_DEPTH;
    let counting = [this.#root];
    for (let round = 1; round <= MAX_TRUST_DISTANCE && counting.length > 0; round++) {
      const touched: number[] = [];
      for (const issuer of counting) this.#hear(issuer, round, touched);
      counting = touched.filter((person) => this.#admit(person, round));
    }
  }

  /** Adds up all that somebody who counts has signed. */
  #hear(issuer: number, round: number, touched: number[]): void {
    const { firstBy, nextBy, subjects, users, depths } = this.graph;
    const scope = this.#scopes.get(issuer);
    const worth = this.#amounts[issuer]!;
    const canOffer = this.#depths[issuer]! > 0;
    for (let edge = firstBy[issuer]!; edge !== NONE; edge = nextBy[edge]!) {
      if (!this.#isGood(edge, scope)) continue;
      const [subject, user] = [subjects[edge]!, users[edge]!];
      const sum = this.#sums[user] = Math.min(this.#sums[user]! + worth, AMOUNT.full);
      if (sum >= AMOUNT.full && this.#distances[subject] === 0) this.#distances[subject] = round;
      if (canOffer && depths[edge]! > 0) this.#offer(edge, subject);
      if (this.#offered[subject] !== NONE) touched.push(subject);
    }
  }

  #isGood(edge: number, scope: Scope | undefined): boolean {
    const { graph, nowMs } = this;
    const subject = graph.subjects[edge]!;
    const user = graph.users[edge]!;
    return graph.endsMs[edge]! > nowMs && graph.keyEndMs[subject]! > nowMs && user !== NONE &&
      graph.isBound[user]! && subject !== this.#root && fits(scope, graph.userTexts[user]!);
  }

  /** Of several who would have somebody count, the greatest amount is taken, then the deepest. */
  #offer(edge: number, subject: number): void {
    const best = this.#offered[subject]!;
    if (this.#madeBy[subject] !== NONE) return;
    if (best !== NONE && !this.#isBetter(edge, best)) return;
    this.#offered[subject] = edge;
  }

  #isBetter(edge: number, best: number): boolean {
    const [a, b] = [this.#terms(edge), this.#terms(best)];
    return a.amount > b.amount || a.amount === b.amount && a.depth > b.depth;
  }

  /** What an edge gives its subject, bounded by what its issuer has. */
  #terms(edge: number): { readonly amount: number; readonly depth: number } {
    const issuer = this.graph.issuers[edge]!;
    const depth = Math.min(this.graph.depths[edge]!, this.#depths[issuer]!) - 1;
    return { amount: Math.min(this.graph.amounts[edge]!, this.#amounts[issuer]!), depth };
  }

  /** Whether somebody counts from the next round on. */
  #admit(person: number, round: number): boolean {
    if (this.#distances[person] === 0 || this.#madeBy[person] !== NONE) return false;
    const edge = this.#offered[person]!;
    const { amount, depth } = this.#terms(edge);
    if (amount === 0) return false;
    const regex = this.graph.regexes[edge];
    const up = this.#scopes.get(this.graph.issuers[edge]!);
    const scope = regex === undefined ? up : { fits: this.graph.matcher(regex), up };
    if (scope !== undefined) this.#scopes.set(person, scope);
    this.#madeBy[person] = edge;
    this.#amounts[person] = amount;
    this.#depths[person] = depth;
    this.#rounds[person] = round;
    return true;
  }
}

function fits(scope: Scope | undefined, text: string): boolean {
  for (let at = scope; at !== undefined; at = at.up) if (!at.fits(text)) return false;
  return true;
}
