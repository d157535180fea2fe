/**
 * Where interfaces come from that a person names: a pod, a component, a WIT text.
 *
 * @module
 */

import { PeriError } from "../../runtime/model/errors.ts";
import { MAX_COMPONENT_BYTES } from "../../runtime/model/limits.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import type { ShownInterface } from "../../runtime/model/shown.ts";
import type { Context } from "../context.ts";
import { gather } from "../lookup.ts";

/** Longest WIT file. */
const MAX_WIT_BYTES = 1_000_000;

/** A capability of the person's pods, with those that have to do with it. */
export interface Listed {
  readonly interface: string;
  readonly capability: string;
  readonly supersedes: readonly string[];
  /** Function hashes by name. */
  readonly functions: Readonly<Record<string, string>>;
  readonly offeredBy: readonly string[];
  readonly neededBy: readonly string[];
}

/** Whether a word names a file: it ends as one, or has a slash in it. */
export function isFile(word: string): boolean {
  return word.includes("/") || /\.(?:wasm|wit)$/.test(word);
}

/**
 * The interfaces that a pod or component offers to others, or that a WIT package has.
 *
 * @throws {PeriError} `not-found` when there are none, or no such pod or file; `invalid` for a file
 * that is neither.
 */
export async function readSource(
  context: Context,
  word: string,
): Promise<readonly ShownInterface[]> {
  const found = isFile(word) ? await readFile(context, word) : await askPod(context, word);
  if (found.length > 0) return found;
  throw new PeriError("not-found", {
    op: `read the capabilities of ${word}`,
    subject: "it offers nothing that others can call",
  });
}

async function readFile(context: Context, path: string): Promise<readonly ShownInterface[]> {
  const inspector = await context.inspector();
  if (!path.endsWith(".wit")) {
    return (await inspector.component(await context.files.read(path, MAX_COMPONENT_BYTES))).offers;
  }
  const text = new TextDecoder().decode(await context.files.read(path, MAX_WIT_BYTES));
  try {
    return await inspector.wit(text);
  } catch (thrown) {
    if (!(thrown instanceof PeriError) || thrown.kind !== "invalid") throw thrown;
    throw new PeriError("invalid", {
      op: `read ${path}`,
      subject: thrown.subject,
      hint: "docs/PROTOCOL.md, section 7, says what can travel",
      cause: thrown,
    });
  }
}

async function askPod(context: Context, pod: string): Promise<readonly ShownInterface[]> {
  const ask = async (operation: string) =>
    await gather(await context.dial() ?? await context.openHome(), operation, { pod });
  const shown = await ask("capability.show") as unknown as readonly ShownInterface[];
  const [source] = await ask("capability.source");
  const carried = typeof source?.wit === "string" ? source.wit : undefined;
  return carried === undefined ? shown : await (await context.inspector()).document(shown, carried);
}

/**
 * What the person's pods offer and need; nothing when no server runs, as files can be looked at
 * without one.
 */
export async function readListed(context: Context): Promise<readonly Listed[]> {
  const line = await context.dial();
  if (line === undefined) return [];
  try {
    return listedOf(await gather(line, "capability.list", {}));
  } catch (thrown) {
    if (thrown instanceof PeriError && thrown.kind === "denied") return [];
    throw thrown;
  }
}

/** Records of `capability.list` as what they are. */
export function listedOf(records: readonly JsonRecord[]): readonly Listed[] {
  return records as unknown as readonly Listed[];
}
