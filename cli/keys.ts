/**
 * What the commands of `peri key` have in common: flags, records, times.
 *
 * @module
 */

import type { PersonKey } from "../runtime/mod.ts";
import { concatBytes } from "../runtime/model/bytes.ts";
import { PeriError } from "../runtime/model/errors.ts";
import type { JsonRecord } from "../runtime/model/control.ts";
import { formatFingerprint } from "../runtime/model/words.ts";
import { type Argument, text, toggle } from "./command.ts";
import type { Context, PassphraseSource } from "./context.ts";
import { hasColour, paint, printable, printLine } from "./output.ts";

const DAY_MS = 86_400_000;
const UNIT_DAYS: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30, y: 365 };

/** Printed lines of the largest key, with what stands above them. */
export const MAX_BACKUP_BYTES = 256 * 1024;

/** Flags of every command that may need a passphrase. */
export const PASSPHRASE_FLAGS = {
  passphraseFile: text("file", "Take the passphrase from the first line of a file of yours"),
  agent: toggle("Let gpg-agent ask for the passphrase and remember it"),
} as const;

/** A key of the person's own; theirs by default. */
export const KEY_ARGUMENT: Argument = {
  name: "key",
  about: "A fingerprint, its first digits, or part of a user id; else your default key",
  count: "optional",
  complete: completeKeys,
};

/** Fingerprints of all keys. */
async function completeKeys(context: Context): Promise<readonly string[]> {
  const { listPersons } = await import("../runtime/mod.ts");
  return (await listPersons(await context.keys())).map(({ fingerprint }) => fingerprint);
}

/** Where the flags say that a passphrase comes from. */
export function passphraseSource(
  flags: { readonly passphraseFile: string | undefined; readonly agent: boolean },
): PassphraseSource {
  return { file: flags.passphraseFile, agent: flags.agent };
}

/** A key in one line: its fingerprint and the name it goes by. */
export function describeKey(
  { fingerprint, userIds }: Pick<PersonKey, "fingerprint" | "userIds">,
): string {
  return `${formatFingerprint(fingerprint)}  ${printable(userIds[0] ?? "")}`.trimEnd();
}

/** A key as one record; `secret` says where its secret part is. */
export function keyRecord(key: PersonKey): JsonRecord {
  return {
    fingerprint: key.fingerprint,
    userIds: key.userIds,
    secret: key.custody,
    default: key.isDefault,
    createdMs: key.createdMs,
    expiresMs: key.expiresMs ?? null,
    revoked: key.revoked,
    canSign: key.canSign,
    canEncrypt: key.canEncrypt,
    parts: key.parts.map(({ fingerprint, uses, createdMs, expiresMs, revoked }) => ({
      fingerprint,
      uses,
      createdMs,
      expiresMs: expiresMs ?? null,
      revoked,
    })),
    warnings: key.warnings.map(({ what, hint }) => `${what}: ${hint}`),
  };
}

/**
 * When a key is to expire: `never`, a time from now (`90d`, `8w`, `18m`, `2y`) or a day
 * (`2028-01-31`, its end in UTC). Undefined: never.
 *
 * @throws {PeriError} `invalid` for anything else and for a day that has passed.
 */
export function parseExpiry(word: string, nowMs: number): number | undefined {
  if (word === "never") return undefined;
  const span = /^([1-9]\d{0,3})([dwmy])$/.exec(word);
  const expiresMs = span
    ? nowMs + Number(span[1]) * UNIT_DAYS[span[2]!]! * DAY_MS
    : /^\d{4}-\d\d-\d\d$/.test(word)
    ? Date.parse(`${word}T23:59:59Z`)
    : NaN;
  if (expiresMs > nowMs) return expiresMs;
  throw new PeriError("invalid", {
    op: "choose when it ends",
    subject: `${JSON.stringify(word)} is no time ahead`,
    hint: "write never, 90d, 8w, 18m, 2y or a day such as 2030-12-31",
  });
}

/** Tells a person something that they should not overlook, on standard error. */
export function warn(context: Context, warning: string): Promise<void> {
  const { stderr } = context.streams;
  const mark = hasColour(stderr, context) ? paint("warning:", "yellow") : "warning:";
  return printLine(stderr, `${mark} ${printable(warning)}`);
}

/** A whole standard input. @throws {PeriError} `too-large` over `maxBytes`. */
export async function readInput(context: Context, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of context.streams.stdin.pieces) {
    size += piece.length;
    if (size > maxBytes) {
      const subject = `standard input has more than ${maxBytes} bytes`;
      throw new PeriError("too-large", { op: "read", subject });
    }
    pieces.push(piece.slice());
  }
  return concatBytes(pieces);
}
