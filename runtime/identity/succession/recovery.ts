/**
 * Recovery statements: who may name a successor when a key cannot (PROTOCOL.md, "Succession").
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { MAX_RECOVERIES, MAX_RECOVERY_FRIENDS, MAX_RECOVERY_NEED } from "../../model/limits.ts";
import { type Fingerprint, parseFingerprint } from "../../model/words.ts";
import { formatTime, readExact, type StatementId, wholeSeconds } from "./lines.ts";

const FORMAT = "peri recovery 1";
const WHAT = "recovery statement";

/** What a recovery statement says. */
export interface Recovery {
  readonly person: Fingerprint;
  /** 1 upward without gaps. */
  readonly serial: number;
  /** Whole seconds. */
  readonly issuedMs: number;
  /** The statement in whose place it stands; absent with serial 1. */
  readonly replaces?: StatementId;
  /** A key that may name the successor by itself. */
  readonly key?: Fingerprint;
  /** Friends of whom so many together may. */
  readonly friends?: { readonly need: number; readonly of: readonly Fingerprint[] };
}

/**
 * A recovery statement ready to be formatted: its time cut to whole seconds, its friends sorted.
 *
 * @throws {PeriError} `invalid` when it cannot stand, saying why.
 */
export function draftRecovery(fields: Recovery): Recovery {
  const { friends } = fields;
  const recovery = {
    ...fields,
    issuedMs: wholeSeconds(fields.issuedMs),
    ...(friends === undefined ? {} : { friends: { ...friends, of: [...friends.of].sort() } }),
  };
  const fault = faultOf(recovery);
  if (fault === undefined) return recovery;
  throw new PeriError("invalid", { op: "name a recovery", subject: fault });
}

/** The text of a recovery statement, byte for byte what is signed. */
export function formatRecovery(recovery: Recovery): string {
  const { person, serial, issuedMs, replaces, key, friends } = recovery;
  const lines = [
    FORMAT,
    `person: ${person}`,
    `serial: ${serial}`,
    `issued: ${formatTime(issuedMs)}`,
    ...(replaces === undefined ? [] : [`replaces: ${replaces}`]),
    ...(key === undefined ? [] : [`key: ${key}`]),
    ...(friends === undefined ? [] : [`need: ${friends.need}`]),
    ...(friends?.of ?? []).map((friend) => `friend: ${friend}`),
  ];
  return lines.join("\n") + "\n";
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other text. */
export function parseRecovery(text: string): Recovery {
  return readExact(WHAT, text, (lines) => {
    lines.begin(FORMAT);
    const person = parseFingerprint(lines.take("person"));
    const serial = lines.number("serial");
    const issuedMs = lines.time("issued");
    const replaces = lines.takeIf("replaces");
    const key = lines.takeIf("key");
    const need = lines.takeIf("need");
    const of: Fingerprint[] = [];
    for (let next = lines.takeIf("friend"); next !== undefined; next = lines.takeIf("friend")) {
      of.push(parseFingerprint(next));
    }
    const recovery: Recovery = {
      person,
      serial,
      issuedMs,
      ...(replaces === undefined ? {} : { replaces: lines.id(replaces) }),
      ...(key === undefined ? {} : { key: parseFingerprint(key) }),
      ...(need === undefined ? {} : { friends: { need: Number(need), of } }),
    };
    const fault = faultOf(recovery);
    if (fault !== undefined) throw lines.torn(fault);
    return recovery;
  }, formatRecovery);
}

/**
 * Whether these may act for the recovery: its key, or enough of its friends. Each counts once, and
 * nobody who is not named.
 *
 * @param without who counts for nothing here, as the one who would be named by it
 */
export function isEnough(
  { key, friends }: Recovery,
  signers: ReadonlySet<Fingerprint>,
  by: "recovery" | "friends" | "either",
  without: readonly Fingerprint[] = [],
): boolean {
  const counts = (one: Fingerprint) => signers.has(one) && !without.includes(one);
  if (by !== "friends" && key !== undefined && counts(key)) return true;
  if (by === "recovery" || friends === undefined) return false;
  return new Set(friends.of.filter(counts)).size >= friends.need;
}

function faultOf({ person, serial, replaces, key, friends }: Recovery): string | undefined {
  if (!Number.isSafeInteger(serial) || serial < 1) return `its serial ${serial} is none`;
  if (serial > MAX_RECOVERIES) return `serial ${serial}: ${MAX_RECOVERIES} statements are the most`;
  if ((serial === 1) !== (replaces === undefined)) return "it does not say what it replaces";
  if (key === undefined && friends === undefined) return "it names neither a key nor friends";
  if (key === person) return "it names the key itself";
  return friends && faultOfFriends(friends.need, friends.of, [person, key]);
}

function faultOfFriends(
  need: number,
  of: readonly Fingerprint[],
  others: readonly (Fingerprint | undefined)[],
): string | undefined {
  if (of.length > MAX_RECOVERY_FRIENDS) return `${MAX_RECOVERY_FRIENDS} friends are the most`;
  const most = Math.min(MAX_RECOVERY_NEED, of.length);
  if (!Number.isSafeInteger(need) || need < 1 || need > most) {
    return `${need} of ${of.length} friends cannot be needed, 1 to ${most} can`;
  }
  if (of.some((one, index) => index > 0 && of[index - 1]! >= one)) {
    return "its friends are not in order, each named once";
  }
  return of.some((one) => others.includes(one)) ? "it counts the person as a friend" : undefined;
}
