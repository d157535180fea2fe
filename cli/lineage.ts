/**
 * What the commands about recovery and succession have in common: what is known, files, telling.
 *
 * @module
 */

import {
  type Bytes,
  decodeUtf8,
  encodeUtf8,
  formatBase64,
  parseBase64,
} from "../runtime/model/bytes.ts";
import type { JsonRecord } from "../runtime/model/control.ts";
import { PeriError } from "../runtime/model/errors.ts";
import {
  type Fingerprint,
  formatFingerprint,
  isFingerprint,
  parseFingerprint,
} from "../runtime/model/words.ts";
import type { KeyTools, Lineage, StatementSigner } from "../runtime/mod.ts";
import type { Context } from "./context.ts";
import { text } from "./command.ts";
import { MAX_BACKUP_BYTES, warn } from "./keys.ts";
import { printLine } from "./output.ts";
import { ask } from "./trust.ts";

/** Nothing is known. */
const NOTHING: Lineage = { recoveries: [], successions: [] };

/** The lineage in a file. @throws {PeriError} `not-found` when there is none in it, `damaged`. */
export async function readLineage(context: Context, path: string): Promise<Lineage> {
  const { decodeLineage } = await import("../runtime/mod.ts");
  const found = await findIn(context, path);
  if (found !== undefined) return decodeLineage(found);
  const subject = `${path} has no lines -----BEGIN PERI LINEAGE-----`;
  const hint = "peri key succeed --out FILE and peri key vouch --to FILE write them";
  throw new PeriError("not-found", { op: "read a lineage", subject, hint });
}

async function findIn(context: Context, path: string): Promise<Bytes | undefined> {
  const { findLineage, MAX_LINEAGE_TEXT } = await import("../runtime/mod.ts");
  return findLineage(decodeUtf8(await context.files.read(path, MAX_LINEAGE_TEXT)));
}

/**
 * What is known of a person: what their server says, or without one what a file says.
 *
 * @param path a file that may have a lineage in it
 * @param heir who may ask a server elsewhere that knows already who stands in the person's place
 */
export async function knownLineage(
  context: Context,
  person: Fingerprint,
  path: string | undefined,
  heir?: Fingerprint,
): Promise<Lineage> {
  const { decodeLineage } = await import("../runtime/mod.ts");
  const askAs = (one: Fingerprint) => askServer(context, "key.lineage", { person }, one);
  const isFar = context.at !== undefined && heir !== undefined;
  const told = await askAs(person) ?? (isFar ? await askAs(heir) : undefined);
  if (typeof told?.lineage === "string") return decodeLineage(parseBase64(told.lineage));
  const written = path === undefined ? undefined : await findIn(context, path);
  return written === undefined ? NOTHING : decodeLineage(written);
}

/** Tells the server of this home a lineage that holds; what it said, or nothing without a server. */
export async function tellLineage(
  context: Context,
  tools: KeyTools,
  lineage: Lineage,
  person: Fingerprint,
): Promise<JsonRecord | undefined> {
  const { checkLineage, encodeLineage } = await import("../runtime/mod.ts");
  await checkLineage(tools.pgp, lineage, tools.clock.nowMs());
  const wish = { lineage: formatBase64(encodeLineage(lineage)) };
  return await askServer(context, "key.tell", wish, person);
}

/** A server that is not there, or does not know the key of who asks any more, has nothing to say. */
async function askServer(
  context: Context,
  operation: string,
  wishes: JsonRecord,
  person: Fingerprint,
): Promise<JsonRecord | undefined> {
  const isFar = context.at !== undefined;
  // Elsewhere nobody comes in whose key is not here.
  if (isFar && !await isHere(context, person)) return undefined;
  try {
    return (await ask(context, operation, wishes, person))[0];
  } catch (error) {
    const isNobody = error instanceof PeriError &&
      (error.kind === "not-found" || isFar && error.kind === "denied");
    if (!isNobody) throw error;
    return undefined;
  }
}

/** Whether a key of one's own is on this computer. */
export async function isHere(context: Context, person: Fingerprint): Promise<boolean> {
  const { keyring } = await context.keys();
  return (await keyring.list()).some(({ fingerprint }) => fingerprint === person);
}

/** Flags of commands that open a recovery key, which has a passphrase of its own. */
export const RECOVERY_FLAGS = {
  recoveryPassphraseFile: text("file", "Passphrase of the recovery key: the first line of a file"),
} as const;

/**
 * A recovery key from its file, opened; it signs.
 *
 * @param source where its passphrase comes from; without one it is asked as that of any key
 */
export async function openPaper(
  context: Context,
  path: string,
  source: string | undefined,
  tools: KeyTools,
): Promise<StatementSigner> {
  const { openRecoveryKey } = await import("../runtime/mod.ts");
  const written = decodeUtf8(await context.files.read(path, MAX_BACKUP_BYTES));
  const own = source === undefined ? tools : await context.keys({ file: source });
  return { secretKey: (await openRecoveryKey(own, written)).secretKey };
}

/** A lineage as lines; into a new file, or to standard output. */
export async function writeLineage(
  context: Context,
  lineage: Lineage,
  path: string | undefined,
): Promise<void> {
  const { encodeLineage, formatLineage } = await import("../runtime/mod.ts");
  const bytes = encodeUtf8(formatLineage(encodeLineage(lineage)));
  if (path === undefined) await context.streams.stdout.write(bytes);
  else await context.files.write(path, [bytes], { isNew: true, isSecret: true });
}

/**
 * Somebody by fingerprint, or by what the server of this home knows them as.
 *
 * @param actor who asks; absent: whoever the server is told that they are
 */
export async function personCalled(
  context: Context,
  name: string,
  actor?: Fingerprint,
): Promise<Fingerprint> {
  if (isFingerprint(name)) return parseFingerprint(name);
  const [record, ...more] = await ask(context, "who", { text: name }, actor);
  if (record !== undefined && more.length === 0) return parseFingerprint(String(record.person));
  const subject = `${JSON.stringify(name)} may be several people`;
  throw new PeriError("conflict", { op: "find a person", subject, hint: "use the fingerprint" });
}

/** What a person should do next with a lineage that no server here could be told. */
export async function warnUntold(context: Context): Promise<void> {
  await warn(
    context,
    "no server of yours runs here, so nobody was told: peri key vouch FILE tells one",
  );
}

/** A few keys, a line each. */
export async function showKeys(
  context: Context,
  lines: readonly (readonly [what: string, key: Fingerprint])[],
): Promise<void> {
  for (const [what, key] of lines) {
    await printLine(context.streams.stderr, `  ${what.padEnd(10)}${formatFingerprint(key)}`);
  }
}
