/**
 * What the benches of pods say to a tally.
 *
 * @module
 */

import type { PodEvent } from "../../../runtime/model/pod.ts";

/** A word at the tally's command line. */
export function callOf(invocation: number, word: string): PodEvent & { readonly kind: "call" } {
  return {
    kind: "call",
    pod: "tally",
    invocation,
    caller: { person: "A".repeat(40) },
    interface: "peri:face/command",
    function: "run",
    arguments: JSON.stringify([[word], false]),
    nowMs: 1_800_000_000_000,
    seed: invocation,
  };
}
