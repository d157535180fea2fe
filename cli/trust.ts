/**
 * What the commands about the web of trust have in common: whom they mean, and how it is shown.
 *
 * @module
 */

import { type Bytes, formatBase64, parseBase64 } from "../runtime/model/bytes.ts";
import type { Json, JsonRecord } from "../runtime/model/control.ts";
import { speakFingerprint } from "../runtime/model/spoken.ts";
import { type Fingerprint, formatFingerprint, parseFingerprint } from "../runtime/model/words.ts";
import type { Argument } from "./command.ts";
import type { Context } from "./context.ts";
import { control } from "./control.ts";
import { formatTime, printable, printLine } from "./output.ts";
import { showQr } from "./qr.ts";

/** Somebody whose key is looked at. */
export interface Someone {
  readonly person: Fingerprint;
  /** What the one who asks calls them. */
  readonly name?: string;
  readonly certificate: Bytes;
  /** User ids of theirs that the one who asks has signed. */
  readonly signed: readonly string[];
  /** They have come by an invitation, which proved the fingerprint. */
  readonly invited?: { readonly note: string; readonly atMs: number };
}

/** Another person. */
export const WHO_ARGUMENT: Argument = {
  name: "who",
  about: "Your name for them, a fingerprint, or part of a user id",
};

/** Words of a fingerprint in one line. */
const WORDS_PER_LINE = 5;

/** Has the periphery do something and collects its records. */
export async function ask(
  context: Context,
  operation: string,
  wishes: Readonly<Record<string, Json | undefined>>,
  person?: Fingerprint,
): Promise<JsonRecord[]> {
  const records: JsonRecord[] = [];
  const report = { add: (record: JsonRecord) => Promise.resolve(void records.push(record)) };
  await control(context, operation, wishes, { report, ...(person && { person }) });
  return records;
}

/** The certificate of somebody. @throws {PeriError} `not-found`, `conflict`. */
export async function findSomeone(
  context: Context,
  text: string,
  actor: Fingerprint,
): Promise<Someone> {
  const [record] = await ask(context, "trust.person", { text }, actor);
  const { person, name, certificate, signed, invited } = record!;
  return {
    person: parseFingerprint(String(person)),
    ...(typeof name === "string" ? { name } : {}),
    certificate: parseBase64(String(certificate)),
    signed: Array.isArray(signed) ? signed.map(String) : [],
    ...(isRecord(invited)
      ? { invited: { note: String(invited.note), atMs: Number(invited.atMs) } }
      : {}),
  };
}

function isRecord(value: Json | undefined): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Gives a keyring to the periphery; how many certifications in it were new. */
export async function giveRing(context: Context, ring: Bytes, actor: Fingerprint): Promise<number> {
  const [record] = await ask(context, "trust.take", { keyring: formatBase64(ring) }, actor);
  return Array.isArray(record?.taken) ? record.taken.length : 0;
}

/** Shows a fingerprint for two people to compare: in groups, as words, and as a QR code. */
export async function showFingerprint(context: Context, person: Fingerprint): Promise<void> {
  const { stderr } = context.streams;
  await printLine(stderr, `    ${formatFingerprint(person)}`);
  const words = speakFingerprint(person);
  for (let at = 0; at < words.length; at += WORDS_PER_LINE) {
    await printLine(stderr, `      ${words.slice(at, at + WORDS_PER_LINE).join(" ")}`);
  }
  // The form that other OpenPGP programs scan.
  await showQr(context, `OPENPGP4FPR:${person}`);
}

/** An amount in a word: `full`, `partial`, or the number. */
export function formatAmount(amount: Json | undefined): string {
  return amount === 120 ? "full" : amount === 60 ? "partial" : String(amount ?? 0);
}

/** One way of trust: `you -> bob (full, depth 1) -> carol`. */
export function formatPath(steps: Json | undefined): string {
  const list = Array.isArray(steps) ? steps as JsonRecord[] : [];
  return ["you", ...list.map(formatStep)].join(" -> ");
}

function formatStep(step: JsonRecord): string {
  const { name, person, userId, depth, amount, regex, expiresMs } = step;
  const who = printable(String(name ?? userId ?? person));
  const terms = [
    ...(Number(depth) > 0 ? [formatAmount(amount), `depth ${Number(depth)}`] : []),
    ...(typeof regex === "string" ? [`only ${printable(regex)}`] : []),
    ...(typeof expiresMs === "number" ? [`until ${formatTime(expiresMs).slice(0, 10)}`] : []),
  ];
  return terms.length === 0 ? who : `${who} (${terms.join(", ")})`;
}
