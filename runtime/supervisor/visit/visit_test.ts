/**
 * How visits end that do not end by themselves: interrupts, deaths, and a server that ends.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PeriError } from "../../model/errors.ts";
import { INTERRUPT_GRACE_MS } from "../../model/limits.ts";
import { settled } from "../../adapters/memory/clock.ts";
import { counter, type Guest } from "../../../tests/helpers/guest.ts";
import { eventOf, World } from "../../../tests/helpers/world.ts";
import { isOver, visit } from "../../../tests/helpers/screen.ts";

Deno.test("an interrupted command may end by itself; one that does not is ended with 130", async () => {
  const guests: [Guest, number][] = [
    [async (run) => {
      while (!run.isCancelled) await settled();
      return 7;
    }, 7],
    [() => new Promise(() => {}), 130],
    [(run) => run.read().then(() => new Promise(() => {})), 130],
  ];
  for (const [guest, code] of guests) {
    const world = await World.open();
    const ref = await world.install((run) =>
      run.call.interface === "test:counter/count" ? counter(run) : guest(run)
    );
    const interrupt = new AbortController();
    const input = new ReadableStream<Uint8Array>();
    const screen = await visit(world, [], { signal: interrupt.signal, input });
    await world.until(() => world.remains.sandbox.instances.length > 0);
    interrupt.abort();
    await world.remains.clock.advance(INTERRUPT_GRACE_MS + 1);
    await world.until(isOver(screen));
    assert.equal(screen.code, code);
    world.deliver(ref, 1);
    await world.until(() => world.state(ref, "count", "sum") === 1);
    await world.stop();
  }
});

Deno.test("who comes in finds what has come before, though the pod was not awake", async () => {
  const world = await World.open();
  const seen: string[] = [];
  const ref = await world.install((run) => {
    seen.push(run.call.interface === "test:counter/count" ? "event" : "visit");
    if (seen.at(-1) === "event") return counter(run);
    return Promise.resolve(0);
  });
  // Nobody has told the pod of what waits when the person comes in.
  for (let at = 0; at < 100; at++) world.put(ref, eventOf(ref, at, at));
  const screen = await visit(world, []);
  await world.until(isOver(screen));
  await world.until(() => seen.length === 101);
  const before = seen.indexOf("visit");
  assert.ok(before > 0 && before < 100, `${before} before`);
  await world.stop();
});

Deno.test("who came before a run that was refused comes before the next one", async () => {
  const world = await World.open();
  const seen: string[] = [];
  const ref = await world.install(async (run) => {
    const isEvent = run.call.interface === "test:counter/count";
    seen.push(isEvent ? "event" : "visit");
    if (!isEvent) return 0;
    run.put("t", "k".repeat(600), 1);
    return await counter(run);
  });
  for (let at = 0; at < 5; at++) world.put(ref, eventOf(ref, at, at));
  const screen = await visit(world, []);
  await world.until(isOver(screen));
  assert.equal(screen.code, 0);
  assert.ok(seen.indexOf("visit") <= 5, seen.join(" "));
  await world.stop();
});

Deno.test("a command the pod dies on fails with the reason and is not tried again", async () => {
  const world = await World.open();
  let tries = 0;
  await world.install((run) => {
    tries++;
    return run.die("time");
  });
  const screen = await visit(world, []);
  await world.until(isOver(screen));
  await world.rest();
  assert.equal(screen.error?.kind, "internal");
  assert.match(screen.error!.subject, /time/);
  assert.equal(tries, 1);
  await world.stop();
});

Deno.test("a command that only waited its turn when the pod died runs afterwards", async () => {
  const world = await World.open();
  let deaths = 0;
  const ref = await world.install(async (run) => {
    if (run.call.interface === "test:counter/count") {
      if (deaths++ === 0) await run.die("memory");
      return await counter(run);
    }
    run.print("here");
    return 0;
  });
  world.deliver(ref, 1);
  const screen = await visit(world, []);
  await world.until(isOver(screen));
  assert.deepEqual([screen.text, screen.code], ["here", 0]);
  await world.stop();
});

Deno.test("a command for which others already saw effects is not run twice", async () => {
  const world = await World.open();
  let runs = 0;
  const gate = Promise.withResolvers<void>();
  const ref = await world.install(async (run) => {
    if (run.call.interface === "test:counter/count") {
      await gate.promise;
      return await run.die("trap");
    }
    runs++;
    run.put("t", "n", runs);
    await run.read();
    return 0;
  });
  const screen = await visit(world, [], { input: new ReadableStream() });
  await world.until(() => world.state(ref, "t", "n") === 1);
  world.deliver(ref, 1);
  await world.rest();
  gate.resolve();
  await world.until(isOver(screen));
  assert.equal(screen.error?.kind, "internal");
  assert.equal(runs, 1);
  await world.stop();
});

Deno.test("a death is not blamed on a command that waits for input", async () => {
  const world = await World.open();
  let tries = 0;
  const ref = await world.install(async (run) => {
    if (run.call.interface === "test:counter/count") {
      tries++;
      return await run.die("trap");
    }
    await run.read();
    return 0;
  });
  const screen = await visit(world, [], { input: new ReadableStream() });
  await world.rest();
  world.deliver(ref, 1);
  await world.until(() => world.rows(ref, "inbox").length === 0);
  assert.equal(tries, 3);
  assert.equal(screen.error?.kind, "internal");
  await world.stop();
});

Deno.test("a command interrupted before it began never begins", async () => {
  const world = await World.open();
  let runs = 0;
  await world.install(() => ++runs);
  const started = Promise.withResolvers<void>();
  const { sandbox } = world.remains;
  const start = sandbox.start.bind(sandbox);
  sandbox.start = (...args) => started.promise.then(() => start(...args));
  const interrupt = new AbortController();
  const screen = await visit(world, [], { signal: interrupt.signal });
  await world.rest();
  interrupt.abort();
  await world.remains.clock.advance(INTERRUPT_GRACE_MS + 1);
  await world.until(isOver(screen));
  assert.equal(screen.code, 130);
  started.resolve();
  await world.until(() => sandbox.instances.length === 1);
  await world.rest();
  assert.equal(runs, 0);
  await world.stop();
});

Deno.test("who waits for a pod's words while the server ends is told that it ends", async () => {
  const guests: Guest[] = [
    // What the SDK makes of a cancel, for a pod that reads or looks.
    async (run) => {
      while (!run.isCancelled) await settled();
      throw new PeriError("expired", { op: "read standard input", subject: "they are gone" });
    },
    (run) => run.read().then(() => new Promise(() => {})),
    () => new Promise(() => {}),
  ];
  for (const guest of guests) {
    const world = await World.open();
    await world.install(guest);
    const screen = await visit(world, [], { input: new ReadableStream() });
    await world.until(() => (world.remains.sandbox.instances[0]?.calls ?? 0) > 0);
    await world.stop();
    await world.until(isOver(screen));
    assert.equal(screen.error?.message, "cannot run a command: the server is ending");
    assert.equal(screen.error?.kind, "busy");
  }
});

Deno.test("what a pod says by itself while the server ends stands", async () => {
  const world = await World.open();
  await world.install(async (run) => {
    while (!run.isCancelled) await settled();
    throw new PeriError("denied", { op: "run", subject: "not you" });
  });
  const screen = await visit(world, []);
  await world.until(() => (world.remains.sandbox.instances[0]?.calls ?? 0) > 0);
  await world.stop();
  await world.until(isOver(screen));
  assert.equal(screen.error?.message, "cannot run: not you");
});
