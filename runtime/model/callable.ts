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
