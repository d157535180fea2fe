import assert from "node:assert/strict";
import { decodeUtf8, encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { parsePodName } from "../../model/words.ts";
import { counter } from "../../../tests/helpers/guest.ts";
import { ALICE, World } from "../../../tests/helpers/world.ts";
import { isOver, Screen, visit, words } from "../../../tests/helpers/screen.ts";

Deno.test("a command is given its words, writes its output and ends with its exit code", async () => {
  const world = await World.open();
  await world.install((run) => {
    assert.deepEqual(run.call.caller, { person: ALICE });
    assert.deepEqual(run.args, [["list", "--all"], false]);
    run.print("one\n");
    run.print("two\n");
    return 3;
  });
  const screen = await visit(world, ["list", "--all"]);
  await world.until(isOver(screen));
  assert.deepEqual([screen.text, screen.code], ["one\ntwo\n", 3]);
  await world.stop();
});

Deno.test("output appears only once what it tells of is on disk", async () => {
  const world = await World.open();
  const ref = await world.install((run) => {
    run.put("t", "k", words(run)[0]);
    run.print("kept");
    return 0;
  });
  const gate = Promise.withResolvers<void>();
  world.fault = (apply) => gate.promise.then(apply);
  const screen = await visit(world, ["x"]);
  await world.rest();
  assert.equal(screen.text, "");
  gate.resolve();
  await world.until(isOver(screen));
  assert.equal(screen.text, "kept");
  assert.equal(world.state(ref, "t", "k"), "x");
  await world.stop();
});

Deno.test("a command whose commit fails shows nothing but the error", async () => {
  const world = await World.open();
  await world.install((run) => {
    run.put("t", "k", 1);
    run.print("kept");
    return 0;
  });
  world.fault = () =>
    Promise.reject(new PeriError("over-quota", { op: "write", subject: "disk full" }));
  const screen = await visit(world, []);
  await world.until(isOver(screen));
  assert.deepEqual([screen.text, screen.error?.kind], ["", "over-quota"]);
  await world.stop();
});

Deno.test("input comes piece by piece; other runs go on meanwhile", async () => {
  const world = await World.open();
  const ref = await world.install(async (run) => {
    if (run.call.interface === "test:counter/count") return await counter(run);
    run.print("? ");
    for (;;) {
      const piece = await run.read();
      if (piece.length === 0) return 0;
      run.print(`[${decodeUtf8(piece)}]`);
    }
  });
  const { readable, writable } = new TransformStream<Uint8Array>();
  const typed = writable.getWriter();
  const screen = await visit(world, [], { input: readable });
  await world.until(() => screen.text === "? ");
  world.deliver(ref, 4);
  await world.until(() => world.state(ref, "count", "sum") === 4);
  typed.write(encodeUtf8("one"));
  await world.until(() => screen.text === "? [one]");
  typed.write(encodeUtf8("two"));
  typed.close();
  await world.until(isOver(screen));
  assert.deepEqual([screen.text, screen.code], ["? [one][two]", 0]);
  await world.stop();
});

Deno.test("a piece of input over 64 KiB is cut", async () => {
  const world = await World.open();
  const sizes: number[] = [];
  await world.install(async (run) => {
    for (;;) {
      const piece = await run.read();
      if (piece.length === 0) return 0;
      sizes.push(piece.length);
    }
  });
  const input = async function* () {
    yield new Uint8Array();
    yield new Uint8Array(150_000);
  };
  const screen = await visit(world, [], { input: input() });
  await world.until(isOver(screen));
  assert.deepEqual(sizes, [65_536, 65_536, 18_928]);
  await world.stop();
});

Deno.test("a pod without the face, a missing pod and long arguments are told apart", async () => {
  const world = await World.open();
  const ref = await world.install(() => 0);
  const { faces } = world.supervisor;
  const session = { terminal: false };
  const missing = { ...ref, pod: parsePodName("nobody") };
  await assert.rejects(faces.run(missing, [], session), { kind: "not-found" });
  await assert.rejects(faces.call(ref, "peri:face/petnames", "person-of", ["bob"]), {
    kind: "missing-implementation",
  });
  await assert.rejects(faces.call(ref, "peri:face/command", "toString", []), {
    kind: "missing-implementation",
  });
  await assert.rejects(faces.run(ref, ["x".repeat(50_000)], session), { kind: "too-large" });
  await world.stop();
});

Deno.test("other faces return their value", async () => {
  const world = await World.open();
  const ref = await world.install((run) => {
    assert.equal(run.call.function, "verbs");
    return [{ name: "list", usage: "", about: "Shows all." }];
  });
  assert.deepEqual(await world.supervisor.faces.call(ref, "peri:face/command", "verbs", []), [
    { name: "list", usage: "", about: "Shows all." },
  ]);
  await world.stop();
});

Deno.test("an exit code that is none is an error", async () => {
  const world = await World.open();
  await world.install(() => "fine");
  const screen = await visit(world, []);
  await world.until(isOver(screen));
  assert.equal(screen.error?.kind, "invalid");
  await world.stop();
});

Deno.test("output nobody reads ends the command before it fills the memory", async () => {
  const world = await World.open();
  const piece = "x".repeat(1024 * 1024);
  const ref = await world.install(async (run) => {
    for (let n = 0; n < 100; n++) {
      const { invocation } = run.call;
      const outputs = [{ fd: 1 as const, data: encodeUtf8(piece) }];
      run.say({
        kind: "commit",
        invocation,
        effects: { writes: [], posts: [], answers: [], cancels: [], outputs },
      });
      await run.request("state-get", { table: "t", key: "k" });
    }
    return 0;
  });
  const screen = new Screen();
  const stalled = { terminal: false, write: () => new Promise<void>(() => {}) };
  world.supervisor.faces.run(ref, [], stalled).then(
    (code) => screen.code = code,
    (error) => screen.error = error,
  );
  await world.until(() => world.remains.sandbox.instances[0]?.isOver === true);
  await world.stop();
});

Deno.test("a command for a pod that does not start fails at once, and the next is tried", async () => {
  const world = await World.open();
  await world.install(() => 0);
  const { sandbox } = world.remains;
  sandbox.startFault = new PeriError("internal", { op: "start", subject: "no host" });
  for (let n = 0; n < 5; n++) {
    const screen = await visit(world, []);
    await world.rest();
    assert.equal(screen.error?.subject, "no host");
  }
  sandbox.startFault = undefined;
  const screen = await visit(world, []);
  await world.rest();
  assert.equal(screen.code, 0);
  await world.stop();
});

Deno.test("of a pod that throws a person reads that the pod failed, and where to look", async () => {
  const cases: [PeriError, string, RegExp][] = [
    [
      new PeriError("internal", { op: "run", subject: "too much" }),
      "cannot run counter: the pod failed: cannot run: too much",
      /^peri pod replay counter [0-9a-f]{5}$/,
    ],
    [new PeriError("denied", { op: "run", subject: "not you" }), "cannot run: not you", /^$/],
  ];
  for (const [thrown, message, hint] of cases) {
    const world = await World.open();
    await world.install(() => Promise.reject(thrown));
    const screen = await visit(world, []);
    await world.until(isOver(screen));
    assert.equal(screen.error?.message, message);
    assert.match(screen.error?.hint ?? "", hint);
    assert.equal(screen.error?.kind, thrown.kind);
    await world.stop();
  }
});

Deno.test("who watches a pod is told of what it writes, of nothing else, and no longer than they want", async () => {
  const world = await World.open();
  const ref = await world.install((run) => {
    if (words(run)[0] === "write") run.put("t", "k", run.call.invocation);
    return 0;
  });
  let told = 0;
  const { faces } = world.supervisor;
  const stop = faces.watch(ref, () => told++);
  const run = async (word: string) => {
    const screen = await visit(world, [word]);
    await world.until(isOver(screen));
  };
  await run("look");
  assert.equal(told, 0);
  await run("write");
  assert.equal(told, 1);
  stop();
  await run("write");
  assert.equal(told, 1);
  assert.equal(faces.has(ref, "peri:face/command"), true);
  assert.equal(faces.has(ref, "peri:face/terminal"), false);
  await world.stop();
});

Deno.test("a call that nobody waits for any more is over at once", async () => {
  const world = await World.open();
  const ref = await world.install(() => new Promise(() => {}));
  const patience = new AbortController();
  const called = world.supervisor.faces
    .call(ref, "peri:face/command", "verbs", [], patience.signal)
    .then(() => "answered", (error: PeriError) => error.kind);
  await world.rest();
  patience.abort();
  assert.equal(await called, "busy");
  await world.stop();
});
