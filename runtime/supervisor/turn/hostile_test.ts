/**
 * Pods that break the contract of the conversation.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Guest } from "../../../tests/helpers/guest.ts";
import { World } from "../../../tests/helpers/world.ts";

const HOSTILE: Record<string, Guest> = {
  "ends a run that is not there": (run) =>
    run.say({ kind: "finish", invocation: 99, effects: none(), outcome: { ok: "null" } }),
  "ends a run twice": (run) => {
    const { invocation } = run.call;
    run.say({ kind: "finish", invocation, effects: none(), outcome: { ok: "1" } });
  },
  "asks twice in one step": (run) => {
    const { invocation } = run.call;
    const ask = { kind: "request", invocation, step: 1, operation: "state-get" } as const;
    run.say({ ...ask, argument: '{"table":"t","key":"k"}' });
    run.say({ ...ask, argument: '{"table":"t","key":"k"}' });
    return new Promise(() => {});
  },
};

function none() {
  return { writes: [], posts: [], answers: [], cancels: [], outputs: [] };
}

for (const [name, guest] of Object.entries(HOSTILE)) {
  Deno.test(`a pod that ${name} is stopped`, async () => {
    const world = await World.open();
    const ref = await world.install(guest);
    world.deliver(ref, 1);
    await world.until(() => world.remains.sandbox.instances[0]?.isOver === true);
    await world.until(() => world.supervisor.list()[0]!.status.restarts >= 1);
    assert.match(world.supervisor.list()[0]!.status.lastFault!, /^trap/);
    world.kill();
  });
}
