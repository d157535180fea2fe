/**
 * Every interface of a WIT package with its documentation, whatever worlds it has.
 *
 * @module
 */

import { readDocs } from "./docs.ts";
import type { DocumentedInterface } from "./format.ts";
import { joinSources, packageOf } from "./source.ts";
import { resolveWorld } from "./tree.ts";

/** A world of nobody else's: it exports the interfaces that are asked for. */
const WORLD = "peri-every-interface";

/**
 * The interfaces with functions of the main package of a text, in order of name.
 *
 * @param others files that it may name
 * @throws {WitError} as `joinSources` and `resolveWorld`.
 */
export async function resolvePackage(
  main: string,
  others: readonly string[],
): Promise<DocumentedInterface[]> {
  const source = joinSources(main, others);
  const prefix = `${packageOf(main)!.replace(/@.*$/, "")}/`;
  const docs = readDocs(source);
  const own = [...docs.keys()].filter((name) => name.startsWith(prefix));
  const exported = own.map((name) => `export %${name.slice(prefix.length)};`).join(" ");
  const { exports } = await resolveWorld(`${source}\nworld ${WORLD} { ${exported} }`, WORLD);
  return exports.filter(({ functions }) => functions.size > 0)
    .map((one) => ({ ...one, docs: docs.get(one.name) ?? new Map() }))
    .sort((a, b) => a.name < b.name ? -1 : 1);
}
