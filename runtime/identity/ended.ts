/**
 * What is said of a behalf that lets nobody act any more. Whoever reads it may be anybody: the person
 * who is to renew it is named, for only they can.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import { formatFingerprint, formatPodRef, type PodRef } from "../model/words.ts";
import type { Behalf } from "./behalf.ts";

/** Longest name that is taken from a key for a hint, in UTF-16 units. */
const MAX_NAME_LENGTH = 100;

/** A person has taken a behalf or their key out of use: nothing that waits for it will arrive. */
export class Over extends PeriError {}

/** Of a behalf that is not in force; as the two below. */
export function notInForce(behalf: Behalf, name?: string): PeriError {
  return behalf.revoked === undefined ? lateBehalf(behalf, name) : endedBehalf(behalf, name);
}

/** Of a behalf that has expired, when nobody has a newer one. @param name what its person says of themselves */
function lateBehalf(behalf: Behalf, name?: string): PeriError {
  return new PeriError("expired", {
    op: `reach ${formatPodRef(behalf)}`,
    subject: `its behalf expired ${dayOf(behalf.expiresMs)}, and nobody has a newer one`,
    hint: hintOf(behalf, name),
  });
}

/** Of a behalf that its person has revoked; as the former. */
function endedBehalf(behalf: Behalf, name?: string): Over {
  return new Over("denied", {
    op: `reach ${formatPodRef(behalf)}`,
    subject: `its person revoked it, ${dayOf(behalf.issuedMs)} (${behalf.revoked})`,
    hint: behalf.revoked === "compromised"
      ? `somebody else may have its key; ask ${whoOf(behalf, name)} what takes its place`
      : hintOf(behalf, name),
  });
}

/** Of a pod whose person's key is revoked. */
export function revokedKey(ref: PodRef): Over {
  return new Over("denied", {
    op: "check a behalf",
    subject: `${formatPodRef(ref)}: the person's key is revoked`,
    hint: "ask them for their new key, by a way that you trust",
  });
}

/** Whom to ask, and what they can type. */
export function hintOf(behalf: Behalf, name?: string): string {
  return `ask ${whoOf(behalf, name)}, who can type: peri behalf renew ${behalf.pod}`;
}

function whoOf({ person }: Behalf, name: string | undefined): string {
  const fingerprint = formatFingerprint(person);
  return name === undefined ? fingerprint : `${name.slice(0, MAX_NAME_LENGTH)} (${fingerprint})`;
}

function dayOf(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
