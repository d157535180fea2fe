/**
 * The ways by which somebody is certified, for people to see.
 *
 * @module
 */

import type { Fingerprint } from "../../model/words.ts";
import { AMOUNT } from "../../ports/certification.ts";
import type { Trust } from "./evaluate.ts";
import { NONE, type TrustGraph } from "./graph.ts";

/** One signature on a way. */
export interface PathStep {
  /** Who was certified. */
  readonly person: Fingerprint;
  readonly userId: string;
  /** How far they may certify by this, and how much it counts; 0 at the end of the way. */
  readonly depth: number;
  readonly amount: number;
  readonly regex?: string;
  readonly expiresMs?: number;
}

/** One way to a user id. */
export interface TrustPath {
  /** How much it adds, 1 to 120. */
  readonly amount: number;
  readonly steps: readonly PathStep[];
}

/** All ways to one user id of a person. */
export interface UserTrust {
  readonly userId: string;
  /** What they come to; certified with 120. */
  readonly amount: number;
  /** The shortest first, at most `MAX_PATHS`. */
  readonly paths: readonly TrustPath[];
  /** Ways that are not shown. */
  readonly more: number;
}

/** Ways shown to one user id: more say nothing more. */
const MAX_PATHS = 20;

/** The user ids of somebody that anybody who counts has certified, the most certified first. */
export function pathsTo(graph: TrustGraph, trust: Trust, person: Fingerprint): UserTrust[] {
  const number = graph.person(person);
  if (number === undefined) return [];
  const byUser = new Map<number, TrustPath[]>();
  for (let edge = graph.firstOn[number]!; edge !== NONE; edge = graph.nextOn[edge]!) {
    const amount = trust.worth(edge);
    if (amount === 0) continue;
    const user = graph.users[edge]!;
    const paths = byUser.get(user) ?? [];
    paths.push({ amount, steps: stepsTo(graph, trust, edge) });
    byUser.set(user, paths);
  }
  return [...byUser].map(([user, paths]) => ({
    userId: graph.userTexts[user]!,
    amount: Math.min(AMOUNT.full, paths.reduce((sum, { amount }) => sum + amount, 0)),
    paths: paths.sort((a, b) => a.steps.length - b.steps.length).slice(0, MAX_PATHS),
    more: Math.max(0, paths.length - MAX_PATHS),
  })).sort((a, b) => b.amount - a.amount);
}

/** The way that ends with an edge. */
function stepsTo(graph: TrustGraph, trust: Trust, last: number): PathStep[] {
  const steps = [stepOf(graph, last)];
  for (
    let edge = trust.madeBy(graph.issuers[last]!);
    edge !== undefined;
    edge = trust.madeBy(graph.issuers[edge]!)
  ) {
    steps.unshift(stepOf(graph, edge));
  }
  return steps;
}

function stepOf(graph: TrustGraph, edge: number): PathStep {
  const endMs = graph.endsMs[edge]!;
  const regex = graph.regexes[edge];
  return {
    person: graph.names[graph.subjects[edge]!]!,
    userId: graph.userTexts[graph.users[edge]!]!,
    depth: graph.depths[edge]!,
    amount: graph.amounts[edge]!,
    ...(regex === undefined ? {} : { regex }),
    ...(endMs === Infinity ? {} : { expiresMs: endMs }),
  };
}
