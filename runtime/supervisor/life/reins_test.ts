/**
 * What a person sets on a pod while it lives: limits, stop and start.
 *
 * @module
 */

import assert from "node:assert/strict";
import { DEFAULT_BUDGET } from "../../model/budget.ts";
import { MAX_FAULTS } from "../../model/limits.ts";
import { PeriError } from "../../model/errors.ts";
import type { PodRef } from "../../model/words.ts";
import { componentOf, counter, type Guest, idOf } from "../../../tests/helpers/guest.ts";
import { eventOf, World } from "../../../tests/helpers/world.ts";
import { readResident } from "../resident.ts";

/** Kinds of errors and values of all that a pod has answered. */
const told = (world: World, ref: PodRef) =>
  world.outcomes(ref).filter((one) => one !== undefined).map((one) =>
    "ok" in one ? one.ok : one.error.kind
  );

const logOf = async (world: World, ref: PodRef) =>
  (await world.supervisor.logs.read(ref, 100)).map(({ text }) => text);

const isOf = (kind: string) => (thrown: unknown) =>
  thrown instanceof PeriError && thrown.kind === kind;

/** What has happened when time has passed. */
async function drive<Value>(world: World, work: Promise<Value>): Promise<Value> {
  let isOver = false;
  work.finally(() => isOver = true).catch(() => {});
  await world.until(() => isOver);
  return await work;
}

Deno.test("limits are on disk and in force at once, survive a crash, and go back to the server's", async () => {
  const world = await World.open();
  const ref = await world.install(async (run) => {
    run.put("t", `${run.args[0]}`, "x".repeat(50_000));
    return await counter(run);
  });
  world.deliver(ref, 1);
  await world.until(world.isDone(ref));
  const { reins } = world.supervisor;
  const { budget } = await reins.limit(ref, { stateBytes: 65_536, logPerMinute: 10 });
  assert.deepEqual(budget, { ...DEFAULT_BUDGET, stateBytes: 65_536, logPerMinute: 10 });
  assert.equal(world.remains.sandbox.instances[0]!.isOver, false, "it goes on");
  world.deliver(ref, 2);
  await world.until(world.isDone(ref));
  assert.deepEqual(told(world, ref), ["1", "over-quota"]);
  assert.match(
    (await logOf(world, ref)).at(-1)!,
    /refused: add: .*65536.*pod limit counter --state/,
  );
  world.kill();
  const next = await World.open(world.remains);
  assert.equal((await next.supervisor.info(ref)).budget.stateBytes, 65_536);
  await next.supervisor.reins.limit(ref, { stateBytes: null });
  const { limits } = await readResident(next.store, ref);
  assert.deepEqual(limits, { logPerMinute: 10 });
  next.deliver(ref, 3);
  await next.until(next.isDone(ref));
  assert.equal(told(next, ref).at(-1), "4");
  await next.stop();
});

/** Brings another version of a pod. */
async function upgrade(world: World, ref: PodRef, guest: Guest): Promise<void> {
  const component = componentOf(ref.pod, "2.0.0");
  world.remains.sandbox.guests.set(idOf(component), guest);
  const { installs, residents } = world.supervisor;
  const { endpoint, introduction: { certificate } } = residents.get(ref);
  const wish = { person: ref.person, certificate, endpoint, component, isUpgrade: true };
  const draft = await installs.planInstall(wish);
  await drive(world, installs.complete(draft, await world.sign(ref.person, draft.document)));
}

Deno.test("another version keeps the limits; it is given a chance when the one before was given up", async () => {
  const world = await World.open();
  const ref = await world.install(async (run) => await run.die("trap"));
  await world.supervisor.reins.limit(ref, { messagesPerMinute: 5 });
  world.deliver(ref, 1, 2, 3, 4);
  const stateOf = () => world.supervisor.list()[0]!.status.state;
  await driveLong(world, () => stateOf() === "failed");
  await upgrade(world, ref, counter);
  await world.until(world.isDone(ref));
  assert.equal(told(world, ref).at(-1), "4");
  assert.equal((await world.supervisor.info(ref)).budget.messagesPerMinute, 5);
  world.kill();
  const next = await World.open(world.remains);
  assert.notEqual(next.supervisor.list()[0]!.status.state, "failed");
  await next.stop();
});

Deno.test("what its person has stopped stays stopped with another version", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  await world.supervisor.reins.stop(ref);
  world.deliver(ref, 1);
  await upgrade(world, ref, counter);
  await world.rest();
  assert.equal(world.supervisor.list()[0]!.status.state, "stopped");
  assert.equal(world.rows(ref, "inbox").length, 1);
  await world.supervisor.reins.start(ref);
  await world.until(world.isDone(ref));
  await world.stop();
});

Deno.test("limits outlive a renewal, and nothing out of bounds is set", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  const { reins } = world.supervisor;
  await reins.limit(ref, { messagesPerMinute: 5 });
  const { certificate } = world.supervisor.residents.get(ref).introduction;
  const { installs, residents } = world.supervisor;
  const draft = await installs.planRenew(ref, certificate, residents.get(ref).endpoint);
  await installs.complete(draft, await world.sign(ref.person, draft.document));
  assert.equal(residents.get(ref).budget.messagesPerMinute, 5);
  assert.throws(() => reins.limit(ref, { memoryBytes: 1 }), isOf("invalid"));
  await assert.rejects(reins.limit({ ...ref, pod: "no" as typeof ref.pod }, {}), isOf("not-found"));
  assert.deepEqual(residents.get(ref).limits, { messagesPerMinute: 5 });
  await world.stop();
});

Deno.test("a pod gets a new instance for other memory, after what it does, and loses nothing", async () => {
  const world = await World.open();
  const gate = Promise.withResolvers<void>();
  const ref = await world.install(async (run) => {
    if (run.args[0] === 1) await gate.promise;
    return await counter(run);
  });
  world.deliver(ref, 1, 2, 3);
  const { instances } = world.remains.sandbox;
  await world.until(() => (instances[0]?.calls ?? 0) > 0);
  const limiting = world.supervisor.reins.limit(ref, { memoryBytes: 8 << 20, sliceMs: 50 });
  await world.rest();
  gate.resolve();
  await drive(world, limiting);
  await world.until(world.isDone(ref));
  world.deliver(ref, 4);
  await world.until(world.isDone(ref));
  assert.deepEqual(told(world, ref), ["1", "3", "6", "10"]);
  assert.equal(instances.length, 2);
  assert.equal(instances[1]!.budget.memoryBytes, 8 << 20);
  await world.stop();
});

/** Posts as often as its first argument says, or its event is put off for. */
const POSTS: Guest = (run) => {
  const count = run.args[0] === "n" ? 1 : run.args[0] as number;
  for (let n = 0; n < count; n++) run.post({});
  return run.args[0];
};

Deno.test("who posts too much is refused with the time to wait; answers go all the same", async () => {
  const world = await World.open();
  const ref = await world.install(POSTS);
  await world.supervisor.reins.limit(ref, { messagesPerMinute: 6 });
  world.deliver(ref, 4, 3, 0, 2);
  await world.until(world.isDone(ref));
  const answers = world.rows<{ outcome?: unknown }>(ref, "sent").filter((one) => "outcome" in one);
  assert.deepEqual(
    answers.map(({ outcome }) => outcome).map((one) => (one as { ok?: string }).ok ?? one),
    [
      "4",
      {
        error: {
          kind: "over-quota",
          op: "post a message",
          subject: "counter has posted as much as it may: 6 messages a minute",
          hint: "try again in 10 s, or allow more: peri pod limit counter --messages",
        },
      },
      "0",
      "2",
    ],
  );
  assert.equal((await world.supervisor.info(ref)).status.messages, 6);
  assert.match((await logOf(world, ref))[0]!, /^refused: add: .* 6 messages a minute/);
  await world.remains.clock.advance(60_000);
  world.deliver(ref, 6);
  await world.until(world.isDone(ref));
  assert.deepEqual(world.outcomes(ref).filter((one) => one && "ok" in one).length, 4);
  await world.stop();
});

Deno.test("an errand that would post too much waits until there is room, and is not lost", async () => {
  const world = await World.open();
  const ref = await world.install(POSTS);
  await world.supervisor.reins.limit(ref, { messagesPerMinute: 6 });
  const planned: unknown[] = [];
  const { mailbox } = world;
  const plan = mailbox.plan.bind(mailbox);
  mailbox.plan = (from, posts, replies, errands: readonly unknown[] = []) => {
    planned.push(...errands);
    return plan(from, posts, replies);
  };
  world.deliver(ref, 6);
  const errand = eventOf(ref, world.remains.arrivals++, 0);
  const continuation = { then: "go-on", note: '"n"' };
  const body = { kind: "answer", index: 0, end: true, outcome: { ok: "3" } } as const;
  const message = { ...errand.message, from: ref, sequence: 0 };
  const { token } = errand.message.body;
  world.put(ref, { ...errand, continuation, message: { ...message, body: { ...body, token } } });
  world.deliver(ref, 0);
  await world.until(world.isDone(ref));
  assert.deepEqual(planned, [{ continuation, payload: "3", later: { delayMs: 10_000 } }]);
  assert.equal(told(world, ref).at(-1), "0", "who asks is answered meanwhile");
  await world.stop();
});

Deno.test("messages over their size are refused, in both directions", async () => {
  const world = await World.open();
  const ref = await world.install((run) => {
    if (run.args[0] === 1) run.post({ arguments: JSON.stringify(["x".repeat(1100)]) });
    return run.args[0];
  });
  await world.supervisor.reins.limit(ref, { messageBytes: 1024 });
  world.deliver(ref, 1, 2);
  await world.until(world.isDone(ref));
  assert.deepEqual(told(world, ref), ["too-large", "2"]);
  const { offers } = world.supervisor.residents.get(ref).manifest;
  const [offer] = offers.filter((one) => !one.interface.startsWith("peri:face/"));
  const [called, { id }] = Object.entries(offer!.functions)[0]!;
  const call = {
    kind: "call",
    token: "t",
    capability: offer!.capability,
    interface: offer!.interface,
    function: called,
    functionId: id,
  } as unknown as Parameters<typeof world.supervisor.residents.refusal>[1];
  const { residents } = world.supervisor;
  const long = { ...call, payload: `[${" ".repeat(1100)}1]` };
  assert.equal(residents.refusal(ref, long)?.kind, "too-large");
  assert.equal(residents.refusal(ref, { ...call, payload: "[1]" }), undefined);
  await world.stop();
});

Deno.test("a stopped pod stays stopped through restarts; what comes waits, visitors are told", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  const { sinceMs } = await world.supervisor.reins.stop(ref);
  world.deliver(ref, 1);
  await world.rest();
  assert.equal(world.rows(ref, "inbox").length, 1);
  assert.equal(world.supervisor.list()[0]!.status.state, "stopped");
  world.kill();
  const next = await World.open(world.remains);
  await next.rest();
  assert.deepEqual(next.supervisor.list()[0]!.status.mark, {
    by: "person",
    sinceMs,
    why: "by its person",
  });
  assert.equal(next.rows(ref, "inbox").length, 1);
  const told = await next.supervisor.faces.run(ref, [], { terminal: false }).catch((error) =>
    error
  );
  assert.ok(isOf("busy")(told), String(told));
  assert.match(told.subject, /the pod counter is stopped since 20/);
  assert.equal(told.hint, "peri pod start counter");
  assert.equal((await next.supervisor.reins.start(ref))?.by, "person");
  await next.until(next.isDone(ref));
  assert.deepEqual(next.outcomes(ref), [{ ok: "1" }]);
  assert.equal(await next.supervisor.reins.start(ref), undefined);
  await next.stop();
});

Deno.test("stopping ends what runs, at most seconds later, and loses none of it", async () => {
  const world = await World.open();
  const ref = await world.install(() => new Promise(() => {}));
  world.deliver(ref, 1);
  const { instances } = world.remains.sandbox;
  await world.until(() => (instances[0]?.calls ?? 0) > 0);
  let isStopped = false;
  world.supervisor.reins.stop(ref).then(() => isStopped = true);
  await driveLong(world, () => isStopped);
  assert.equal(instances[0]!.isOver, true);
  assert.equal(world.rows(ref, "inbox").length, 1);
  assert.equal(world.rows(ref, "sent").length, 0);
  await world.stop();
});

Deno.test("a pod that only fails is given up for good, until it is started", async () => {
  const world = await World.open();
  let isCured = false;
  const ref = await world.install(async (run) => {
    if (!isCured) await run.die("trap");
    return await counter(run);
  });
  world.deliver(ref, 1, 2, 3, 4, 5, 6);
  const { instances } = world.remains.sandbox;
  const status = () => world.supervisor.list()[0]!.status;
  await driveLong(world, () => status().state === "failed");
  assert.equal(instances.length, MAX_FAULTS);
  assert.match(status().mark!.why, /^10 failures in a row, the last: trap/);
  assert.match((await logOf(world, ref)).at(-1)!, /given up after 10 .*peri pod start counter/);
  world.kill();
  const next = await World.open(world.remains);
  next.deliver(ref, 7);
  await next.remains.clock.advance(600_000);
  assert.equal(instances.length, MAX_FAULTS, "not even after a restart of the server");
  assert.equal(next.supervisor.list()[0]!.status.state, "failed");
  isCured = true;
  await next.supervisor.reins.start(ref);
  await next.until(next.isDone(ref));
  assert.deepEqual(told(next, ref).slice(-4), ["4", "9", "15", "22"]);
  assert.equal(next.supervisor.list()[0]!.status.failures, 0);
  await next.stop();
});

/** Pauses grow to minutes. */
async function driveLong(world: World, holds: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !holds(); round++) {
    await world.rest();
    await world.remains.clock.advance(1_000);
  }
  assert.ok(holds());
}

Deno.test("runs that are refused again and again get ever longer pauses, those among good ones none", async () => {
  const world = await World.open();
  const ref = await world.install(async (run) => {
    if ((run.args[0] as number) > 9) run.put("t", "k".repeat(600), 1);
    return await counter(run);
  });
  world.deliver(ref, 1, 10, 2, 10, 3);
  const start = world.remains.clock.nowMs();
  for (let round = 0; round < 20; round++) await world.rest();
  assert.equal(world.rows(ref, "inbox").length, 0, "nobody has waited");
  world.deliver(ref, 10, 10, 10, 10, 10);
  await world.until(world.isDone(ref));
  const passedMs = world.remains.clock.nowMs() - start;
  assert.ok(passedMs >= 700 && passedMs < 1500, `${passedMs} ms`);
  assert.equal(
    world.supervisor.list()[0]!.status.mark,
    undefined,
    "who is answered has lost nothing",
  );
  await world.stop();
});

Deno.test("a visitor at a pod that was given up hears why", async () => {
  const world = await World.open();
  const ref = await world.install(async (run) => await run.die("time"));
  const visit = async () =>
    await drive(world, world.supervisor.faces.run(ref, [], { terminal: false })).catch((e) => e);
  for (let n = 0; n < MAX_FAULTS; n++) assert.match((await visit()).subject, /time/);
  const refused = await visit();
  assert.ok(refused instanceof PeriError && refused.kind === "busy", String(refused));
  assert.match(refused.subject, /has failed and is stopped since .*10 failures in a row.*time/);
  await world.stop();
});
