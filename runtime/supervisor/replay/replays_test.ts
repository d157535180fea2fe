import assert from "node:assert/strict";
import { SeededEntropy } from "../../adapters/memory/entropy.ts";
import {
  KEEP_FAILED_RUNS_MS,
  MAX_FAILED_RUNS,
  MAX_POD_RUN_BYTES,
  MAX_POD_RUNS,
  MAX_RUN_RECORD_BYTES,
} from "../../model/limits.ts";
import { PeriError } from "../../model/errors.ts";
import { parsePodName } from "../../model/words.ts";
import { componentOf, counter, type Guest, idOf } from "../../../tests/helpers/guest.ts";
import { ALICE, World } from "../../../tests/helpers/world.ts";
import type { ListedRun, ReplayEnd } from "./replays.ts";
import { describe } from "./shown.ts";

const REF = { person: ALICE, pod: parsePodName("counter") };

/** A world with one pod, whose code may be changed. */
async function open(guest: Guest): Promise<World> {
  const world = await World.open();
  await world.install(guest);
  return world;
}

async function asks(world: World, ...numbers: readonly number[]): Promise<void> {
  world.deliver(REF, ...numbers);
  await world.until(world.isDone(REF));
}

/** All but that with which its version began. */
async function runs(world: World): Promise<ListedRun[]> {
  const listing = world.supervisor.replays.list(REF);
  await world.rest();
  return (await listing).filter(({ call }) => call.function === "add");
}

interface Told {
  readonly lines: readonly string[];
  readonly end: ReplayEnd;
}

/** Runs one again: its steps, those that differ with what they were. */
async function replay(
  world: World,
  id: string,
  other?: Uint8Array<ArrayBuffer> | "installed",
): Promise<Told> {
  const lines: string[] = [];
  let end: ReplayEnd | undefined;
  let failure: unknown;
  world.supervisor.replays.replay({
    ref: REF,
    id,
    ...other === undefined ? {} : { with: other },
    signal: new AbortController().signal,
    begin: () => undefined,
    show: (_, __, step, differs) =>
      lines.push(describe(step) + (differs === undefined ? "" : ` (was: ${differs})`)),
  }).then((ended) => end = ended, (thrown) => failure = thrown);
  await world.until(() => end !== undefined || failure !== undefined);
  if (failure !== undefined) throw failure;
  return { lines, end: end! };
}

function change(world: World, guest: Guest, version = "1.0.0"): Uint8Array<ArrayBuffer> {
  const component = componentOf("counter", version);
  world.remains.sandbox.guests.set(idOf(component), guest);
  return component;
}

const CALLED = /^called test:counter\/count#add \[\d\] B{40}\/hey 1800000000000$/;

Deno.test("a run is shown step by step, with what was there before each write", async () => {
  const world = await open(async (run) => {
    run.log("adding");
    run.post({ arguments: "[7]" });
    return await counter(run);
  });
  await asks(world, 3);
  await asks(world, 4);
  const [, second] = await runs(world);
  const { lines, end } = await replay(world, second!.id);
  assert.match(lines[0]!, CALLED);
  assert.deepEqual(lines.slice(1), [
    "logs info adding",
    'asks state-get {"table":"count","key":"sum"} 3',
    'asks state-get {"table":"count","key":"runs"} 1',
    "writes count sum 7",
    "writes count runs 2",
    `posts ${"B".repeat(40)}/counter test:counter/count#add [7]`,
    "ends 7",
  ]);
  assert.deepEqual([end.steps, end.differences, end.isSame], [8, 0, true]);
  // It went nowhere.
  assert.equal(world.state(REF, "count", "sum"), 7);
  assert.equal(world.outcomes(REF).length, 4);
  await world.stop();
});

Deno.test("a run that breaks its pod is there after a restart, and breaks again", async () => {
  const world = await open(async (run) => {
    await run.get("count", "sum");
    if (run.args[0] === 3) await run.die("time");
    return 0;
  });
  await asks(world, 1, 3);
  await world.stop();
  const next = await World.open(world.remains);
  const kept = await runs(next);
  assert.deepEqual(kept.map(({ end }) => end), [
    { kind: "stopped", reason: "time" },
    { kind: "stopped", reason: "time" },
    { kind: "stopped", reason: "time" },
  ]);
  const { lines, end } = await replay(next, kept[0]!.id.slice(0, 4));
  assert.deepEqual(lines.slice(1), [
    'asks state-get {"table":"count","key":"sum"} null',
    "stopped time",
  ]);
  assert.equal(end.differences, 0);
  const mended = change(next, async (run) => await run.get("count", "sum") ?? 5, "1.0.1");
  const better = await replay(next, kept[0]!.id, mended);
  assert.deepEqual(better.lines.slice(1), [
    'asks state-get {"table":"count","key":"sum"} null',
    "ends 5 (was: nothing)",
  ]);
  assert.deepEqual([better.end.version, better.end.isSame], ["1.0.1", false]);
  await next.stop();
});

Deno.test("a run whose effects are refused says so, and is kept", async () => {
  const world = await open((run) => run.put("", "key", 1));
  await asks(world, 1);
  const [run] = await runs(world);
  assert.equal(run!.end.kind, "refused");
  const { lines, end } = await replay(world, run!.id);
  assert.match(lines.at(-1)!, /^refused \{"kind":"invalid".*a table has no name/);
  assert.equal(end.differences, 0);
  await world.until(() => world.rows(REF, "run").length === 1);
  await world.stop();
});

Deno.test("what a run does otherwise is named, and what it asks anew has no answer", async () => {
  let name = "a";
  const world = await open(async (run) => {
    const value = await run.get("names", name);
    run.put("names", name, 1);
    return value ?? null;
  });
  await asks(world, 1);
  const [run] = await runs(world);
  name = "b";
  const { lines, end } = await replay(world, run!.id);
  assert.deepEqual(lines.slice(1), [
    'asks state-get {"table":"names","key":"b"} (was: asks state-get {"table":"names","key":"a"})',
  ]);
  assert.deepEqual([end.differences, end.first?.number], [1, 2]);
  await world.stop();
});

Deno.test("another build is answered by what was told, in whatever order it asks", async () => {
  const world = await open(async (run) => {
    const [one, two] = [await run.get("t", "one"), await run.get("t", "two")];
    run.put("t", "sum", [one, two]);
    throw new PeriError("internal", { op: "add", subject: "a bug" });
  });
  await asks(world, 1);
  const [run] = await runs(world);
  const other = change(world, async (run) => {
    await Promise.all([run.get("t", "two"), run.get("t", "two"), run.get("t", "one")]);
    run.put("t", "sum", 1);
    return 9;
  }, "2.0.0");
  const { lines } = await replay(world, run!.id, other);
  assert.deepEqual(lines.slice(1), [
    'asks state-get {"table":"t","key":"two"} null (was: asks state-get {"table":"t","key":"one"})',
    'asks state-get {"table":"t","key":"two"} null (was: nothing)',
    'asks state-get {"table":"t","key":"one"} null',
    "writes t sum 1 (was: nothing)",
    'ends 9 (was: ends {"kind":"internal","op":"run","subject":"a bug"})',
  ]);
  await world.stop();
});

Deno.test("a pod that says nothing more is not waited for", async () => {
  let isSilent = false;
  const world = await open(() => isSilent ? new Promise(() => {}) : 1);
  await asks(world, 1);
  isSilent = true;
  const [run] = await runs(world);
  const { lines } = await replay(world, run!.id);
  assert.deepEqual(lines.slice(1), ["missing ends 1 (was: ends 1)"]);
  await world.stop();
});

Deno.test("ids that are no id, of no run and of several are told apart", async () => {
  const world = await open(counter);
  await asks(world, 1);
  for (const [id, kind] of [["../x", "invalid"], ["12", "invalid"], ["00000", "not-found"]]) {
    await assert.rejects(replay(world, id!), (thrown: PeriError) => thrown.kind === kind);
  }
  await world.stop();
});

Deno.test("memory is bounded by runs and by bytes, and a run by its own", async () => {
  const world = await open(async (run) => {
    for (let n = 0; n < (run.args[0] as number); n++) await run.get("t", "x".repeat(400));
    return 0;
  });
  await asks(world, ...Array(MAX_POD_RUNS + 20).fill(0));
  assert.equal((await runs(world)).length, MAX_POD_RUNS);
  await asks(world, ...Array(20).fill(100));
  const some = await runs(world);
  const bytes = some.reduce((sum, run) => sum + run.bytes, 0);
  assert.ok(bytes <= MAX_POD_RUN_BYTES && some.length < 10, `${some.length} runs, ${bytes} bytes`);
  await asks(world, 2_000);
  const [large] = await runs(world);
  assert.ok(large!.isCut && large!.bytes <= MAX_RUN_RECORD_BYTES);
  const { end } = await replay(world, large!.id);
  assert.ok(end.steps > 500 && end.differences === 0, `${end.steps} steps`);
  await world.stop();
});

Deno.test("failed runs on disk are bounded in number and age, and go with their pod", async () => {
  const world = await open(() =>
    Promise.reject(new PeriError("internal", { op: "", subject: "" }))
  );
  for (let n = 0; n < MAX_FAILED_RUNS + 5; n++) {
    await asks(world, n);
    await world.remains.clock.advance(1_000);
  }
  assert.equal(world.rows(REF, "run").length, MAX_FAILED_RUNS);
  assert.equal(world.rows(REF, "ran").length, MAX_FAILED_RUNS);
  await world.remains.clock.advance(KEEP_FAILED_RUNS_MS);
  await asks(world, 0);
  await world.remains.clock.advance(1_000);
  assert.equal(world.rows(REF, "run").length, 1);
  const removing = world.supervisor.installs.remove(REF);
  await world.rest();
  await removing;
  assert.deepEqual(world.rows(REF, "run"), []);
  await assert.rejects(world.supervisor.replays.list(REF), /there is no pod/);
  await world.stop();
});

Deno.test("runs that begin again leave nothing of what was kept of them", async () => {
  let deaths = 40;
  const world = await open(async (run) => {
    for (let n = 0; n < 10; n++) await run.get("t", `${n} ${"x".repeat(400)}`);
    run.put("t", "large", "y".repeat(50_000));
    for (let n = 0; n < 6; n++) await run.get("t", "large");
    if (deaths-- > 0) await run.die("shared");
    return 0;
  });
  world.remains.disk.apply({
    puts: [{
      key: ["pod", ALICE, "counter", "state", "t", "large"],
      value: `"${"z".repeat(50_000)}"`,
    }],
  });
  world.deliver(REF, 1);
  for (let n = 0; n < 300 && world.rows(REF, "inbox").length > 0; n++) {
    await world.remains.clock.advance(60_000);
  }
  const kept = await runs(world);
  assert.deepEqual(kept.map(({ isCut, end }) => [isCut, end.kind]), [[false, "ended"]]);
  await world.stop();
});

Deno.test("a line of the log names its run", async () => {
  const world = await open((run) => (run.log(`run ${run.args[0]}`), 0));
  await asks(world, 1, 2, 3);
  const reading = world.supervisor.logs.read(REF, 3);
  await world.rest();
  const ids = (await runs(world)).map(({ id }) => id);
  assert.deepEqual((await reading).map(({ text, run }) => [text, run]), [
    ["run 1", ids[0]],
    ["run 2", ids[1]],
    ["run 3", ids[2]],
  ]);
  await world.stop();
});

Deno.test("stories from seeds are the same when they are run again", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const chance = new SeededEntropy(seed);
    const wishes = Array.from({ length: 8 }, () => chance.below(1_000));
    const world = await open(async (run) => {
      const own = new SeededEntropy(run.call.seed);
      for (let n = own.below(6); n > 0; n--) {
        const key = String(own.below(5));
        const what = own.below(4);
        if (what === 0) run.log(key);
        if (what === 1) await Promise.all([run.get("a", key), run.get("b", key)]);
        if (what === 2) await run.list({ table: "a", limit: 10 });
        if (what === 3) run.put("a", key, [n, run.args[0]]);
      }
      if (own.happens(0.2)) await run.die("trap");
      return await counter(run);
    });
    world.deliver(REF, ...wishes);
    await world.until(world.isDone(REF));
    for (const run of await runs(world)) {
      const { end, lines } = await replay(world, run.id);
      assert.equal(end.differences, 0, `seed ${seed}: ${lines.join("\n")}`);
    }
    await world.stop();
  }
});
