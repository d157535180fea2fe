/**
 * Successions: one key names the one that takes its place (PROTOCOL.md, "Succession").
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { type Fingerprint, parseFingerprint } from "../../model/words.ts";
import { formatTime, readExact, type StatementId, wholeSeconds } from "./lines.ts";

const FORMAT = "peri succession 1";
const WHAT = "succession";

/** Who gives the right to succeed, from the weakest to the strongest. */
export const KINDS = ["key", "friends", "recovery"] as const;
/** One of {@link KINDS}. */
export type SuccessionKind = typeof KINDS[number];

/** Why a key is left. */
export const REASONS = ["lost", "stolen", "replaced"] as const;
/** One of {@link REASONS}. */
export type SuccessionReason = typeof REASONS[number];

/** What a succession says. */
export interface Succession {
  readonly from: Fingerprint;
  readonly to: Fingerprint;
  readonly by: SuccessionKind;
  /** The recovery statement that gives the right; absent by `key`. */
  readonly recovery?: StatementId;
  readonly reason: SuccessionReason;
  /** 1 upward; of two by the same recovery the higher one counts. */
  readonly serial: number;
  /** Whole seconds. */
  readonly issuedMs: number;
}

/**
 * A succession ready to be formatted.
 *
 * @throws {PeriError} `invalid` when it cannot stand, saying why.
 */
export function draftSuccession(fields: Succession): Succession {
  const succession = { ...fields, issuedMs: wholeSeconds(fields.issuedMs) };
  const fault = faultOf(succession);
  if (fault === undefined) return succession;
  throw new PeriError("invalid", { op: "name a successor", subject: fault });
}

/** The text of a succession, byte for byte what is signed. */
export function formatSuccession(succession: Succession): string {
  const { from, to, by, recovery, reason, serial, issuedMs } = succession;
  const lines = [
    FORMAT,
    `from: ${from}`,
    `to: ${to}`,
    `by: ${by}`,
    ...(recovery === undefined ? [] : [`recovery: ${recovery}`]),
    `reason: ${reason}`,
    `serial: ${serial}`,
    `issued: ${formatTime(issuedMs)}`,
  ];
  return lines.join("\n") + "\n";
}

/** @throws {PeriError} `too-large` over a bound, `damaged` for any other text. */
export function parseSuccession(text: string): Succession {
  return readExact(WHAT, text, (lines) => {
    lines.begin(FORMAT);
    const [from, to] = [
      parseFingerprint(lines.take("from")),
      parseFingerprint(lines.take("to")),
    ];
    const by = lines.take("by");
    const recovery = lines.takeIf("recovery");
    const reason = lines.take("reason");
    const succession = {
      from,
      to,
      by,
      ...(recovery === undefined ? {} : { recovery: lines.id(recovery) }),
      reason,
      serial: lines.number("serial"),
      issuedMs: lines.time("issued"),
    } as Succession;
    const fault = faultOf(succession);
    if (fault !== undefined) throw lines.torn(fault);
    return succession;
  }, formatSuccession);
}

function faultOf({ from, to, by, recovery, reason, serial }: Succession): string | undefined {
  if (!KINDS.includes(by)) return "by is neither key, friends nor recovery";
  if (!REASONS.includes(reason)) return "its reason is neither lost, stolen nor replaced";
  if (from === to) return "a key cannot succeed itself";
  if ((by === "key") !== (recovery === undefined)) return "it does not say what gives the right";
  return Number.isSafeInteger(serial) && serial >= 1 ? undefined : `its serial ${serial} is none`;
}
