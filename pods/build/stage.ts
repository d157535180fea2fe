/**
 * Pods of folders for tests: their classes with what the build reads off them, in a periphery in
 * memory.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import type { PodClass } from "../sdk/engine.ts";
import { bindFace } from "../sdk/face.ts";
import { FakePeriphery } from "../sdk/testing/fake.ts";
import type { ErrorClasses, TypedErrorClass } from "../sdk/typed.ts";
import type { ErrorClass } from "./model.ts";
import { planProject } from "./generate.ts";
import type { Manifest } from "./manifest.ts";
import { readProject } from "./project.ts";

/** A pod as it is after its build, but for the component. */
export interface StagedPod {
  readonly manifest: Manifest;
  /** Knows what it offers. */
  readonly make: PodClass;
}

/**
 * Reads a pod's folder and its class. What the build writes there must be there.
 *
 * @throws as the build does.
 */
export async function stagePod(folder: string): Promise<StagedPod> {
  const project = await readProject(folder);
  const { manifest, shape, errors = [] } = await planProject(project);
  const { default: make } = await load(project.entry) as { default: PodClass };
  if (shape !== undefined) bindFace(make, shape, await loadErrors(errors));
  return { manifest, make };
}

/** The pod of a folder in a periphery of its own. @param owner fingerprint of its person */
export function openStaged({ manifest, make }: StagedPod, owner: string): FakePeriphery {
  const { name, version, about } = manifest;
  return new FakePeriphery(make, { name, version, about }, owner);
}

async function loadErrors(errors: readonly ErrorClass[]): Promise<ErrorClasses> {
  const classes: Record<string, TypedErrorClass> = {};
  for (const { className, exported, file } of errors) {
    classes[className] = (await load(file))[exported] as TypedErrorClass;
  }
  return classes;
}

async function load(path: string): Promise<Record<string, unknown>> {
  return await import(pathToFileURL(path).href);
}
