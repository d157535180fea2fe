/**
 * From a pod's folder to all that is known of it before it is built: interfaces with their hashes,
 * verbs, and what the entry module must join.
 *
 * @module
 */

import { type DescribedInterface, describeInterface } from "../../wit/describe.ts";
import { type DocumentedInterface, formatWorld } from "../../wit/format.ts";
import type { OfferShape, PodShape } from "../sdk/shape.ts";
import { type Manifest, manifestOf } from "./manifest.ts";
import type { InterfaceModel, Mounted, PodModel } from "./model.ts";
import type { Project } from "./project.ts";
import { readPod } from "./read/pod.ts";
import { SourceError } from "./read/refusals.ts";
import { planVerbs } from "./verbs.ts";
import { COMMAND, type DocumentedWorld, readCommand, readWorld, WORLD } from "./world.ts";

/** What is known of a pod whose class says what it offers. */
export interface PodPlan {
  readonly manifest: Manifest;
  readonly shape: PodShape;
  readonly model: PodModel;
  /** Interfaces that its own classes declare, for clients of it. */
  readonly declared: readonly DocumentedInterface[];
}

/**
 * Reads a pod's class.
 *
 * @param wit the world of its WIT, if it has one: its exports must be mounted
 * @throws {SourceError} with everything that is wrong in its TypeScript.
 * @throws {Error} when class and WIT say different things.
 */
export async function planPod(project: Project, wit?: DocumentedWorld): Promise<PodPlan> {
  const model = readPod(project);
  const { verbs, refused } = planVerbs(model);
  if (refused.length > 0) throw new SourceError(refused, project.folder);
  const world = await resolveModel(project, model, wit, verbs.length > 0);
  const manifest = manifestOf(project, world, verbs);
  const described = new Map(
    [...manifest.offers, ...manifest.needs].map((one) => [one.interface, one]),
  );
  for (const one of [...model.offers.map(({ part }) => part), ...model.needs]) {
    checkClaim(project, one, described.get(one.name)!);
  }
  if (wit !== undefined) checkExports(project, model, wit, described);
  const offers = model.offers.map((offer) => shapeOf(offer, described.get(offer.part.name)!));
  const declared = model.offers.map(({ part }) => part).filter(({ claims }) =>
    claims === undefined
  );
  const { fields } = model;
  const shape = { offers, verbs, ...fields.length > 0 && { fields } };
  return { manifest, shape, model, declared };
}

/** The model as WIT text, read again: what WIT says is what counts. */
async function resolveModel(
  project: Project,
  model: PodModel,
  wit: DocumentedWorld | undefined,
  hasVerbs: boolean,
): Promise<DocumentedWorld> {
  const offered = model.offers.map(({ part }) => part);
  const needed = new Map<string, DocumentedInterface>();
  for (const one of [...model.needs, ...wit?.imports ?? []]) {
    // What it offers itself a pod may call at others without saying so again.
    const isOwn = offered.some(({ name }) => name === one.name);
    if (!isOwn && !needed.has(one.name)) needed.set(one.name, one);
  }
  const exports = hasVerbs ? [...offered, await readCommand()] : offered;
  const imports = [...needed.values()];
  const packageName = project.package;
  return await readWorld(formatWorld({ packageName, world: WORLD, exports, imports }));
}

/** A generated class must be as it was generated. */
function checkClaim(
  project: Project,
  { name, claims }: InterfaceModel,
  { capability }: DescribedInterface,
): void {
  if (claims === undefined || claims === capability) return;
  throw new Error(
    `${project.name}: the generated class of ${name} says it is ${claims.slice(0, 12)}… and is ` +
      `${capability.slice(0, 12)}…: it was changed by hand; generate it again`,
  );
}

function checkExports(
  { wit: path }: Project,
  { offers }: PodModel,
  { exports }: DocumentedWorld,
  described: ReadonlyMap<string, DescribedInterface>,
): void {
  for (const one of exports) {
    const { interface: name, capability } = describeInterface(one);
    if (name === COMMAND) {
      throw new Error(`${path} exports ${name}: leave it out, it is made of the class's methods`);
    }
    const offer = offers.find(({ part }) => part.name === name);
    if (offer === undefined) {
      throw new Error(
        `${path} exports ${name}, and no field of the class implements it: extend its class of ` +
          `generated.ts and write readonly mine = new Mine(this)`,
      );
    }
    if (described.get(name)!.capability !== capability) {
      throw new Error(`${path} says ${name} otherwise than the class of the field ${offer.field}`);
    }
  }
}

function shapeOf(
  { field, part }: Mounted<InterfaceModel>,
  { interface: name, capability, functions }: DescribedInterface,
): OfferShape {
  return {
    field,
    interface: name,
    capability,
    functions: part.methods.map((one) => ({
      name: one.name,
      method: one.method,
      functionId: functions[one.name]!.id,
      params: functions[one.name]!.type.params,
      ...one.params.at(-1)?.rest && { rest: true as const },
      result: functions[one.name]!.type.result,
      ...one.errors.length > 0 &&
        { errors: one.errors.map((error) => [error.case, error.className] as const) },
    })),
  };
}
