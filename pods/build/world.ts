/**
 * The world a pod's WIT describes: the interfaces it offers and needs.
 *
 * @module
 */

import { basename, join } from "node:path";
import { resolveWorld, type WitWorld } from "../../wit/tree.ts";
import type { Project } from "./project.ts";

/** Contracts every pod may name: `wit/` of this repository. */
export const CONTRACTS = join(import.meta.dirname!, "../../wit");

/** The world of a pod's own package: exports are offers, imports are needs. */
const WORLD = "pod";

/**
 * Resolves the world `pod` of a pod's WIT. The file is the main package; further `.wit` files
 * beside it and the contracts of peri can be named from it.
 *
 * @throws {Error} with the file and what is wrong in it.
 */
export async function readWorldOf(project: Project): Promise<WitWorld> {
  const main = await Deno.readTextFile(project.wit);
  const others = [
    join(CONTRACTS, "face.wit"),
    ...await findOthers(project),
  ];
  const texts = await Promise.all(others.map((path) => Deno.readTextFile(path)));
  try {
    return await resolveWorld([main, ...texts.map(nestPackage)].join("\n"), WORLD);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${project.wit}: ${why}`, { cause });
  }
}

async function findOthers(project: Project): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of Deno.readDir(project.folder)) {
    const isOther = entry.name.endsWith(".wit") && entry.name !== basename(project.wit);
    if (entry.isFile && isOther) paths.push(join(project.folder, entry.name));
  }
  return paths.sort();
}

/** `package a:b@1.0.0; …` as `package a:b@1.0.0 { … }`, so that many stand in one text. */
export function nestPackage(wit: string): string {
  const head = /^\s*package\s+[^;{]+;/m;
  if (!head.test(wit)) throw new Error("a WIT file must begin with its package");
  return `${wit.replace(head, (line) => line.replace(/;$/, " {"))}\n}`;
}
