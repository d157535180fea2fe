/**
 * Who wins when two lineages of one person meet: the table of PROTOCOL.md, "Succession". Pure. But
 * for what is said to depend on what is known first, the order in which lineages meet changes nothing.
 *
 * @module
 */

import type { HeldLineage, HeldRecovery, HeldSuccession } from "./check.ts";
import { KINDS, type Succession, type SuccessionKind } from "./succession.ts";

/**
 * What is known of a person after a lineage has come.
 *
 * @param offered about the same person
 */
export function joinLineages(known: HeldLineage, offered: HeldLineage): HeldLineage {
  const recoveries = longer(known.recoveries, offered.recoveries);
  const right = recoveries.at(-1)?.id;
  const isGood = ({ succession }: HeldSuccession) =>
    succession.by === "key" || succession.recovery === right;
  const successions = KINDS.flatMap((kind) => {
    const [a, b] = [known, offered].map((one) => ofKind(one, kind)).map((one) =>
      one !== undefined && isGood(one) ? one : undefined
    );
    return a !== undefined && b !== undefined ? [stronger(a, b)] : [a ?? b ?? []].flat();
  });
  return { person: known.person, recoveries, successions };
}

/** The succession that counts, if there is one. */
export function successionOf({ successions }: HeldLineage): Succession | undefined {
  return successions.at(-1)?.succession;
}

/** Whether two lineages say the same. */
export function isSameLineage(a: HeldLineage, b: HeldLineage): boolean {
  const ids = ({ recoveries, successions }: HeldLineage) =>
    [...recoveries, ...successions].map(({ id }) => id).join();
  return ids(a) === ids(b);
}

/** Whether a key has signed two beginnings of its line of recovery statements. */
export function areAtOdds(a: HeldLineage, b: HeldLineage): boolean {
  const [first, other] = [a.recoveries[0], b.recoveries[0]];
  return first !== undefined && other !== undefined && first.id !== other.id;
}

function longer(
  known: readonly HeldRecovery[],
  offered: readonly HeldRecovery[],
): readonly HeldRecovery[] {
  const at = known.findIndex(({ id }, index) => offered[index]?.id !== id);
  if (at < 0) return offered;
  if (at === 0 || offered.length <= at) return known;
  return known[at]!.id < offered[at]!.id ? known : offered;
}

function ofKind({ successions }: HeldLineage, kind: SuccessionKind): HeldSuccession | undefined {
  return successions.find(({ succession }) => succession.by === kind);
}

function stronger(known: HeldSuccession, offered: HeldSuccession): HeldSuccession {
  const [a, b] = [known.succession, offered.succession];
  // A stolen key says whatever its thief likes: no serial and no date undo what it said first.
  if (a.by === "key") return known;
  if (a.serial !== b.serial) return a.serial > b.serial ? known : offered;
  return known.id <= offered.id ? known : offered;
}
