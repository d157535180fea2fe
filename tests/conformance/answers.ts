/**
 * A pod in a real pod host that is given one event after the other.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { PodEvent, PodOutput, PodProgram } from "../../runtime/model/pod.ts";
import type { Sandbox } from "../../runtime/ports/sandbox.ts";

const BUDGET = { memoryBytes: 64 * 1024 * 1024, sliceMs: 2_000 };

/** Gives an event to a pod; resolves with the end of the run. */
export type Finish = (event: PodEvent) => Promise<PodOutput & { readonly kind: "finish" }>;

/** Starts a pod whose requests are all answered with null. */
export async function startPod(sandbox: Sandbox, program: PodProgram): Promise<Finish> {
  const heard: ((output: PodOutput) => void)[] = [];
  const pod = await sandbox.start(program, BUDGET, (output) => {
    if (output.kind === "request") {
      const answer = { kind: "settled", outcome: { ok: "null" } } as const;
      pod.dispatch([{ ...answer, invocation: output.invocation, step: output.step }]);
    } else heard.splice(0).forEach((hear) => hear(output));
  });
  return async (event) => {
    const said = new Promise<PodOutput>((resolve) => heard.push(resolve));
    pod.dispatch([event]);
    const output = await said;
    assert.ok(output.kind === "finish", JSON.stringify(output));
    return output;
  };
}
