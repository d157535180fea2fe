/**
 * The life of a pod: how it dies, what that costs, and when it is stopped.
 *
 * @module
 */

import assert from "node:assert/strict";
import { MAX_EVENT_ATTEMPTS, POD_IDLE_MS } from "../../model/limits.ts";
import { PeriError } from "../../model/errors.ts";
import type { PodRef } from "../../model/words.ts";
import { indexKey, partitionKey } from "../rows.ts";
import { counter } from "../../../tests/helpers/guest.ts";
import { ALICE, eventOf, World } from "../../../tests/helpers/world.ts";

Deno.test("what finished before an instance died is kept, the rest runs again", async () => {
  const world = await World.open();
  let deaths = 0;
  const ref = await world.install(async (run) => {
    const [n] = run.args as [number];
    if (n === 3 && deaths++ === 0) await run.die("trap");
    return await counter(run);
  });
  world.deliver(ref, 1, 2, 3, 4);
  await world.until(world.isDone(ref));
  assert.equal(world.state(ref, "count", "runs"), 4);
  assert.deepEqual(world.outcomes(ref).map((one) => "ok" in one && one.ok), ["1", "3", "6", "10"]);
  const { restarts, lastFault } = (await world.supervisor.info(ref)).status;
  assert.equal(restarts, 1);
  assert.match(lastFault!, /^trap/);
  await world.stop();
});

Deno.test("an event a pod dies on three times is answered with an error and gone", async () => {
  for (const reason of ["time", "memory", "trap", "host"] as const) {
    const world = await World.open();
    let tries = 0;
    const ref = await world.install(async (run) => {
      if (run.args[0] === 2) {
        tries++;
        await run.die(reason);
      }
      return await counter(run);
    });
    world.deliver(ref, 1, 2, 3);
    await world.until(world.isDone(ref));
    assert.equal(tries, MAX_EVENT_ATTEMPTS);
    const [first, poison, last] = world.outcomes(ref);
    assert.deepEqual([first, last], [{ ok: "1" }, { ok: "4" }]);
    assert.ok(poison && "error" in poison);
    assert.equal(poison.error.kind, "internal");
    assert.match(poison.error.subject, new RegExp(`stopped: ${reason}`));
    await world.stop();
  }
});

Deno.test("the end of a shared process counts against no event, and who ends it again alone is found out", async () => {
  const world = await World.open();
  const { sandbox } = world.remains;
  const tries: boolean[] = [];
  let ends = 0;
  const ref = await world.install(async (run) => {
    const [n] = run.args as [number];
    // A neighbour ends the process while this pod works on 1, often; on 2 it ends it itself.
    if (n === 1 && ends++ < MAX_EVENT_ATTEMPTS) await run.die("shared");
    if (n === 2) {
      const { isAlone } = sandbox.instances.at(-1)!;
      tries.push(isAlone);
      await run.die(isAlone ? "host" : "shared");
    }
    return await counter(run);
  });
  world.deliver(ref, 1, 2, 3);
  await world.until(world.isDone(ref));
  const [first, poison, last] = world.outcomes(ref);
  assert.deepEqual([first, last], [{ ok: "1" }, { ok: "4" }]);
  assert.ok(poison && "error" in poison);
  assert.deepEqual(tries.filter((isAlone) => isAlone).length, MAX_EVENT_ATTEMPTS);
  assert.equal(sandbox.instances.at(-1)!.isAlone, false, "it does well again");
  await world.stop();
});

Deno.test("a pod that cannot be started waits longer each time and works once it can", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  const { sandbox } = world.remains;
  sandbox.startFault = new PeriError("internal", { op: "start", subject: "no host" });
  world.deliver(ref, 7);
  await world.until(() => world.supervisor.list()[0]!.status.failures >= 4);
  assert.equal(world.rows(ref, "inbox").length, 1, "a fault of the server is not the event's");
  sandbox.startFault = undefined;
  await world.until(world.isDone(ref));
  assert.deepEqual(world.outcomes(ref), [{ ok: "7" }]);
  await world.stop();
});

Deno.test("a component that never starts has its events answered", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  world.remains.sandbox.startFault = new PeriError("damaged", { op: "start", subject: "torn" });
  world.deliver(ref, 7);
  await world.until(world.isDone(ref));
  const [outcome] = world.outcomes(ref);
  assert.ok(outcome && "error" in outcome && /could not be started/.test(outcome.error.subject));
  await world.stop();
});

Deno.test("after a death runs are given one by one until one goes well", async () => {
  const world = await World.open();
  const gate = Promise.withResolvers<void>();
  let deaths = 0;
  const ref = await world.install(async (run) => {
    if (deaths++ === 0) await run.die("trap");
    await gate.promise;
    return await counter(run);
  });
  world.deliver(ref, 1, 2, 3);
  const { instances } = world.remains.sandbox;
  await world.until(() => instances.length === 2 && instances[1]!.calls > 0);
  await world.rest();
  assert.deepEqual(instances.map(({ calls }) => calls), [3, 1]);
  gate.resolve();
  await world.until(world.isDone(ref));
  assert.equal(instances[1]!.calls, 3);
  await world.stop();
});

Deno.test("a pod without work is stopped and started again by its next event", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  const { instances } = world.remains.sandbox;
  world.deliver(ref, 1);
  await world.until(world.isDone(ref));
  await world.remains.clock.advance(POD_IDLE_MS - 2_000);
  assert.equal(instances[0]!.isOver, false);
  assert.equal((await world.supervisor.info(ref)).status.state, "running");
  await world.remains.clock.advance(4_000);
  assert.equal(instances[0]!.isOver, true);
  assert.equal((await world.supervisor.info(ref)).status.state, "resting");
  world.deliver(ref, 2);
  await world.until(world.isDone(ref));
  assert.equal(instances.length, 2);
  assert.equal(world.state(ref, "count", "sum"), 3);
  await world.stop();
});

Deno.test("stopping lets a run end that can, and loses none that cannot", async () => {
  const world = await World.open();
  const gate = Promise.withResolvers<void>();
  const ref = await world.install(async (run) => {
    if (run.args[0] === 2) await gate.promise;
    if (run.args[0] === 3) await new Promise(() => {});
    return await counter(run);
  });
  world.deliver(ref, 1, 2);
  await world.until(() => world.rows(ref, "inbox").length === 1);
  const stopping = world.supervisor.stop(1_000);
  await world.rest();
  gate.resolve();
  await stopping;
  assert.equal(world.state(ref, "count", "runs"), 2);
  const next = await World.open(world.remains);
  next.deliver(ref, 3);
  await next.rest();
  await next.stop();
  assert.equal(next.rows(ref, "inbox").length, 1);
  assert.equal(next.state(ref, "count", "runs"), 2);
});

Deno.test("two pods do not wait for each other", async () => {
  const world = await World.open();
  const stuck = await world.install(() => new Promise(() => {}), "stuck");
  const ref = await world.install(counter);
  world.deliver(stuck, 1);
  world.deliver(ref, 5);
  await world.until(world.isDone(ref));
  assert.deepEqual(ref.person, ALICE);
  assert.equal(world.state(ref, "count", "sum"), 5);
  await world.stop();
});

Deno.test("a death gives a pod that has just left nothing back, whoever removed it", async () => {
  for (const attempts of [0, MAX_EVENT_ATTEMPTS - 1]) {
    const world = await World.open();
    const event = (ref: PodRef) => ({ ...eventOf(ref, 0, 1), attempts });
    const ref = await world.install(async (run) => {
      const key = indexKey(ref);
      const deletes = [partitionKey(ref, "inbox", 0)];
      world.remains.disk.apply({
        puts: [{ key, value: { state: "leaving", blobs: [] } }],
        deletes,
      });
      await run.die("trap");
    });
    world.put(ref, event(ref));
    world.supervisor.residents.wake(ref);
    await world.rest();
    assert.equal(world.remains.sandbox.instances.length, 1);
    assert.deepEqual([world.rows(ref, "inbox"), world.rows(ref, "sent")], [[], []]);
    await world.stop();
  }
});
