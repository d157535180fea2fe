/**
 * What a component says of itself (PROTOCOL.md, "Manifest").
 *
 * @module
 */

import { hashFunction, hashInterface } from "../../wit/canonical.ts";
import type { WitInterface, WitWorld } from "../../wit/tree.ts";
import type { FunctionType } from "../../wit/types.ts";
import type { Project } from "./project.ts";

/** The world every pod is a component of. */
export const POD_WORLD = "peri:pod/pod@0.1.0";

/** An interface with its hashes. */
export interface ManifestInterface {
  readonly interface: string;
  readonly capability: string;
  readonly functions: Readonly<
    Record<string, { readonly id: string; readonly type: FunctionType }>
  >;
}

/** The JSON in the custom section `peri:pod`. */
export interface Manifest {
  readonly format: 1;
  readonly world: string;
  readonly name: string;
  readonly version: string;
  readonly about: string;
  readonly offers: readonly ManifestInterface[];
  readonly needs: readonly ManifestInterface[];
}

/** The manifest of a pod; interfaces and functions sorted by name. */
export function manifestOf(project: Project, world: WitWorld): Manifest {
  const { name, version, about } = project;
  return {
    format: 1,
    world: POD_WORLD,
    name,
    version,
    about,
    offers: byName(world.exports).map(describe),
    needs: byName(world.imports).filter(({ functions }) => functions.size > 0).map(describe),
  };
}

/** An interface with the hash of each function and its own. */
export function describe({ name, functions }: WitInterface): ManifestInterface {
  const ids: Record<string, string> = {};
  const described: Record<string, { id: string; type: FunctionType }> = {};
  for (const [key, type] of [...functions].sort(([a], [b]) => a < b ? -1 : 1)) {
    ids[key] = hashFunction(name, key, type);
    described[key] = { id: ids[key], type };
  }
  return { interface: name, capability: hashInterface(name, ids), functions: described };
}

function byName(interfaces: readonly WitInterface[]): WitInterface[] {
  return [...interfaces].sort((a, b) => a.name < b.name ? -1 : 1);
}
