/**
 * The people of a server as operations name, find and show them.
 *
 * @module
 */

import type { JsonRecord } from "../../model/control.ts";
import { PeriError } from "../../model/errors.ts";
import { type Share, SHARE_RULES } from "../../model/share.ts";
import { isFingerprint, parseFingerprint } from "../../model/words.ts";
import { type Guest, type OpenInvitation, unknownGuest } from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";

/** Longest name that the owner gives to a guest, in UTF-16 units. */
const MAX_NAME = 64;
/** Shortest part of a fingerprint or of the id of an invitation. */
const MIN_PREFIX = 8;

/** Somebody who was found by what they are called. */
export type Found = { readonly guest: Guest } | { readonly invitation: OpenInvitation };

/**
 * Whom a text means: a name that the owner gave, a fingerprint or its first digits, or the
 * beginning of an invitation's id. Also who has left is found.
 *
 * @throws {PeriError} `not-found`; `conflict` when it could be several.
 */
export function findGuest(
  { supervisor: { household: { guests } }, clock }: Pick<Home, "supervisor" | "clock">,
  text: string,
): Found {
  const wanted = text.trim();
  const all: Found[] = [
    ...guests.all().map((guest) => ({ guest })),
    ...guests.invitations(clock.nowMs()).map((invitation) => ({ invitation })),
  ];
  const isHere = (one: Found) => !("guest" in one) || one.guest.leftMs === undefined;
  const found = all.filter((one) => isMeant(one, wanted));
  // A name may have gone from one who has left to another.
  const best = found.filter(isHere).length > 0 ? found.filter(isHere) : found;
  if (best.length === 1) return best[0]!;
  if (best.length === 0) throw unknownGuest(wanted);
  throw new PeriError("conflict", {
    op: "find a person of this server",
    subject: `${JSON.stringify(wanted)} could be ${best.length} of them`,
    hint: "name them by more of their fingerprint: peri person list --json",
  });
}

function isMeant(one: Found, wanted: string): boolean {
  const { name } = "guest" in one ? one.guest : one.invitation;
  if (name === wanted) return true;
  if ("invitation" in one) {
    return wanted.length >= MIN_PREFIX && one.invitation.id.startsWith(wanted.toLowerCase());
  }
  if (isFingerprint(wanted)) return one.guest.person === parseFingerprint(wanted);
  return wanted.length >= MIN_PREFIX && one.guest.person.startsWith(wanted.toUpperCase());
}

/** @throws {PeriError} `invalid` for what cannot be a name beside fingerprints. */
export function checkGuestName(name: string): void {
  const isGood = /^[\p{L}\p{N}][\p{L}\p{N} ._'-]*$/u.test(name) && name.length <= MAX_NAME &&
    !/^[0-9a-fA-F]{8,}$/.test(name);
  if (isGood) return;
  throw new PeriError("invalid", {
    op: "name a guest",
    subject: `${JSON.stringify(name.slice(0, 80))} is no name`,
    hint: `letters, digits, blanks and ._'- are, up to ${MAX_NAME} of them`,
  });
}

/** Amounts as the owner has typed them, by name. @throws {PeriError} `invalid` for anything else. */
export function typedShare(value: unknown): Readonly<Record<string, string>> {
  const names = SHARE_RULES.map(({ name }) => name);
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  const fields = Object.entries(isRecord ? value : {});
  const isGood = (value === undefined || isRecord) &&
    fields.every(([name, text]) => names.includes(name) && typeof text === "string");
  if (isGood) return Object.fromEntries(fields) as Record<string, string>;
  throw new PeriError("invalid", {
    op: "set a share",
    subject: "the share is no record of amounts",
    hint: `its parts are ${names.join(", ")}`,
  });
}

/** A share as fields of a record. */
export function shareRecord(
  { pods, stateBytes, memoryBytes, messagesPerMinute }: Share,
): JsonRecord {
  return {
    maxPods: pods,
    maxStateBytes: stateBytes,
    maxMemoryBytes: memoryBytes,
    maxMessagesPerMinute: messagesPerMinute,
  };
}
