/**
 * What a component says of itself, checked, without running or compiling it.
 *
 * @module
 */

import type { Manifest } from "../../model/pod.ts";
import { refuseComponent } from "./binary.ts";
import { readComponent } from "./component.ts";
import { readManifest } from "./manifest.ts";
import { checkWorld } from "./world.ts";

/** @throws {PeriError} as {@link import("../../ports/sandbox.ts").Compiler.inspect}. */
export function inspectComponent(component: Uint8Array): Manifest {
  const outside = readComponent(component);
  checkWorld(outside);
  if (outside.manifest === undefined) {
    throw refuseComponent("it has no manifest, so it is no pod");
  }
  return readManifest(outside.manifest);
}
