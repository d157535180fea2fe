/**
 * Entry of the process that reads one WIT package: JSON `{main, others}` on standard input, JSON
 * `{interfaces}` or `{error}` on standard output.
 *
 * @module
 */

import { readDocs } from "../../../wit/docs.ts";
import { joinSources, packageOf } from "../../../wit/source.ts";
import { resolveWorld } from "../../../wit/tree.ts";
import type { ShownInterface } from "../../model/shown.ts";
import { showInterface } from "../../operations/capability/shown.ts";

/** What the process is asked. */
export interface Question {
  /** Text of the file whose package is shown. */
  readonly main: string;
  /** Files that it may name. */
  readonly others: readonly string[];
}

/** What it answers. */
export type Reply = { readonly interfaces: readonly ShownInterface[] } | { readonly error: string };

/** A world of nobody else's: it exports every interface of the package. */
const WORLD = "peri-every-interface";

/** The interfaces with functions of a package. @throws {WitError} when it is no good. */
export async function readPackage({ main, others }: Question): Promise<ShownInterface[]> {
  const source = joinSources(main, others);
  const prefix = `${packageOf(main)!.replace(/@.*$/, "")}/`;
  const docs = readDocs(source);
  const own = [...docs.keys()].filter((name) => name.startsWith(prefix));
  const exported = own.map((name) => `export %${name.slice(prefix.length)};`).join(" ");
  const { exports } = await resolveWorld(`${source}\nworld ${WORLD} { ${exported} }`, WORLD);
  return exports.filter(({ functions }) => functions.size > 0)
    .map((one) => showInterface({ ...one, docs: docs.get(one.name) ?? new Map() }))
    .sort((a, b) => a.interface < b.interface ? -1 : 1);
}

async function answer(): Promise<Reply> {
  try {
    const question = JSON.parse(await new Response(Deno.stdin.readable).text());
    return { interfaces: await readPackage(question) };
  } catch (thrown) {
    return { error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

if (import.meta.main) {
  const bytes = new TextEncoder().encode(JSON.stringify(await answer()));
  for (let sent = 0; sent < bytes.length;) sent += Deno.stdout.writeSync(bytes.subarray(sent));
}
