/**
 * What the periphery in memory says of people.
 *
 * @module
 */

import type { WireOutcome } from "../host.ts";
import type { Found } from "../run.ts";

/** Who is known there. */
export interface KnownPeople {
  /** Whose pod it is. */
  readonly owner: string;
  /** Who is found by which text. */
  readonly people: ReadonlyMap<string, Found>;
  /** How far away people are whose keys somebody has signed. */
  readonly distances: ReadonlyMap<string, number>;
}

/** The answer to a request about people; `missing-implementation` to all others. */
export function answerPerson(
  { owner, people, distances }: KnownPeople,
  operation: string,
  { text, person }: Record<string, unknown>,
): WireOutcome {
  const ok = (value: unknown): WireOutcome => ({ tag: "ok", val: JSON.stringify(value) });
  const refuse = (kind: string, op: string, subject: string): WireOutcome => ({
    tag: "err",
    val: { kind, op, subject },
  });
  if (operation === "person-own") return ok({ person: owner });
  if (operation === "standing") {
    return ok({ distance: person === owner ? 0 : distances.get(`${person}`) ?? null });
  }
  if (operation !== "person-find") {
    const subject = `there is no operation ${operation}`;
    return refuse("missing-implementation", "answer a request of a pod", subject);
  }
  const found = people.get(`${text}`);
  if (found !== undefined) return ok(found);
  return refuse("not-found", "find person", `nobody is known as ${text}`);
}
