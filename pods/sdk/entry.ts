/**
 * Joins a pod's class with its host: what the module that the build writes calls.
 *
 * @module
 */

import { Engine, type PodClass } from "./engine.ts";
import { installGlobals } from "./globals.ts";
import type { Host, WireEvent } from "./host.ts";
import { type PodAbout, Run } from "./run.ts";

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
 * @throws {Error} at build time, when the class lacks a handler for something it offers.
 */
export function openGuest(make: PodClass, host: Host, about: PodAbout, offered: Offered): Guest {
  checkHandlers(make, about, offered);
  const engine = new Engine(make, host, about);
  installGlobals(() => engine.activeRun, host);
  // deno-lint-ignore require-await -- see Guest.dispatch
  return { dispatch: async (events) => engine.dispatch(events) };
}

/** Runs while the component is built: an object is made and asked, nothing is called. */
function checkHandlers(make: PodClass, about: PodAbout, offered: Offered): void {
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
  const run = new Run(call, about, port);
  const pod = new make(run);
  for (const [interfaceName, names] of Object.entries(offered)) {
    for (const name of names) {
      if (pod.handlerOf(interfaceName, name) !== undefined) continue;
      throw new Error(`${about.name} offers ${interfaceName} and has no handler for ${name}`);
    }
  }
}
