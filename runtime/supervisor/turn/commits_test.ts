/**
 * Turns on their way to disk: commits that fail, quotas, and pods that leave meanwhile.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Reply } from "../../model/message.ts";
import { STATE_QUOTA_BYTES } from "../../model/limits.ts";
import { PeriError } from "../../model/errors.ts";
import { indexKey, stateKey } from "../rows.ts";
import { counter } from "../../../tests/helpers/guest.ts";
import { World } from "../../../tests/helpers/world.ts";

Deno.test("a commit that fails forgets what came after it and all of it runs again", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  let commits = 0;
  world.fault = (apply) => {
    commits++;
    if (commits % 2 === 1 && commits < 8) {
      return Promise.reject(new PeriError("over-quota", { op: "write", subject: "disk full" }));
    }
    return Promise.resolve(apply());
  };
  world.deliver(ref, 1, 2, 3, 4, 5);
  await world.until(world.isDone(ref));
  assert.equal(world.state(ref, "count", "sum"), 15);
  assert.deepEqual(world.outcomes(ref).length, 5);
  assert.ok(world.mailbox.settlements.includes(false), "places of mail were given up");
  await world.stop();
});

Deno.test("each event takes effect once, whichever commit the process is killed at", async () => {
  for (let killAt = 1; killAt <= 12; killAt++) {
    for (const isApplied of [false, true]) {
      let world = await World.open();
      const ref = await world.install(counter);
      let commits = 0;
      const first = world;
      world.fault = (apply) => {
        if (++commits < killAt) return Promise.resolve(apply());
        if (isApplied) apply();
        first.kill();
        return new Promise(() => {});
      };
      for (const n of [1, 2, 3, 4, 5, 6]) {
        world.deliver(ref, n);
        await world.rest();
      }
      first.kill();
      world = await World.open(world.remains);
      await world.until(world.isDone(ref));
      const label = `killed at ${killAt}, ${isApplied ? "after" : "before"}`;
      assert.equal(world.state(ref, "count", "runs"), 6, label);
      assert.equal(world.state(ref, "count", "sum"), 21, label);
      const tokens = world.rows<Reply>(ref, "sent").map(({ token }) => token);
      assert.equal(new Set(tokens).size, 6, label);
      await world.stop();
    }
  }
});

Deno.test("a run over quota is answered so; later runs do not see what it wrote", async () => {
  const world = await World.open();
  const value = "x".repeat(60_000);
  const refused = 5;
  const ref = await world.install(async (run) => {
    const [n] = run.args as [number];
    if (n === 0) return (await run.list({ table: "big", limit: 1000 })).length > 0 ? 1 : 0;
    for (let at = 0; at < 10; at++) run.put("big", `${n}-${at}`, value);
    return n;
  });
  const runs = Math.floor(STATE_QUOTA_BYTES / 600_100);
  world.deliver(ref, ...Array.from({ length: runs + refused }, (_, n) => n + 1));
  await world.until(world.isDone(ref));
  const failed = world.outcomes(ref).filter((one) => "error" in one);
  assert.equal(failed.length, refused);
  assert.ok(failed.every((one) => "error" in one && one.error.kind === "over-quota"));
  const { stateBytes } = await world.supervisor.info(ref);
  const kept = world.rows<string>(ref, "state");
  assert.equal(kept.length, runs * 10);
  assert.ok(stateBytes <= STATE_QUOTA_BYTES && stateBytes > STATE_QUOTA_BYTES - 600_200);
  await world.stop();
});

Deno.test("a run whose messages cannot be planned is undone with all that saw it", async () => {
  const world = await World.open();
  const ref = await world.install(async (run) => {
    const [n] = run.args as [number];
    if (n === 2) run.post({});
    return await counter(run);
  });
  const { mailbox } = world;
  const plan = mailbox.plan.bind(mailbox);
  mailbox.plan = async (from, posts, replies) => {
    if (posts.length === 0) return await plan(from, posts, replies);
    // Late enough for the next runs to have read what this one wrote.
    await world.rest();
    throw new PeriError("too-large", { op: "post", subject: "too many recipients" });
  };
  world.deliver(ref, 1, 2, 3, 4);
  await world.until(world.isDone(ref));
  const [one, two, three, four] = world.outcomes(ref);
  assert.deepEqual([one, three, four], [{ ok: "1" }, { ok: "4" }, { ok: "8" }]);
  assert.ok(two && "error" in two && two.error.kind === "too-large");
  assert.equal(world.state(ref, "count", "runs"), 3);
  await world.stop();
});

Deno.test("the account of state counts writes that are on their way", async () => {
  const world = await World.open();
  const ref = await world.install((run) => {
    const [n] = run.args as [number];
    run.put("t", "k", "x".repeat(n));
    return n;
  });
  const held: (() => void)[] = [];
  world.fault = (apply) => new Promise((resolve) => held.push(() => resolve(apply())));
  world.deliver(ref, 10, 500, 20, 300, 40);
  await world.rest();
  while (world.rows(ref, "inbox").length > 0) {
    held.shift()?.();
    await world.rest();
  }
  world.fault = (apply) => Promise.resolve(apply());
  assert.equal((await world.supervisor.info(ref)).stateBytes, 2 + 42);
  await world.stop();
});

Deno.test("the account of state follows writes, replacements and deletions to the byte", async () => {
  const world = await World.open();
  const ref = await world.install((run) => {
    const [n] = run.args as [number];
    if (n === 1) run.put("t", "ä", "xxxx");
    if (n === 2) run.put("t", "ä", "x");
    if (n === 3) run.put("t", "b", "yy");
    if (n === 4) run.put("t", "ä", undefined);
    return n;
  });
  const sizes: number[] = [];
  for (const n of [1, 2, 3, 4]) {
    world.deliver(ref, n);
    await world.until(world.isDone(ref));
    sizes.push((await world.supervisor.info(ref)).stateBytes);
  }
  assert.deepEqual(sizes, [1 + 2 + 6, 1 + 2 + 3, 6 + 1 + 1 + 4, 6]);
  await world.stop();
});

Deno.test("what an instance remembers of a pod that has moved on never comes to disk", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  world.deliver(ref, 1);
  await world.until(world.isDone(ref));
  const { disk, sandbox } = world.remains;
  const key = indexKey(ref);
  const state = stateKey({ ...ref, generation: 0 }, "state", "count", "sum");
  assert.equal(disk.get(state)?.value, "1");
  // Another process has taken the pod over, worked on and given it back.
  const puts = [{ key, value: disk.get(key)!.value }, { key: state, value: "100" }];
  disk.apply({ puts });
  assert.equal(sandbox.instances.length, 1, "it lives and knows the row");
  world.deliver(ref, 1);
  await world.until(world.isDone(ref));
  assert.deepEqual(world.outcomes(ref), [{ ok: "1" }, { ok: "101" }]);
  assert.equal(world.state(ref, "count", "sum"), 101);
  assert.equal(sandbox.instances.length, 2);
  await world.stop();
});

Deno.test("what a run did does not happen when its pod has just left, whoever removed it", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  const key = indexKey(ref);
  world.fault = (apply) => {
    // Another process was faster by a moment.
    world.remains.disk.apply({ puts: [{ key, value: { state: "leaving", blobs: [] } }] });
    return Promise.resolve(apply());
  };
  world.deliver(ref, 1);
  await world.rest();
  assert.deepEqual([world.rows(ref, "state"), world.rows(ref, "sent")], [[], []]);
  assert.equal(world.rows(ref, "inbox").length, 1);
  await world.stop();
});
