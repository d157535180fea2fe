import assert from "node:assert/strict";
import type { Post, Reply } from "../../model/message.ts";
import { PeriError } from "../../model/errors.ts";
import { BOB, counter } from "../../../tests/helpers/guest.ts";
import { eventOf, World } from "../../../tests/helpers/world.ts";

Deno.test("events are worked on in order, each with its answer and its removal", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  world.deliver(ref, 1, 2, 3);
  await world.until(world.isDone(ref));
  assert.equal(world.state(ref, "count", "sum"), 6);
  assert.deepEqual(world.outcomes(ref), [{ ok: "1" }, { ok: "3" }, { ok: "6" }]);
  await world.stop();
});

Deno.test("a run sees what earlier runs wrote while that is still on its way to disk", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  const held: (() => void)[] = [];
  world.fault = (apply) => new Promise((resolve) => held.push(() => resolve(apply())));
  world.deliver(ref, ...Array.from({ length: 50 }, () => 1));
  await world.rest();
  assert.equal(held.length, 1, "one commit is under way");
  assert.equal(world.remains.sandbox.instances[0]!.calls, 50, "runs do not wait for the disk");
  held.shift()!();
  await world.until(() => held.length === 1);
  held.shift()!();
  await world.until(world.isDone(ref));
  assert.equal(world.state(ref, "count", "sum"), 50, "two commits took all fifty");
  await world.stop();
});

Deno.test("a run that fails has no effects but its answer", async () => {
  const world = await World.open();
  const ref = await world.install((run) => {
    run.put("count", "sum", 1);
    throw new PeriError("denied", { op: "count", subject: "not you" });
  });
  world.deliver(ref, 1);
  await world.until(world.isDone(ref));
  assert.equal(world.state(ref, "count", "sum"), undefined);
  assert.deepEqual(world.outcomes(ref), [{
    error: { kind: "denied", op: "run", subject: "not you" },
  }]);
  await world.stop();
});

Deno.test("posts carry what a continuation needs, and the answer comes back to it", async () => {
  const world = await World.open();
  const seen: unknown[] = [];
  const ref = await world.install((run) => {
    if (run.call.interface === "") {
      seen.push([run.call.function, run.args, run.call.caller]);
      return null;
    }
    run.post({ continuation: { function: "on-added", note: '{"of":1}' }, deadlineMs: 5_000 });
    run.post({});
    return 1;
  });
  world.deliver(ref, 1);
  await world.until(world.isDone(ref));
  const [post, plain] = world.rows<Post>(ref, "sent");
  const { functionId } = post!;
  assert.deepEqual(post!.continuation, { then: "on-added", note: '{"of":1}', functionId });
  assert.equal(post!.deadlineMs, 5_000);
  assert.notEqual(post!.token, plain!.token);
  assert.deepEqual(post!.to, { person: BOB, pod: "counter" });
  for (const outcome of [{ ok: "41" }, { ok: '1},"break out"]' }]) {
    const { message, ...event } = eventOf(ref, world.remains.arrivals++, 0);
    const body = { kind: "answer", token: post!.token, index: 0, end: true, outcome } as const;
    world.put(ref, { ...event, message: { ...message, body }, continuation: post!.continuation! });
  }
  world.supervisor.residents.wake(ref);
  await world.until(world.isDone(ref));
  const subject = "payload is not JSON";
  const invalid = { error: { kind: "invalid", op: "read an answer", subject } };
  const caller = { person: BOB, pod: "hey" };
  assert.deepEqual(seen, [
    ["on-added", [{ of: 1 }, { ok: 41 }], caller],
    ["on-added", [{ of: 1 }, invalid], caller],
  ]);
  const [, , answer, ...others] = world.rows<Reply>(ref, "sent");
  assert.deepEqual(answer!.outcome, { ok: "1" });
  assert.deepEqual(others, [], "answers are not answered");
  await world.stop();
});

Deno.test("an answer nobody left anything for is removed without waking the pod", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  const { message, ...event } = eventOf(ref, 0, 0);
  const { token } = message.body;
  const body = { kind: "answer", token, index: 0, end: true, outcome: { ok: "1" } } as const;
  world.put(ref, { ...event, message: { ...message, body } });
  world.supervisor.residents.wake(ref);
  await world.until(world.isDone(ref));
  assert.equal(world.remains.sandbox.instances.length, 0);
  await world.stop();
});
