import assert from "node:assert/strict";
import type { Outcome, Post, Reply } from "../model/message.ts";
import { MAX_EVENT_ATTEMPTS, POD_IDLE_MS, STATE_QUOTA_BYTES } from "../model/limits.ts";
import { PeriError } from "../model/errors.ts";
import type { PodRef } from "../model/words.ts";
import { indexKey, partitionKey } from "./rows.ts";
import { ALICE, BOB, counter, eventOf, type Guest, World } from "./world_test.ts";

function outcomes(world: World, ref: PodRef): Outcome[] {
  return world.rows<Reply>(ref, "sent").map(({ outcome }) => outcome);
}

function isDone(world: World, ref: PodRef): () => boolean {
  return () => world.rows(ref, "inbox").length === 0;
}

Deno.test("events are worked on in order, each with its answer and its removal", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  world.deliver(ref, 1, 2, 3);
  await world.until(isDone(world, ref));
  assert.equal(world.state(ref, "count", "sum"), 6);
  assert.deepEqual(outcomes(world, ref), [{ ok: "1" }, { ok: "3" }, { ok: "6" }]);
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
  await world.until(isDone(world, ref));
  assert.equal(world.state(ref, "count", "sum"), 50, "two commits took all fifty");
  await world.stop();
});

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
  await world.until(isDone(world, ref));
  assert.equal(world.state(ref, "count", "sum"), 15);
  assert.deepEqual(outcomes(world, ref).length, 5);
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
      await world.until(isDone(world, ref));
      const label = `killed at ${killAt}, ${isApplied ? "after" : "before"}`;
      assert.equal(world.state(ref, "count", "runs"), 6, label);
      assert.equal(world.state(ref, "count", "sum"), 21, label);
      const tokens = world.rows<Reply>(ref, "sent").map(({ token }) => token);
      assert.equal(new Set(tokens).size, 6, label);
      await world.stop();
    }
  }
});

Deno.test("what finished before an instance died is kept, the rest runs again", async () => {
  const world = await World.open();
  let deaths = 0;
  const ref = await world.install(async (run) => {
    const [n] = run.args as [number];
    if (n === 3 && deaths++ === 0) await run.die("trap");
    return await counter(run);
  });
  world.deliver(ref, 1, 2, 3, 4);
  await world.until(isDone(world, ref));
  assert.equal(world.state(ref, "count", "runs"), 4);
  assert.deepEqual(outcomes(world, ref).map((one) => "ok" in one && one.ok), ["1", "3", "6", "10"]);
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
    await world.until(isDone(world, ref));
    assert.equal(tries, MAX_EVENT_ATTEMPTS);
    const [first, poison, last] = outcomes(world, ref);
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
  await world.until(isDone(world, ref));
  const [first, poison, last] = outcomes(world, ref);
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
  await world.until(() => world.supervisor.list()[0]!.status.state === "failed");
  assert.equal(world.rows(ref, "inbox").length, 1, "a fault of the server is not the event's");
  sandbox.startFault = undefined;
  await world.until(isDone(world, ref));
  assert.deepEqual(outcomes(world, ref), [{ ok: "7" }]);
  await world.stop();
});

Deno.test("a component that never starts has its events answered", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  world.remains.sandbox.startFault = new PeriError("damaged", { op: "start", subject: "torn" });
  world.deliver(ref, 7);
  await world.until(isDone(world, ref));
  const [outcome] = outcomes(world, ref);
  assert.ok(outcome && "error" in outcome && /could not be started/.test(outcome.error.subject));
  await world.stop();
});

Deno.test("a run that fails has no effects but its answer", async () => {
  const world = await World.open();
  const ref = await world.install((run) => {
    run.put("count", "sum", 1);
    throw new PeriError("denied", { op: "count", subject: "not you" });
  });
  world.deliver(ref, 1);
  await world.until(isDone(world, ref));
  assert.equal(world.state(ref, "count", "sum"), undefined);
  assert.deepEqual(outcomes(world, ref), [{
    error: { kind: "denied", op: "run", subject: "not you" },
  }]);
  await world.stop();
});

Deno.test("a run over quota is answered so; later runs do not see what it wrote", async () => {
  const world = await World.open();
  const value = "x".repeat(60_000);
  const perRun = 100;
  const ref = await world.install(async (run) => {
    const [n] = run.args as [number];
    if (n === 0) return (await run.list({ table: "big", limit: 1000 })).length > 0 ? 1 : 0;
    for (let at = 0; at < 10; at++) run.put("big", `${n}-${at}`, value);
    return n;
  });
  const runs = Math.floor(STATE_QUOTA_BYTES / 600_100);
  world.deliver(ref, ...Array.from({ length: perRun + 30 }, (_, n) => n + 1));
  await world.until(isDone(world, ref));
  const failed = outcomes(world, ref).filter((one) => "error" in one);
  assert.equal(failed.length, perRun + 30 - runs);
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
  await world.until(isDone(world, ref));
  const [one, two, three, four] = outcomes(world, ref);
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
  await world.until(isDone(world, ref));
  assert.equal(instances[1]!.calls, 3);
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
    await world.until(isDone(world, ref));
    sizes.push((await world.supervisor.info(ref)).stateBytes);
  }
  assert.deepEqual(sizes, [1 + 2 + 6, 1 + 2 + 3, 6 + 1 + 1 + 4, 6]);
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
  await world.until(isDone(world, ref));
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
  await world.until(isDone(world, ref));
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
  await world.until(isDone(world, ref));
  assert.equal(world.remains.sandbox.instances.length, 0);
  await world.stop();
});

const BAD_EFFECTS: Record<string, [Guest, string]> = {
  "a post to a person that is none": [(run) => run.post({ person: "bob" }), "invalid"],
  "arguments that are no list": [(run) => run.post({ arguments: "{}" }), "invalid"],
  "arguments that are no JSON": [(run) => run.post({ arguments: "[" }), "invalid"],
  "arguments nested too deep": [
    (run) => run.post({ arguments: "[".repeat(40) + "]".repeat(40) }),
    "invalid",
  ],
  "a note that is no JSON": [
    (run) => run.post({ continuation: { function: "f", note: "x" } }),
    "invalid",
  ],
  "a deadline that is no number": [(run) => run.post({ deadlineMs: NaN }), "invalid"],
  "a post beyond the manifest": [(run) => run.post({ functionId: "1".repeat(64) }), "denied"],
  "a key that is no Unicode": [(run) => run.put("t", "\ud800", 1), "invalid"],
  "a table without a name": [(run) => run.put("", "k", 1), "invalid"],
  "a key too long": [(run) => run.put("t", "k".repeat(600), 1), "too-large"],
  "a value too long": [(run) => run.put("t", "k", "v".repeat(70_000)), "too-large"],
  "too many posts": [(run) => {
    for (let n = 0; n < 101; n++) run.post({});
  }, "too-large"],
  "too many writes": [(run) => {
    for (let n = 0; n < 501; n++) run.put("t", String(n), 1);
  }, "too-large"],
  "a result of another type": [() => "one", "invalid"],
  "a part of a run for a message": [async (run) => void await run.read(), "invalid"],
};

for (const [name, [guest, kind]] of Object.entries(BAD_EFFECTS)) {
  Deno.test(`${name} fails the run and nothing of it happens`, async () => {
    const world = await World.open();
    const ref = await world.install(async (run) => {
      if (run.args[0] === 2) return await counter(run);
      run.put("count", "sum", 100);
      const result = await guest(run);
      return result === undefined ? 1 : result;
    });
    world.deliver(ref, 1, 2);
    await world.until(isDone(world, ref));
    const [bad, good] = outcomes(world, ref);
    assert.ok(bad && "error" in bad, JSON.stringify(bad));
    assert.equal(bad.error.kind, kind, bad.error.subject);
    assert.deepEqual(good, { ok: "2" }, "the next run sees nothing of it");
    await world.stop();
  });
}

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

Deno.test("requests that make no sense are answered with an error, not obeyed", async () => {
  const world = await World.open();
  const errors: string[] = [];
  const ref = await world.install(async (run) => {
    for (
      const [operation, argument] of [
        ["state-drop", {}],
        ["state-get", []],
        ["state-get", { table: "t" }],
        ["state-get", { table: "t", key: "k".repeat(9_000) }],
        ["state-list", { table: "t", limit: 0 }],
        ["person-find", { text: "nobody" }],
        ["input-read", {}],
      ] as const
    ) {
      await run.request(operation, argument).catch((error) => errors.push(error.kind));
    }
    return 1;
  });
  world.deliver(ref, 1);
  await world.until(isDone(world, ref));
  assert.deepEqual(errors, [
    "missing-implementation",
    "invalid",
    "invalid",
    "too-large",
    "invalid",
    "not-found",
    "invalid",
  ]);
  await world.stop();
});

Deno.test("a pod finds people as its person knows them", async () => {
  const world = await World.open();
  const found: unknown[] = [];
  const ref = await world.install(async (run) => {
    found.push(await run.request("person-find", { text: "bob" }));
    return 1;
  });
  world.deliver(ref, 1);
  await world.until(isDone(world, ref));
  assert.deepEqual(found, [{ person: BOB, name: "Bob" }]);
  await world.stop();
});

Deno.test("a pod without work is stopped and started again by its next event", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  const { instances } = world.remains.sandbox;
  world.deliver(ref, 1);
  await world.until(isDone(world, ref));
  await world.remains.clock.advance(POD_IDLE_MS - 2_000);
  assert.equal(instances[0]!.isOver, false);
  assert.equal((await world.supervisor.info(ref)).status.state, "running");
  await world.remains.clock.advance(4_000);
  assert.equal(instances[0]!.isOver, true);
  assert.equal((await world.supervisor.info(ref)).status.state, "resting");
  world.deliver(ref, 2);
  await world.until(isDone(world, ref));
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
  await world.until(isDone(world, ref));
  assert.deepEqual(ref.person, ALICE);
  assert.equal(world.state(ref, "count", "sum"), 5);
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

Deno.test("a death gives a pod that has just left nothing back, whoever removed it", async () => {
  for (const attempts of [0, MAX_EVENT_ATTEMPTS - 1]) {
    const world = await World.open();
    const event = (ref: PodRef) => ({ ...eventOf(ref, 0, 1), attempts });
    const ref = await world.install(async (run) => {
      const key = indexKey(ref);
      const deletes = [partitionKey(ref, "inbox", 0)];
      world.remains.disk.apply({ puts: [{ key, value: { state: "leaving", blobs: [] } }], deletes });
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
