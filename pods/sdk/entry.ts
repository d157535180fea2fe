/**
 * Joins a pod's class with its host: what the module that the build writes calls.
 *
 * @module
 */

import { Engine, type PodClass } from "./engine.ts";
import { bindFace } from "./face.ts";
import { installGlobals } from "./globals.ts";
import type { Host, WireEvent } from "./host.ts";
import type { Pod } from "./pod.ts";
import { type PodAbout, Run } from "./run.ts";
import type { PodShape } from "./shape.ts";
import type { ErrorClasses } from "./typed.ts";

/** The export `guest` of the world `peri:pod/pod`. */
export interface Guest {
  /** Never waits; must be async, or QuickJS does not run what was promised. */
  dispatch(events: readonly WireEvent[]): Promise<void>;
}

/** What the pod must have handlers for: functions by interface. */
export type Offered = Readonly<Record<string, readonly string[]>>;

/**
 * The guest of a pod.
 *
 * @param shape what the build read off the class; of a pod that offers by hand, what it offers
 * @param errors classes that its functions throw, by name
 * @throws {Error} at build time, when the class lacks something that it offers.
 */
export function openGuest(
  make: PodClass,
  host: Host,
  about: PodAbout,
  shape: PodShape | Offered,
  errors: ErrorClasses = {},
): Guest {
  if (isShape(shape)) checkMethods(make, about, shape, errors);
  else checkHandlers(make, about, shape);
  const engine = new Engine(make, host, about);
  installGlobals(() => engine.activeRun, host);
  // deno-lint-ignore require-await -- see Guest.dispatch
  return { dispatch: async (events) => engine.dispatch(events) };
}

function isShape(shape: PodShape | Offered): shape is PodShape {
  return Array.isArray(shape.verbs);
}

function checkMethods(
  make: PodClass,
  about: PodAbout,
  shape: PodShape,
  errors: ErrorClasses,
): void {
  const face = bindFace(make, shape, errors);
  const lack = face.lackOf(makePod(make, about));
  if (lack !== undefined) throw new Error(`${about.name} ${lack}`);
}

function checkHandlers(make: PodClass, about: PodAbout, offered: Offered): void {
  const pod = makePod(make, about);
  for (const [interfaceName, names] of Object.entries(offered)) {
    for (const name of names) {
      if (pod.handlerOf(interfaceName, name) !== undefined) continue;
      throw new Error(`${about.name} offers ${interfaceName} and has no handler for ${name}`);
    }
  }
}

/** An object that nothing is run of, made while the component is built. */
function makePod(make: PodClass, about: PodAbout): Pod {
  const refuse = () => {
    throw new Error("a pod's constructor may only declare");
  };
  const call = {
    invocation: 0,
    caller: { person: "" },
    interface: "",
    function: "",
    arguments: "[]",
    nowMs: 0,
    seed: 0,
    many: false,
  };
  const port = { request: refuse, waitForInput: refuse, wait: refuse, log: refuse };
  return new make(new Run(call, about, port));
}
