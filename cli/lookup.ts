/**
 * Asks a periphery without asking the person anything: for completion, and to tell pods from other
 * words.
 *
 * @module
 */

import { PeriError } from "../runtime/model/errors.ts";
import type { JsonRecord } from "../runtime/model/control.ts";
import type { Context } from "./context.ts";
import { type Line, runSession } from "./session.ts";

/** How a periphery answers that has no owner, or is not there. */
const NOBODY: ReadonlySet<string> = new Set(["not-found", "denied"]);

/** All records of an operation. Its questions are answered with no. */
export async function gather(
  line: Line,
  operation: string,
  wishes: JsonRecord,
): Promise<readonly JsonRecord[]> {
  const records: JsonRecord[] = [];
  await runSession(line, { operation, arguments: wishes, terminal: false }, {
    item: (record) => void records.push(record),
    note: () => {},
    output: () => {},
    ask: () => Promise.resolve({ yes: false }),
  });
  return records;
}

/**
 * Names of the pods of the running server, or else of the home; none when there is neither, or when
 * it belongs to nobody yet.
 */
export async function podNames(context: Context): Promise<readonly string[]> {
  try {
    const line = await context.dial() ?? await context.openHome();
    return (await gather(line, "pod.list", {})).map(({ name }) => String(name));
  } catch (thrown) {
    if (thrown instanceof PeriError && NOBODY.has(thrown.kind)) return [];
    throw thrown;
  }
}

/** A field of every record of an operation of the running server; nothing when none runs or it fails. */
export async function suggest(
  context: Context,
  operation: string,
  wishes: JsonRecord,
  field: string,
): Promise<readonly string[]> {
  try {
    const line = await context.dial();
    if (line === undefined) return [];
    const records = await gather(line, operation, wishes);
    return records.map((record) => record[field]).filter((word) => typeof word === "string");
  } catch {
    return [];
  }
}

/** Tokens of the messages in the outbox of the running server. */
export function letterTokens(context: Context): Promise<readonly string[]> {
  return suggest(context, "outbox.list", {}, "token");
}

/** Ids of the latest runs of the pods of the running server. */
export function runIds(context: Context): Promise<readonly string[]> {
  return suggest(context, "pod.replay", {}, "id");
}

/** Tokens of the latest messages of the running server. */
export function traceTokens(context: Context): Promise<readonly string[]> {
  return suggest(context, "trace", {}, "token");
}
