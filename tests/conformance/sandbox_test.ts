/**
 * What every sandbox does, checked on the memory double and on real host processes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { openCompiler } from "../../runtime/adapters/compiler.ts";
import { openHosts } from "../../runtime/adapters/hosts.ts";
import { type MemoryPod, MemorySandbox, PodOver } from "../../runtime/adapters/memory/sandbox.ts";
import type { PodEnd, PodEvent, PodOutput, PodProgram } from "../../runtime/model/pod.ts";
import type { BlobId } from "../../runtime/model/words.ts";
import type { PodBudget, PodInstance, Sandbox } from "../../runtime/ports/sandbox.ts";
import { buildTrial, patienceMs } from "../pods/build.ts";
import { openTrial } from "../pods/trial.js";

const BUDGET = { memoryBytes: 64 * 1024 * 1024, sliceMs: 200 };
const CALLER = { person: "A".repeat(40), pod: "hey" };

/** A sandbox with the trial pod in it. */
interface World {
  readonly sandbox: Sandbox;
  readonly program: PodProgram;
}

/** A pod under test and what it has said. */
class Probe {
  readonly said: PodOutput[] = [];
  readonly finished = new Map<number, PromiseWithResolvers<PodOutput & { kind: "finish" }>>();
  #waiting: (() => void)[] = [];
  instance!: PodInstance;

  static async start({ sandbox, program }: World, budget: PodBudget = BUDGET): Promise<Probe> {
    const probe = new Probe();
    probe.instance = await sandbox.start(program, budget, (output) => {
      probe.said.push(output);
      probe.#waiting.splice(0).forEach((wake) => wake());
    });
    return probe;
  }

  call(name: string, invocation = 1, args: unknown = []): void {
    this.instance.dispatch([call(name, invocation, args)]);
  }

  /** The first output that fits, said or to be said. */
  async hear<Kind extends PodOutput["kind"]>(
    kind: Kind,
    invocation?: number,
  ): Promise<PodOutput & { kind: Kind }> {
    for (;;) {
      const found = this.said.find((output) =>
        output.kind === kind &&
        (invocation === undefined || (output as { invocation: number }).invocation === invocation)
      );
      if (found !== undefined) return found as PodOutput & { kind: Kind };
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async answer(name: string, invocation = 1, args: unknown = []): Promise<unknown> {
    this.call(name, invocation, args);
    const { outcome } = await this.hear("finish", invocation);
    assert("ok" in outcome, JSON.stringify(outcome));
    return JSON.parse(outcome.ok);
  }
}

function call(name: string, invocation: number, args: unknown): PodEvent {
  return {
    kind: "call",
    invocation,
    pod: "trial",
    caller: CALLER,
    interface: "peri:trial/trial",
    function: name,
    arguments: JSON.stringify(args),
    nowMs: 1_800_000_000_123,
    seed: 4_000_000_000,
    handle: "h",
  };
}

const program: PodProgram = { component: "0".repeat(64) as BlobId, script: "", modules: new Map() };

/** The double cannot do these to itself; it ends as it would. */
const PLAYED = {
  spin: () => {
    throw new PodOver("time");
  },
  eat: () => {
    throw new PodOver("memory");
  },
  recurse: () => {
    throw new PodOver("trap");
  },
};

function openMemory(): Promise<World> {
  const trial = ((say) => openTrial(say, PLAYED)) as MemoryPod;
  return Promise.resolve({ sandbox: new MemorySandbox(() => trial), program });
}

async function openReal(): Promise<World> {
  const folder = await Deno.makeTempDir({ prefix: "peri-sandbox-" });
  try {
    const compiled = await openCompiler({ cacheDir: folder }).compile(await buildTrial());
    // One process, so that all pods of a test are neighbours.
    return { sandbox: openHosts({ count: 1 }), program: compiled };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

type Step = (name: string, run: (world: World) => Promise<void>) => Promise<void>;

/** Registers the suite for one sandbox. */
function conformance(
  kind: string,
  open: () => Promise<World>,
  cases: (step: Step) => Promise<void>,
) {
  Deno.test(kind, async (context) => {
    const world = await open();
    try {
      await cases(async (name, run) => {
        await context.step(name, () => run(world));
      });
    } finally {
      await world.sandbox.close();
    }
  });
}

async function everySandbox(step: Step): Promise<void> {
  await step("answers a call with everything it was told", async (world) => {
    const probe = await Probe.start(world);
    const { nowMs, seed, handle } = call("about", 1, []) as PodEvent & { kind: "call" };
    assert.deepEqual(await probe.answer("about"), { caller: CALLER, nowMs, seed, handle });
    assert.equal(await probe.answer("echo", 2, ["ä€𝄞"]).then(String), "ä€𝄞");
    probe.instance.stop();
  });

  await step("hears outputs in the order in which they were said", async (world) => {
    const probe = await Probe.start(world);
    await probe.answer("note");
    assert.deepEqual(probe.said.slice(0, 2), [
      { kind: "log", level: "info", line: "one" },
      { kind: "log", level: "warning", line: "two" },
    ]);
    assert.deepEqual(probe.said.map((output) => output.kind), ["log", "log", "finish"]);
    probe.instance.stop();
  });

  await step("carries effects and failures whole", async (world) => {
    const probe = await Probe.start(world);
    probe.call("work");
    const { effects } = await probe.hear("commit");
    assert.deepEqual(effects.writes, [
      { table: "t", key: "a", value: "1" },
      { table: "t", key: "b" },
    ]);
    assert.equal(effects.posts.length, 2);
    assert.equal("deadlineMs" in effects.posts[0]!, false);
    assert.equal(effects.posts[1]!.deadlineMs, 5000);
    assert.deepEqual(effects.posts[1]!.continuation, { function: "then", note: "7" });
    assert.deepEqual(effects.posts.map(({ key }) => key), [undefined, "k"]);
    const busy = { kind: "busy", op: "work", subject: "later" };
    assert.deepEqual(effects.answers, [
      { handle: "h", part: { item: "1" } },
      { handle: "h", part: { end: true } },
      { handle: "i", part: { error: busy } },
    ]);
    assert.deepEqual(effects.cancels, ["c"]);
    assert.deepEqual([...effects.outputs[0]!.data], [1, 2, 3]);
    const { outcome } = await probe.hear("finish");
    const error = { kind: "denied", op: "work", subject: "no", hint: "ask" };
    assert.deepEqual(outcome, { error });
    probe.instance.stop();
  });

  await step("settles requests of two runs that overlap", async (world) => {
    const probe = await Probe.start(world);
    probe.call("ask", 1, ["a"]);
    probe.call("ask", 2, ["b"]);
    assert.equal((await probe.hear("request", 2)).argument, '["b"]');
    probe.instance.dispatch([
      { kind: "settled", invocation: 2, step: 1, outcome: { ok: "2" } },
      { kind: "settled", invocation: 1, step: 1, outcome: { ok: "1" } },
    ]);
    const first = await probe.hear("finish", 1);
    assert.deepEqual(first.outcome, { ok: '{"ok":"1"}' });
    const order = probe.said.filter((output) => output.kind === "finish");
    assert.deepEqual(order.map((output) => output.invocation), [2, 1]);
    probe.instance.stop();
  });

  await step("answers rows that it knows where it may, and says so", async (world) => {
    const probe = await Probe.start(world, { ...BUDGET, recalls: true });
    const row = { table: "t", key: "a" };
    probe.call("ask", 1, row);
    assert.equal("answer" in await probe.hear("request", 1), false);
    const outcome = { ok: '"7"' };
    probe.instance.dispatch([{ kind: "settled", invocation: 1, step: 1, outcome }]);
    assert.deepEqual((await probe.hear("finish", 1)).outcome, { ok: '{"ok":"\\"7\\""}' });
    assert.deepEqual(await probe.answer("ask", 2, row), { ok: '"7"' });
    assert.equal((await probe.hear("request", 2)).answer, '"7"');
    // Which writes a row and takes another away.
    probe.call("work", 3);
    const rows = { table: "t", keys: ["b", "a"] };
    assert.deepEqual(await probe.answer("ask", 4, rows), { ok: '[null,"1"]' });
    const said = probe.said.map((output) => `${output.kind} ${"answer" in output}`);
    const asked = ["request true", "finish false"];
    const worked = ["commit false", "finish false"];
    assert.deepEqual(said, ["request false", "finish false", ...asked, ...worked, ...asked]);
    probe.instance.stop();
  });

  await step("answers nothing by itself where it may not", async (world) => {
    const probe = await Probe.start(world);
    for (const invocation of [1, 2]) {
      probe.call("ask", invocation, { table: "t", key: "a" });
      assert.equal("answer" in await probe.hear("request", invocation), false);
      const outcome = { ok: "null" };
      probe.instance.dispatch([{ kind: "settled", invocation, step: 1, outcome }]);
      await probe.hear("finish", invocation);
    }
    probe.instance.stop();
  });

  await step("tells a pod that it has come back when nothing of it goes on", async (world) => {
    const probe = await Probe.start(world);
    assert.deepEqual(await probe.answer("rest"), [5_000, { ok: "null" }]);
    assert.deepEqual(probe.said.map(({ kind }) => kind), ["finish"]);
    probe.call("wait", 2);
    assert.deepEqual((await probe.hear("suspend", 2)).effects.posts, []);
    probe.instance.stop();
  });

  await step("passes chunks and cancels", async (world) => {
    const probe = await Probe.start(world);
    probe.instance.dispatch([
      { kind: "chunk", invocation: 5, data: new Uint8Array([0, 255]) },
      { kind: "cancel", invocation: 6 },
    ]);
    assert.deepEqual((await probe.hear("finish", 5)).outcome, { ok: "[0,255]" });
    assert.deepEqual((await probe.hear("finish", 6)).outcome, { ok: '"cancelled"' });
    probe.instance.stop();
  });

  await step("keeps events in order when many come at once", async (world) => {
    const probe = await Probe.start(world);
    const events = Array.from({ length: 300 }, (_, index) => call("echo", index + 1, [index]));
    probe.instance.dispatch(events);
    await probe.hear("finish", 300);
    const order = probe.said.map((output) => (output as { invocation: number }).invocation);
    assert.deepEqual(order, events.map((_, index) => index + 1));
    probe.instance.stop();
  });

  await step("ends a stopped pod, which is silent from then on", async (world) => {
    const probe = await Probe.start(world);
    probe.call("echo", 1);
    probe.instance.stop();
    assert.equal(await probe.instance.ended, "stopped");
    const heard = probe.said.length;
    probe.call("echo", 2);
    const neighbour = await Probe.start(world);
    await neighbour.answer("echo");
    assert.equal(probe.said.length, heard);
    neighbour.instance.stop();
  });

  for (const [name, end] of Object.entries(HARMFUL)) {
    await step(`ends a pod that does "${name}" as ${end}, and only that`, async (world) => {
      const [pod, neighbour] = [await Probe.start(world), await Probe.start(world)];
      await neighbour.answer("echo", 1);
      pod.call(name);
      const before = performance.now();
      await neighbour.answer("echo", 2);
      const waited = performance.now() - before;
      assert.equal(await pod.instance.ended, end);
      assert(waited < patienceMs(), `the neighbour waited ${waited} ms`);
      const last = pod.said.at(-1);
      assert(last?.kind === "log" && last.line.startsWith("stopped: "), JSON.stringify(last));
      const heard = pod.said.length;
      pod.call("echo", 9);
      assert.equal(await neighbour.answer("count", 3), 3);
      assert.equal(pod.said.length, heard);
      neighbour.instance.stop();
    });
  }

  await step("ends what still runs when it is closed", async (world) => {
    const probe = await Probe.start(world);
    await world.sandbox.close();
    assert.equal(await probe.instance.ended, "stopped");
  });
}

/** What a pod may do, and how it ends. */
const HARMFUL: Record<string, PodEnd> = {
  fail: "trap",
  spin: "time",
  later: "time",
  eat: "memory",
  recurse: "trap",
  nonsense: "trap",
  never: "trap",
};

conformance("a memory sandbox", openMemory, everySandbox);
conformance("a sandbox of host processes", openReal, async (step) => {
  await step("bounds what a pod says at once", async (world) => {
    for (const name of ["flood", "bloat"]) {
      // Saying so much takes its time where a machine has other work.
      const pod = await Probe.start(world, { ...BUDGET, sliceMs: 10_000 });
      pod.call(name);
      assert.equal(await pod.instance.ended, "trap");
      const last = pod.said.at(-1);
      assert(last?.kind === "log" && /it said more than/.test(last.line), JSON.stringify(last));
    }
  });
  await step(
    "gives a pod that is quick several events at once, and stops the one that is not",
    async (world) => {
      const probe = await Probe.start(world);
      const last = 40;
      const calls = Array.from({ length: last }, (_, at) => call("echo", at + 1, [at]));
      probe.instance.dispatch([...calls, call("spin", last + 1, [])]);
      assert.equal(await probe.instance.ended, "time");
      const ended = probe.said.flatMap((output) =>
        output.kind === "finish" ? output.invocation : []
      );
      assert.deepEqual(ended, calls.map((_, at) => at + 1));
    },
  );

  await step("bounds each run of a turn for itself", async (world) => {
    const probe = await Probe.start(world);
    const calls = Array.from({ length: 20 }, (_, at) => call("echo", at + 1, [at]));
    const chats = Array.from({ length: 12 }, (_, at) => call("chat", at + 21, [1_500]));
    probe.instance.dispatch([...calls, ...chats]);
    const ended = probe.instance.ended.then((end) => assert.fail(`it ended: ${end}`));
    await Promise.race([probe.hear("finish", 32), ended]);
    assert.equal(probe.said.filter(({ kind }) => kind === "log").length, 12 * 1_500);
    probe.instance.stop();
  });
  await step("carries the longest request, whatever it is written with", async (world) => {
    const probe = await Probe.start(world);
    probe.call("mumble");
    const ended = probe.instance.ended.then((end) => assert.fail(`it ended: ${end}`));
    const { argument } = await Promise.race([probe.hear("request"), ended]);
    assert.equal(argument.length, 6 << 20);
    probe.instance.stop();
  });

  await everySandbox(step);
});
