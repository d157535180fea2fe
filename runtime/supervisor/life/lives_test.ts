/**
 * Who is awake: how many pods stay started, who is put to sleep, and that sleep loses nothing.
 *
 * @module
 */

import assert from "node:assert/strict";
import { POD_IDLE_MS } from "../../model/limits.ts";
import type { PodRef } from "../../model/words.ts";
import { counter, type Guest } from "../../../tests/helpers/guest.ts";
import { World } from "../../../tests/helpers/world.ts";
import { COMMAND_FACE } from "../visit/face.ts";
import { Rests } from "./rests.ts";

/** Counts, and lets people in. */
const guest: Guest = async (run) => run.call.interface === COMMAND_FACE ? 0 : await counter(run);

/** Pods that count, each with its instances. */
async function populate(count: number, maxResting: number, code = guest) {
  const world = await World.open(undefined, { maxResting });
  const { instances } = world.remains.sandbox;
  const refs: PodRef[] = [];
  for (let at = 0; at < count; at++) refs.push(await world.install(code, `pod-${at}`));
  const awake = async () => {
    const states = await Promise.all(refs.map((ref) => world.supervisor.info(ref)));
    return refs.flatMap((ref, at) => states[at]!.status.state === "running" ? [ref.pod] : []);
  };
  const use = async (at: number) => {
    world.deliver(refs[at]!, 1);
    await world.until(world.isDone(refs[at]!));
    await world.rest();
  };
  return { world, instances, refs, awake, use };
}

Deno.test("so many pods rest started; who has rested longest is put to sleep for the next", async () => {
  const { world, instances, refs, awake, use } = await populate(4, 2);
  await use(0);
  await use(1);
  assert.deepEqual(await awake(), ["pod-0", "pod-1"]);
  await use(0);
  await use(2);
  assert.deepEqual(await awake(), ["pod-0", "pod-2"], "pod-1 has rested longest");
  await use(3);
  assert.deepEqual(await awake(), ["pod-2", "pod-3"]);
  assert.equal(instances.filter(({ isOver }) => !isOver).length, 2);
  await use(1);
  assert.deepEqual(await awake(), ["pod-1", "pod-3"]);
  assert.equal(world.state(refs[1]!, "count", "sum"), 2, "it goes on with what it kept");
  await world.stop();
});

Deno.test("a pod that works is never put to sleep, however many others come", async () => {
  const gate = Promise.withResolvers<void>();
  const { world, instances, refs, awake, use } = await populate(3, 1, async (run) => {
    if (run.args[0] === 9) await gate.promise;
    return await counter(run);
  });
  world.deliver(refs[0]!, 9);
  await world.rest();
  await use(1);
  await use(2);
  await world.remains.clock.advance(POD_IDLE_MS + 1_000);
  assert.deepEqual(await awake(), ["pod-0"]);
  gate.resolve();
  await world.until(world.isDone(refs[0]!));
  assert.equal(instances.filter(({ calls }) => calls === 1).length, 3);
  assert.equal(world.state(refs[0]!, "count", "runs"), 1, "it ran once");
  await world.stop();
});

Deno.test("a pod that has worked again does not sleep by the time of its rest before", async () => {
  const { world, awake, use } = await populate(1, 1);
  await use(0);
  await world.remains.clock.advance(POD_IDLE_MS - 1_000);
  await use(0);
  await world.remains.clock.advance(2_000);
  assert.deepEqual(await awake(), ["pod-0"]);
  await world.stop();
});

/** Turns of the queue of promises within which a pod that is put to sleep has gone. */
const MOMENTS = 60;

/** Something comes for a pod that many turns after another pod has pushed it into its sleep. */
async function comeAt(moment: number, come: (world: World, ref: PodRef) => unknown) {
  const { world, instances, refs, use } = await populate(2, 1);
  await use(0);
  const before = instances[0]!;
  world.deliver(refs[1]!, 1);
  // From the first moment on in which the other rests, which is when the sleep begins.
  while (!world.isDone(refs[1]!)()) await Promise.resolve();
  for (let turn = 0; turn < moment; turn++) await Promise.resolve();
  const wasOver = before.isOver;
  const said = await come(world, refs[0]!);
  await world.until(world.isDone(refs[0]!));
  await world.rest();
  const sum = world.state(refs[0]!, "count", "sum");
  await world.stop();
  return { said, sum, wasOver };
}

Deno.test("an event that comes at any moment of being put to sleep is worked on once", async () => {
  const seen = new Set<boolean>();
  for (let moment = 0; moment < MOMENTS; moment++) {
    const { sum, wasOver } = await comeAt(moment, (world, ref) => world.deliver(ref, 10));
    assert.equal(sum, 11, `at moment ${moment}`);
    seen.add(wasOver);
  }
  assert.deepEqual(
    [...seen].sort(),
    [false, true],
    "moments before and after the sleep were tried",
  );
});

Deno.test("a person who comes at any moment of a pod's going to sleep is let in", async () => {
  for (let moment = 0; moment < MOMENTS; moment++) {
    const { said } = await comeAt(moment, async (world, ref) => {
      const run = world.supervisor.faces.run(ref, [], { terminal: false });
      let code: number | undefined;
      run.then((told) => code = told);
      await world.until(() => code !== undefined);
      return code;
    });
    assert.equal(said, 0, `at moment ${moment}`);
  }
});

Deno.test("rests end in the order in which they began, and only those beyond the bound", () => {
  const rests = new Rests(2);
  const [a, b, c, d] = Array.from({ length: 4 }, () => new AbortController());
  const endA = rests.begin(a!);
  rests.begin(b!);
  endA();
  rests.begin(c!);
  assert.deepEqual([a, b, c].map((one) => one!.signal.aborted), [false, false, false]);
  rests.begin(d!);
  assert.deepEqual([b, c, d].map((one) => one!.signal.aborted), [true, false, false]);
  assert.equal(rests.count, 2);
});
