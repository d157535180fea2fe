/**
 * Entry of the process that reads WIT: a {@link Question} as JSON on standard input, a {@link Reply}
 * on standard output.
 *
 * @module
 */

import { resolvePackage } from "../../../wit/package.ts";
import { resolveWorld } from "../../../wit/tree.ts";
import { readDocs } from "../../../wit/docs.ts";
import type { ShownInterface } from "../../model/shown.ts";
import { showInterface } from "../../operations/capability/shown.ts";

/** What the process is asked. */
export type Question =
  /** The interfaces of the package of `main`, which may name those of `others`. */
  | { readonly main: string; readonly others: readonly string[] }
  /** The interfaces of the world `pod` of a text that a component carries. */
  | { readonly carried: string };

/** What it answers. */
export type Reply = { readonly interfaces: readonly ShownInterface[] } | { readonly error: string };

/** The interfaces that are asked for. @throws {WitError} when the text is no good. */
export async function readInterfaces(question: Question): Promise<ShownInterface[]> {
  if ("main" in question) {
    const found = await resolvePackage(question.main, question.others);
    return found.map((one) => showInterface(one));
  }
  const docs = readDocs(question.carried);
  const { exports, imports } = await resolveWorld(question.carried, "pod");
  return [...exports, ...imports].filter(({ functions }) => functions.size > 0)
    .map((one) => showInterface({ ...one, docs: docs.get(one.name) ?? new Map() }));
}

async function answer(): Promise<Reply> {
  try {
    const question = JSON.parse(await new Response(Deno.stdin.readable).text());
    return { interfaces: await readInterfaces(question) };
  } catch (thrown) {
    return { error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

if (import.meta.main) {
  const bytes = new TextEncoder().encode(JSON.stringify(await answer()));
  for (let sent = 0; sent < bytes.length;) sent += Deno.stdout.writeSync(bytes.subarray(sent));
}
