/**
 * Tells the person's own server what has become of their key; it tells friends.
 *
 * @module
 */

import { formatBase64 } from "../runtime/model/bytes.ts";
import type { JsonRecord } from "../runtime/model/control.ts";
import { PeriError } from "../runtime/model/errors.ts";
import type { Fingerprint } from "../runtime/model/words.ts";
import type { KeyTools } from "../runtime/mod.ts";
import type { Context } from "./context.ts";
import { control } from "./control.ts";
import { warn } from "./keys.ts";
import { formatValue, printLine } from "./output.ts";

/**
 * Has the server of this home take in a key's certificate as the keyring has it.
 *
 * @returns what it said: `{person, pods, friends, revoked, expiresMs?}`
 * @throws {PeriError} `not-found` when there is no server, or no pod of that person on it.
 */
export async function publishKey(
  context: Context,
  tools: KeyTools,
  person: Fingerprint,
): Promise<JsonRecord> {
  const { certificateOf } = await import("../runtime/mod.ts");
  const records: JsonRecord[] = [];
  const report = { add: (record: JsonRecord) => Promise.resolve(void records.push(record)) };
  const certificate = formatBase64(await certificateOf(tools, person));
  await control(context, "key.publish", { certificate }, { report, person });
  return records[0] ?? {};
}

/**
 * The same after a key was changed: the change itself is done, so a server that cannot be told now is
 * a warning that says what to type later. Where there is none, nothing is said.
 */
export async function publishChange(
  context: Context,
  tools: KeyTools,
  person: Fingerprint,
  quiet: boolean,
): Promise<void> {
  try {
    const told = await publishKey(context, tools, person);
    if (!quiet) await printLine(context.streams.stderr, explainPublished(told));
  } catch (error) {
    if (!(error instanceof PeriError)) throw error;
    if (error.kind === "not-found") return;
    await warn(context, `your server was not told (${error.message}): peri key publish ${person}`);
  }
}

/** What a server said, in words. */
export function explainPublished({ pods, friends, revoked }: JsonRecord): string {
  const told = `${formatValue(pods)} ${pods === 1 ? "pod" : "pods"} here, and tells ` +
    `${formatValue(friends)} ${friends === 1 ? "friend" : "friends"}`;
  if (revoked !== true) return `Your server uses it for ${told}.`;
  return `Your server has ended it for ${told}. What your pods kept stays here; whoever has heard ` +
    "of it\ntakes nothing more from them. peri key init makes a new key.";
}
