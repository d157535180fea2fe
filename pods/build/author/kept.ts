/**
 * What the build says of a folder, kept below it until its code changes, so that tests need not
 * wait for a compiler. Plain files and JSON: the test kit loads this at every start.
 *
 * @module
 */

import { dirname, join } from "node:path";
import type { PodAbout } from "../../sdk/run.ts";
import type { PodShape } from "../../sdk/shape.ts";
import { hashSources } from "./sources.ts";

const BUILD = join(import.meta.dirname!, "..");
const WIT = join(import.meta.dirname!, "../../../wit");

/** What the build says of a pod. */
export interface Description {
  /** The manifest of its component. */
  readonly manifest: PodAbout & { readonly offers: readonly unknown[] };
  /** What its class says; absent when it offers by hand. */
  readonly shape?: PodShape;
  /** Classes of errors, and where they are. */
  readonly errors?: readonly {
    readonly className: string;
    readonly exported: string;
    readonly file: string;
  }[];
}

/** The description of a folder as it is now; undefined when none was kept. */
export async function readKept(folder: string): Promise<Description | undefined> {
  try {
    const kept = JSON.parse(await Deno.readTextFile(pathIn(folder)));
    return kept.inputs === await hashInputs(folder) ? kept.description : undefined;
  } catch {
    // Nothing was kept, or half of it.
    return undefined;
  }
}

/** Keeps the description of a folder. */
export async function writeKept(folder: string, description: Description): Promise<void> {
  const path = pathIn(folder);
  const inputs = await hashInputs(folder);
  await Deno.mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${Deno.pid}.tmp`;
  await Deno.writeTextFile(unfinished, JSON.stringify({ inputs, description }));
  await Deno.rename(unfinished, path);
}

function pathIn(folder: string): string {
  return join(folder, ".peri/described.json");
}

/** Of the folder and of what describes it. */
async function hashInputs(folder: string): Promise<string> {
  const hashes = await Promise.all([folder, BUILD, WIT].map(hashSources));
  return [Deno.version.deno, ...hashes].join(" ");
}
