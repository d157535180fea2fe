/**
 * Which functions of others a pod may call.
 *
 * @module
 */

import type { Manifest, Offer } from "./pod.ts";

/** Faces are turned to the pod's own person: no pod calls one of another because it has one. */
const FACES = "peri:face/";

/**
 * The interfaces whose functions a pod may call at other pods (PROTOCOL.md, "Manifest"): what it
 * needs, and what it offers itself, as pods of one kind call each other. Its person is shown them
 * before it is installed.
 */
export function callableOf({ needs, offers }: Pick<Manifest, "needs" | "offers">): Offer[] {
  const needed = new Set(needs.map((need) => need.capability));
  const own = offers.filter(({ interface: name, capability }) =>
    !name.startsWith(FACES) && !needed.has(capability)
  );
  return [...needs, ...own];
}

/**
 * What a version may call beyond what the one before it might, function by function: a function of
 * another hash is another one.
 *
 * @param before absent: all of it is new
 */
export function newlyCallable(
  manifest: Pick<Manifest, "needs" | "offers">,
  before: Pick<Manifest, "needs" | "offers"> | undefined,
): Offer[] {
  const granted = new Set(before === undefined ? [] : callableOf(before).flatMap(namesOf));
  return callableOf(manifest).flatMap((offer) => {
    const fresh = Object.entries(offer.functions)
      .filter(([name, { id }]) => !granted.has(nameOf(offer, name, id)));
    const functions = Object.fromEntries(fresh) as Offer["functions"];
    return fresh.length === 0 ? [] : [{ ...offer, functions }];
  });
}

function namesOf(offer: Offer): string[] {
  return Object.entries(offer.functions).map(([name, { id }]) => nameOf(offer, name, id));
}

function nameOf(offer: Offer, name: string, id: string): string {
  return `${offer.interface}#${name} ${id}`;
}
