/**
 * What a component says of itself (PROTOCOL.md, "Manifest").
 *
 * @module
 */

import { type DescribedInterface, describeInterface } from "../../wit/describe.ts";
import { type DocumentedInterface, formatWorld } from "../../wit/format.ts";
import type { WitInterface } from "../../wit/tree.ts";
import type { VerbShape } from "../sdk/shape.ts";
import type { Project } from "./project.ts";
import { COMMAND, type DocumentedWorld, WORLD } from "./world.ts";

/** The world every pod is a component of. */
export const POD_WORLD = "peri:pod/pod@0.1.0";

/** Longest manifest that a periphery takes, in bytes. */
const MAX_MANIFEST_BYTES = 512 * 1024;

/** An interface that is offered. */
export interface ManifestOffer extends DescribedInterface {
  /** Capabilities of older interfaces in whose place it stands. */
  readonly supersedes?: readonly string[];
}

/** The JSON in the custom section `peri:pod`. */
export interface Manifest {
  readonly format: 1;
  readonly world: string;
  readonly name: string;
  readonly version: string;
  readonly about: string;
  readonly offers: readonly ManifestOffer[];
  readonly needs: readonly DescribedInterface[];
  /** Verbs of its command line; none of a pod that makes them as it runs. */
  readonly verbs: readonly VerbShape[];
  /** The interfaces as WIT text with documentation, the command line's left out. */
  readonly wit: string;
}

/** The manifest of a pod; interfaces and functions sorted by name. */
export function manifestOf(
  project: Project,
  world: DocumentedWorld,
  verbs: readonly VerbShape[],
): Manifest {
  const { name, version, about } = project;
  return {
    format: 1,
    world: POD_WORLD,
    name,
    version,
    about,
    offers: offersOf(project, world),
    needs: byName(world.imports).filter(({ functions }) => functions.size > 0)
      .map(describeInterface),
    verbs,
    wit: witOf(project, world),
  };
}

/** @throws {Error} when `pod.json` says of an interface that is not offered what it supersedes. */
function offersOf({ supersedes, folder }: Project, { exports }: DocumentedWorld): ManifestOffer[] {
  const offers = byName(exports).map(describeInterface);
  for (const [name, older] of Object.entries(supersedes)) {
    const offer = offers.find((one) => one.interface === name);
    const wrong = offer === undefined
      ? `the pod does not offer ${name}, so that supersedes nothing`
      : older.includes(offer.capability)
      ? `${name} cannot supersede itself`
      : undefined;
    if (wrong !== undefined) throw new Error(`${folder}/pod.json: ${wrong}`);
  }
  return offers.map((offer) => {
    const older = supersedes[offer.interface];
    return older === undefined ? offer : { ...offer, supersedes: [...older].sort() };
  });
}

/**
 * The bytes of the section.
 *
 * @throws {Error} when no periphery would take them.
 */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  if (bytes.length <= MAX_MANIFEST_BYTES) return bytes;
  throw new Error(
    `what ${manifest.name} says of itself has ${bytes.length} bytes, ${MAX_MANIFEST_BYTES} ` +
      "allowed: give it fewer functions, smaller types or shorter comments",
  );
}

/** The text of a pod's interfaces; every reader of WIT can resolve its world `pod`. */
export function witOf(project: Project, { exports, imports }: DocumentedWorld): string {
  const without = (side: readonly DocumentedInterface[]) =>
    side.filter(({ name }) => name !== COMMAND);
  return formatWorld({
    packageName: project.package,
    world: WORLD,
    exports: without(exports),
    imports: without(imports),
  });
}

function byName<One extends WitInterface>(interfaces: readonly One[]): One[] {
  return [...interfaces].sort((a, b) => a.name < b.name ? -1 : 1);
}
