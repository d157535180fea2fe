/**
 * Interfaces of WIT files: those that a pod's author wrote, and the contracts of peri.
 *
 * @module
 */

import { basename, join } from "node:path";
import { readDocs } from "../../wit/docs.ts";
import type { DocumentedInterface } from "../../wit/format.ts";
import { joinSources } from "../../wit/source.ts";
import { resolveWorld, type WitInterface } from "../../wit/tree.ts";
import type { Project } from "./project.ts";

/** Contracts every pod may name: `wit/` of this repository. */
export const CONTRACTS = join(import.meta.dirname!, "../../wit");

/** The command line, which the SDK makes of a pod's verbs. */
export const COMMAND = "peri:face/command";

/** The world of a pod's own package: exports are offers, imports are needs. */
export const WORLD = "pod";

/** A world whose interfaces have their documentation. */
export interface DocumentedWorld {
  readonly imports: readonly DocumentedInterface[];
  readonly exports: readonly DocumentedInterface[];
}

/**
 * Resolves the world `pod` of a pod's WIT. The file is the main package; further `.wit` files
 * beside it and the contracts of peri can be named from it.
 *
 * @throws {Error} with the file and what is wrong in it.
 */
export async function readWorldOf(project: Project): Promise<DocumentedWorld> {
  const main = await Deno.readTextFile(project.wit);
  const others = [join(CONTRACTS, "face.wit"), ...await findOthers(project)];
  const texts = await Promise.all(others.map((path) => Deno.readTextFile(path)));
  try {
    return await readWorld(joinSources(main, texts));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${project.wit}: ${why}`, { cause });
  }
}

/**
 * Resolves a world of one text, documentation kept.
 *
 * @throws {WitError} as {@link resolveWorld}.
 */
export async function readWorld(source: string, world = WORLD): Promise<DocumentedWorld> {
  const { imports, exports } = await resolveWorld(source, world);
  const docs = readDocs(source);
  const documented = (one: WitInterface) => ({ ...one, docs: docs.get(one.name) ?? new Map() });
  return { imports: imports.map(documented), exports: exports.map(documented) };
}

let command: Promise<DocumentedInterface> | undefined;

/** The interface of the command line. */
export function readCommand(): Promise<DocumentedInterface> {
  command ??= (async () => {
    const face = await Deno.readTextFile(join(CONTRACTS, "face.wit"));
    const main = `package peri:build; world pod { export ${COMMAND}@0.1.0; }`;
    return (await readWorld(joinSources(main, [face]))).exports[0]!;
  })();
  return command;
}

async function findOthers(project: Project): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of Deno.readDir(project.folder)) {
    const isOther = entry.name.endsWith(".wit") && entry.name !== basename(project.wit);
    if (entry.isFile && isOther) paths.push(join(project.folder, entry.name));
  }
  return paths.sort();
}
