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

/**
 * The guest of a pod.
 *
 * @param shape what the build read off the class
 * @param errors classes that its functions throw, by name
 * @throws {Error} at build time, when the class lacks something that it offers.
 */
export function openGuest(
  make: PodClass,
  host: Host,
  about: PodAbout,
  shape: PodShape,
  errors: ErrorClasses = {},
): Guest {
  const lack = bindFace(make, shape, errors).lackOf(makePod(make, about));
  if (lack !== undefined) throw new Error(`${about.name} ${lack}`);
  const engine = new Engine(make, host, about);
  installGlobals(() => engine.activeRun, host);
  // deno-lint-ignore require-await -- see Guest.dispatch
  return { dispatch: async (events) => engine.dispatch(events) };
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
  const port = { id: "", request: refuse, waitForInput: refuse, wait: refuse, log: refuse };
  return new make(new Run(call, about, port));
}
