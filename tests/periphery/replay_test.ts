/**
 * Runs of real pods that are run again: those that wait for others are one story, on both sides of
 * a restart.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Run } from "../../pods/sdk/mod.ts";
import { HandPod } from "../../pods/sdk/testing/hand.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { componentOf } from "./guests.ts";
import { who } from "./ticker.ts";
import { type Home, Town } from "./town.ts";

async function items(
  house: Home,
  args: JsonRecord,
  input?: Uint8Array,
): Promise<readonly JsonRecord[]> {
  const asking = house.visit("pod.replay", args, input === undefined ? {} : { input });
  return (await house.town.drive(asking, "it is replayed")).items;
}

/** Steps of a run as its author knows them. */
async function steps(house: Home, pod: string, id: unknown): Promise<string[]> {
  const shown = await items(house, { pod, id: String(id) });
  return shown.filter(({ table, argument }) => !/^sdk:|"sdk:/.test(`${table ?? argument}`))
    .map(({ kind, differences, after, text, ok, item }) =>
      [kind, differences ?? after ?? text ?? ok ?? item].join(" ").trim()
    );
}

async function settle(town: Town): Promise<[alice: Home, bob: Home]> {
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  for (const house of [alice, bob]) await house.install("relay");
  await town.rest(5);
  return [alice, bob];
}

Deno.test("a run that awaits others is one story, for a person and for a pod", async () => {
  await using town = new Town();
  const [alice, bob] = await settle(town);
  const argv = ["chain", "x", who(bob), who(alice)];
  await town.drive(alice.visit("pod.run", { pod: "relay", argv }), "it is said");
  const hers = await items(alice, { pod: "relay" });
  const [visit] = hers.filter(({ from }) => from === "terminal");
  assert.deepEqual(await steps(alice, "relay", visit!.id), [
    ...["called", "posts", "waits", "called", "prints heard x!", "ends 0", "ends null"],
    "result 0",
  ]);
  const his = await items(bob, { pod: "relay" });
  const [part] = his.filter(({ of }) => of !== undefined);
  const whole = await steps(bob, "relay", part!.id);
  assert.deepEqual(whole, await steps(bob, "relay", part!.of), "whichever part is named");
  assert.deepEqual(whole, [
    ...["called", "asks {}", 'writes "ask 0 x"', "posts", "waits"],
    ...["called", 'asks {"000001":"ask 0 x"}', 'writes "told 0 heard x"', 'answers "heard x!"'],
    ...["ends null", "result 0"],
  ]);
});

Deno.test("what went on from its journal after a restart is run again from it", async () => {
  await using town = new Town();
  const [alice, bob] = await settle(town);
  // Nobody hears what Bob asks, so his run waits.
  bob.link = () => Promise.reject(new PeriError("unreachable", { op: "send", subject: "no link" }));
  await alice.visit("pod.run", {
    pod: "relay",
    argv: ["once", "chain", who(bob), "x", who(alice)],
  });
  await town.until(() => isWaiting(bob), "Bob's run waits");
  bob.kill();
  bob.link = (request, deliver) => deliver(request);
  await bob.open();
  const heard = async () => (await alice.visit("pod.run", { pod: "relay", argv: ["heard"] })).lines;
  await town.until(async () => (await heard()).length === 1, "Alice hears");
  const his = await items(bob, { pod: "relay" });
  const [part] = his.filter(({ function: name }) => name === "sdk:settle");
  const shown = await items(bob, { pod: "relay", id: part!.id! });
  assert.ok(shown.some(({ argument }) => `${argument}`.includes('"log/')), "it reads its journal");
  assert.deepEqual(shown.at(-1)?.differences, 0);
});

function isWaiting({ disk }: Home): boolean {
  return disk.rows().some(({ key }) => key[4] === "sdk:runs" && String(key[5]).startsWith("run/"));
}

/** Counts in a variable outside of it, which no run may know of. */
let outside = 0;

class Forgetful extends HandPod {
  constructor(run: Run) {
    super(run);
    const seen = this.table<number>("seen");
    this.verb("count", "", "Counts one up.", () => {
      outside++;
      seen.put("all", outside);
    });
    this.verb("echo", "", "Repeats.", async () => run.print(await run.readAll()));
    this.verb("chance", "", "Draws.", () => run.print(`${run.random()} ${run.nowMs}`));
  }
}

Deno.test("a pod that is not a function of what it is told is named with its step", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  alice.classes.set("probe", Forgetful);
  await alice.install("probe");
  for (const argv of [["chance"], ["count"]]) await alice.visit("pod.run", { pod: "probe", argv });
  const [counted, drawn] = await items(alice, { pod: "probe" });
  assert.match((await steps(alice, "probe", drawn!.id)).at(-1)!, /^result 0$/);
  const id = String(counted!.id);
  const refused = alice.refusal("pod.replay", { pod: "probe", id });
  const { kind, subject, hint } = await town.drive(refused, "it is refused");
  assert.deepEqual([kind, subject], [
    "conflict",
    "step 2 is writes seen all 2; when it ran, it was writes seen all 1",
  ]);
  assert.match(hint!, /variables outside/);
  const component = await componentOf("probe", "0.2.0");
  const shown = await items(alice, { pod: "probe", id, with: true }, component);
  assert.equal(shown[1]?.differs, "writes seen all 1");
  const result = { kind: "result", steps: 3, differences: 1, version: "0.2.0", ranIn: "0.1.0" };
  assert.deepEqual(shown.at(-1), result);
});

Deno.test("standard input is given again as it came", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  alice.classes.set("probe", Forgetful);
  await alice.install("probe");
  const input = "one\ntwo";
  await alice.visit("pod.run", { pod: "probe", argv: ["echo"] }, { input });
  const [run] = await items(alice, { pod: "probe" });
  const shown = await items(alice, { pod: "probe", id: run!.id! });
  assert.deepEqual(shown.find(({ kind }) => kind === "told")?.input, input);
  assert.deepEqual(shown.find(({ kind }) => kind === "prints")?.text, `${input}\n`);
  assert.equal(shown.at(-1)?.differences, 0);
});

Deno.test("what ran in a version that is gone is run in the one that is here", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  await alice.install("probe");
  const failed = await alice.refusal("pod.run", { pod: "probe", argv: ["throw"] });
  const [, id] = /^peri pod replay probe ([0-9a-f]{5})$/.exec(failed.hint!)!;
  alice.classes.set("probe", Forgetful);
  const upgrade = alice.install("probe", { upgrade: true }, { version: "0.2.0" });
  await town.drive(upgrade, "it is there");
  const shown = await items(alice, { pod: "probe", id: id!, installed: true });
  assert.deepEqual(shown.at(-1)?.version, "0.2.0");
  assert.notEqual(shown.at(-1)?.differences, 0);
});

class Dozer extends HandPod {
  constructor(run: Run) {
    super(run);
    const woke = this.table<number>("woke");
    const nap = this.later("nap", async (name: string) => {
      await this.sleep("1 min");
      woke.put(name, run.nowMs);
    });
    this.every("beat", "10 min", ({ dueMs }) => woke.put("beat", dueMs));
    this.verb("nap", "<name>", "Naps.", ([name]) => nap.after("1 s", name!));
  }
}

Deno.test("runs that sleep and those of schedules are run again, also the second of an instance", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  alice.classes.set("probe", Dozer);
  await alice.install("probe");
  for (const name of ["first", "second"]) {
    await alice.visit("pod.run", { pod: "probe", argv: ["nap", name] });
    await town.clock.advance(2_000);
    await town.rest();
  }
  await town.clock.advance(1_200_000);
  await town.rest();
  const runs = await items(alice, { pod: "probe" });
  const functions = runs.map(({ function: name }) => name);
  for (const name of ["nap", "sdk:settle", "sdk:tick", "sdk:every/beat"]) {
    assert.equal(functions.filter((one) => one === name).length, 2, `${name} of ${functions}`);
  }
  for (const { id, function: name } of runs) {
    const shown = await items(alice, { pod: "probe", id: id! });
    assert.equal(shown.at(-1)?.differences, 0, `${name}: ${JSON.stringify(shown)}`);
  }
});

Deno.test("runs are shown to nobody but the pod's person", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  await alice.hey("list");
  const mallory = await town.person("mallory");
  for (const wishes of [{ pod: "hey" }, {}]) {
    const { kind } = await alice.refusal("pod.replay", wishes, { as: mallory });
    assert.equal(kind, "denied");
  }
  assert.equal((await alice.visit("pod.replay", {})).items[0]?.pod, "hey");
});

Deno.test("a run that looked at fields and indexes is run again as it saw them", async () => {
  await using town = new Town();
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  for (const house of [alice, bob]) await house.install("tally");
  await town.rest(5);
  const tell = (...argv: string[]) =>
    town.drive(alice.visit("pod.run", { pod: "tally", argv }), "it is said");
  await tell("add", "owl");
  await tell("add", "fox");
  await tell("together", who(bob), "owl");
  await tell("entitle", "Animals");
  await tell("labelled", "owl");
  const runs = await items(alice, { pod: "tally" });
  assert.ok(runs.length >= 5, `${runs.length} runs`);
  for (const { id } of runs) {
    const shown = await items(alice, { pod: "tally", id: String(id) });
    assert.equal(shown.at(-1)!.differences, 0, JSON.stringify(shown, null, 1));
  }
});

Deno.test("what a run read from what its instance remembered is shown and told again as any answer", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  await alice.install("probe");
  for (let run = 0; run < 3; run++) {
    await alice.visit("pod.run", { pod: "probe", argv: ["count"] });
  }
  // Of the runs before it nothing is run again: the row is what it was then.
  const [third, second] = await items(alice, { pod: "probe" });
  for (const [run, before] of [[third, 2], [second, 1]] as const) {
    const shown = await items(alice, { pod: "probe", id: run!.id! });
    const asked = shown.find(({ kind }) => kind === "asks");
    assert.deepEqual([asked?.argument, asked?.ok], ['{"table":"counts","key":"all"}', `${before}`]);
    assert.equal(shown.find(({ kind }) => kind === "writes")?.after, `${before + 1}`);
    assert.equal(shown.at(-1)?.differences, 0);
  }
});
