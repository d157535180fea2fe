/**
 * Versions of pods as their people see them: what is asked, what is kept, and the way back.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { PodClass } from "../../pods/sdk/engine.ts";
import type { Run } from "../../pods/sdk/mod.ts";
import { HandPod } from "../../pods/sdk/testing/hand.ts";
import { componentOf } from "./guests.ts";
import { hasReaders, hears, settleTickers, tick, who } from "./ticker.ts";
import { type Home, Town } from "./town.ts";

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

async function count(alice: Home): Promise<string> {
  return (await alice.visit("pod.run", { pod: "probe", argv: ["count"] })).stdout.trim();
}

async function infoOf(alice: Home, pod = "probe") {
  return (await alice.visit("pod.info", { pod })).items[0]!;
}

async function openHome(town: Town): Promise<Home> {
  const alice = await town.settle("alice");
  await alice.install("probe");
  assert.equal(await count(alice), "1");
  return alice;
}

/** Counts in another table from its second version on. */
class Probe2 extends HandPod {
  readonly counts = this.table<number>("counts");
  readonly sums = this.table<number>("sums");

  constructor(run: Run) {
    super(run);
    this.verb("count", "", "Counts one up.", async () => {
      const sum = await this.sums.get("all") ?? 0;
      this.sums.put("all", sum + 1);
      run.print(`sum ${sum + 1}`);
    });
  }

  protected override async migrate(): Promise<void> {
    this.sums.put("all", await this.counts.get("all") ?? 0);
    this.counts.delete("all");
  }

  protected override async health(): Promise<void> {
    if (await this.sums.get("all") === 4) throw new Error("four of anything is bad luck");
  }
}

Deno.test("a person goes back to the version before, and forward again", async () => {
  await using town = new Town();
  const alice = await openHome(town);
  alice.classes.set("probe 0.2.0", Probe2 as PodClass);
  await alice.install("probe", { upgrade: true }, { version: "0.2.0" });
  assert.deepEqual([await count(alice), await count(alice)], ["sum 2", "sum 3"]);
  const { previous, previousUntilMs, hint } = await infoOf(alice);
  assert.deepEqual([previous, previousUntilMs, hint], [
    "0.1.0",
    town.clock.nowMs() + WEEK_MS,
    undefined,
  ]);
  const visitor = await alice.visit("pod.rollback", { pod: "probe" });
  const [consent, sign] = visitor.asked;
  assert.ok(consent && "confirm" in consent && sign && "sign" in sign);
  assert.equal(consent.confirm, "Take probe back to 0.1.0?");
  assert.match(consent.details.join("\n"), /that 0.2.0 has handled stay handled/);
  assert.deepEqual([visitor.items[0]!.version, visitor.items[0]!.serial], ["0.1.0", 3]);
  assert.equal(await count(alice), "2");
  await alice.visit("pod.rollback", { pod: "probe" });
  assert.equal(await count(alice), "sum 4", "as it was left");
});

Deno.test("a version whose health is bad is refused, and says so in its own words", async () => {
  await using town = new Town();
  const alice = await openHome(town);
  for (const n of ["2", "3", "4"]) assert.equal(await count(alice), n);
  alice.classes.set("probe 0.2.0", Probe2 as PodClass);
  const { kind, op, subject } = await alice.refusal("pod.install", { upgrade: true }, {
    input: await componentOf("probe", "0.2.0"),
  });
  assert.deepEqual([kind, op, subject], [
    "internal",
    "begin probe 0.2.0",
    "four of anything is bad luck",
  ]);
  const { version, previous } = await infoOf(alice);
  assert.deepEqual([version, previous], ["0.1.0", undefined]);
  assert.equal(await count(alice), "5");
});

Deno.test("who says no goes nowhere; who confirms cannot go back", async () => {
  await using town = new Town();
  const alice = await openHome(town);
  await alice.install("probe", { upgrade: true }, { version: "0.2.0" });
  for (const operation of ["pod.rollback", "pod.confirm"]) {
    const { kind } = await alice.refusal(operation, { pod: "probe" }, { yes: false });
    assert.equal(kind, "denied", operation);
  }
  assert.equal((await infoOf(alice)).version, "0.2.0");
  const { asked, items } = await alice.visit("pod.confirm", { pod: "probe" });
  assert.deepEqual(items, [{ name: "probe", version: "0.2.0" }]);
  assert.deepEqual(asked, [{
    confirm: "Keep probe 0.2.0 for good?",
    details: ["0.1.0 and what it kept are forgotten; there is no way back"],
  }]);
  for (const operation of ["pod.rollback", "pod.confirm"]) {
    assert.equal((await alice.refusal(operation, { pod: "probe" })).kind, "not-found", operation);
  }
  assert.equal(await count(alice), "2");
});

Deno.test("a version that sends no more than the one before asks for a signature alone", async () => {
  await using town = new Town();
  const alice = await openHome(town);
  const same = await alice.install("probe", { upgrade: true }, { version: "0.2.0" });
  assert.deepEqual(same.asked.map((ask) => Object.keys(ask)[0]), ["sign"]);
  const more = await alice.install("hey", { name: "probe", upgrade: true });
  const [consent] = more.asked;
  assert.deepEqual(consent, {
    confirm: "Let hey 0.1.0 send more messages in your name than 0.2.0?",
    details: [
      "hey 0.1.0: Letters between people, and the names you give them.",
      "also sends messages by peri:hey/introductions (introduce)",
      "also sends messages by peri:hey/mail (leave)",
      "also sends messages by peri:hey/people (all)",
      "also sends messages by peri:hey/petitions (answer, ask)",
      "also sends messages by peri:hey/profiles (show)",
      "also sends messages by peri:hey/signatures (certifications, certified)",
      "also sends messages by peri:hey/space (erase, messages, write)",
    ],
  });
  const again = await alice.install("hey", { name: "probe", upgrade: true }, { version: "0.3.0" });
  assert.deepEqual(again.asked.map((ask) => Object.keys(ask)[0]), ["sign"]);
  const back = await alice.install("probe", { upgrade: true }, { version: "0.4.0" });
  assert.deepEqual(back.asked.map((ask) => Object.keys(ask)[0]), ["sign"]);
});

Deno.test("what is not granted is not installed, and the version before goes on", async () => {
  await using town = new Town();
  const alice = await openHome(town);
  const input = await componentOf("hey");
  const wishes = { name: "probe", upgrade: true };
  const { kind } = await alice.refusal("pod.install", wishes, { input, yes: false });
  assert.equal(kind, "denied");
  const { version, needs, serial } = await infoOf(alice);
  assert.deepEqual([version, needs, serial], ["0.1.0", [], 1]);
  assert.equal(await count(alice), "2");
});

Deno.test("a version that breaks again and again points to the way back", async () => {
  await using town = new Town();
  const alice = await openHome(town);
  await alice.install("probe", { upgrade: true }, { version: "0.2.0" });
  alice.broken.add("probe 0.2.0");
  for (let n = 0; n < 3; n++) await alice.refusal("pod.run", { pod: "probe", argv: ["count"] });
  const hint = "peri pod rollback probe goes back to 0.1.0";
  assert.equal((await infoOf(alice)).hint, hint);
  const list = (await alice.visit("pod.list")).items.find(({ name }) => name === "probe")!;
  assert.equal(list.hint, hint);
  const { warnings } = (await alice.visit("status")).items[0]!;
  assert.ok((warnings as string[]).some((warning) => warning.endsWith(hint)), `${warnings}`);
  await alice.visit("pod.rollback", { pod: "probe" });
  assert.equal((await infoOf(alice)).hint, undefined);
  assert.equal(await count(alice), "2");
});

Deno.test("a version that comes back learns which of its streams have ended meanwhile", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await tick(alice, "follow", who(bob), "tides");
  await hasReaders(bob, 1);
  await bob.install("ticker", { upgrade: true }, { version: "0.2.0" });
  await tick(bob, "tell", "tides", "1");
  await hears(alice, 1);
  await tick(alice, "stop", "tides");
  await hasReaders(bob, 0, 1);
  await bob.visit("pod.rollback", { pod: "ticker" });
  await hasReaders(bob, 1);
  await tick(bob, "tell", "tides", "2");
  await hasReaders(bob, 0, 1);
  await tick(alice, "follow", who(bob), "tides");
  await hasReaders(bob, 1, 1);
  await tick(bob, "tell", "tides", "3");
  assert.deepEqual((await hears(alice, 2)).map(({ item }) => item), [1, 3]);
  await bob.restart();
  await tick(bob, "tell", "tides", "4");
  await hears(alice, 3);
  assert.deepEqual(town.errors, []);
});

/** Says something to the relay pod of a house. */
async function relay(house: Home, ...argv: string[]): Promise<string[]> {
  return (await house.visit("pod.run", { pod: "relay", argv })).lines;
}

/** Does something while time passes. */
async function passing<Value>(town: Town, doing: Promise<Value>): Promise<Value> {
  let isOver = false;
  doing.finally(() => isOver = true).catch(() => {});
  await town.until(() => isOver, "it is over");
  return await doing;
}

Deno.test("a run that waits goes on in the next version, and does not come back when it is over", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  const carol = await town.settle("carol");
  await town.befriend(bob, carol);
  for (const house of [alice, bob, carol]) await house.install("relay");
  await town.rest(5);
  carol.kill();
  await relay(alice, "once", "chain-1", who(bob), "hello", who(carol));
  const waits = async (count: number) => (await infoOf(bob, "relay")).waitingRuns === count;
  await town.until(() => waits(1), "it waits for carol");
  const version = { version: "0.2.0" };
  const { notes } = await passing(town, bob.install("relay", { upgrade: true }, version));
  assert.deepEqual(notes.slice(1), [
    "runs that await others: 1; waiting for them a moment",
    "runs that still await others: 1; they go on with relay 0.2.0",
  ]);
  assert.ok(await waits(1));
  await carol.open();
  const heard = async () => (await relay(alice, "heard")).map((line) => JSON.parse(line));
  await town.until(async () => (await heard()).length === 1, "alice hears");
  assert.equal((await heard())[0].ok, "heard hello!");
  assert.deepEqual(await relay(bob, "done"), ["000001: ask 0 hello", "000002: told 0 heard hello"]);
  assert.ok(await waits(0));
  await passing(town, bob.visit("pod.rollback", { pod: "relay" }));
  assert.ok(await waits(0), "nobody would ever tell it what it waits for");
  assert.deepEqual(await relay(bob, "done"), ["000001: ask 0 hello"]);
  await relay(alice, "once", "chain-2", who(bob), "again", who(carol));
  await town.until(async () => (await heard()).length === 2, "it works");
  assert.deepEqual(town.errors, []);
});
