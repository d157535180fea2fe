/**
 * What a person does to their periphery happens as a whole or not at all, whichever commit is the
 * last one of its process; and if it did not happen, it can be done again.
 *
 * @module
 */

import assert from "node:assert/strict";
import { formatBase64 } from "../../runtime/model/bytes.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import { componentOf } from "./guests.ts";
import { type Home, type House, Town } from "./town.ts";

/** Something a person does. */
interface Deed {
  readonly operation: string;
  readonly args: JsonRecord;
  readonly input?: Uint8Array;
  isDone(alice: Home): Promise<boolean>;
}

/** Where a deed is done: Alice's periphery, and Bob's, which goes on. */
interface Scene {
  readonly alice: Home;
  readonly bob: Home;
}

type Stage = (town: Town) => Promise<Scene>;

const claimed: Stage = async (town) => {
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.rest();
  return { alice, bob };
};

const withProbe: Stage = async (town) => {
  const scene = await claimed(town);
  await scene.alice.install("probe");
  await count(scene.alice);
  return scene;
};

const withTwoProbes: Stage = async (town) => {
  const scene = await withProbe(town);
  await scene.alice.install("probe", { upgrade: true }, { version: "0.2.0" });
  await count(scene.alice);
  return scene;
};

const withFriend: Stage = async (town) => {
  const scene = await claimed(town);
  await town.befriend(scene.alice, scene.bob);
  await town.rest();
  return scene;
};

async function count(alice: Home): Promise<string> {
  return (await alice.visit("pod.run", { pod: "probe", argv: ["count"] })).stdout.trim();
}

async function pods(alice: Home): Promise<Record<string, unknown>> {
  const { items } = await alice.visit("pod.list");
  return Object.fromEntries(items.map(({ name, version, serial }) => [name, { version, serial }]));
}

async function serialOf(alice: Home, pod: string): Promise<unknown> {
  return (await alice.visit("pod.info", { pod })).items[0]!.serial;
}

const DEEDS: Readonly<Record<string, (scene: Scene) => Promise<Deed> | Deed>> = {
  "a first claim": ({ alice }) => ({
    operation: "claim",
    args: { certificate: formatBase64(alice.owner.certificate) },
    isDone: (house) => Promise.resolve(house.periphery.desk.owner() === house.owner.fingerprint),
  }),
  "a renewed claim": ({ alice }) => ({
    operation: "claim",
    args: { certificate: formatBase64(alice.owner.certificate) },
    isDone: async (house) => await serialOf(house, "periphery") === 2,
  }),
  "an installation": async () => ({
    operation: "pod.install",
    args: {},
    input: await componentOf("probe"),
    isDone: async (house) => "probe" in await pods(house),
  }),
  "an upgrade": async () => ({
    operation: "pod.install",
    args: { upgrade: true },
    input: await componentOf("probe", "0.2.0"),
    isDone: async (house) => {
      const { version } = (await pods(house)).probe as { version: string };
      return version === "0.2.0";
    },
  }),
  "a way back": () => ({
    operation: "pod.rollback",
    args: { pod: "probe" },
    isDone: async (house) => {
      const { version } = (await pods(house)).probe as { version: string };
      return version === "0.1.0";
    },
  }),
  "a confirmation": () => ({
    operation: "pod.confirm",
    args: { pod: "probe" },
    isDone: async (house) => {
      const { items } = await house.visit("pod.list");
      return items.every(({ previous }) => previous === undefined);
    },
  }),
  "a renewal": () => ({
    operation: "pod.renew",
    args: { pod: "hey" },
    isDone: async (house) => await serialOf(house, "hey") === 2,
  }),
  "a removal": () => ({
    operation: "pod.remove",
    args: { pod: "probe" },
    isDone: async (house) => !("probe" in await pods(house)),
  }),
  "a new friend": ({ bob }) => ({
    operation: "friend.add",
    args: { url: bob.url, name: "bob" },
    isDone: async (house) => (await house.visit("friend.list")).items[0]?.name === "bob",
  }),
  "the end of a friendship": () => ({
    operation: "friend.remove",
    args: { friend: "bob" },
    isDone: async (house) => (await house.visit("friend.list")).items.length === 0,
  }),
};

const unclaimed: Stage = async (town) => {
  const alice = await town.build("alice", await town.person("alice")) as Home;
  return { alice, bob: await town.settle("bob") };
};

const STAGES: Readonly<Record<string, Stage>> = {
  "a first claim": unclaimed,
  "an upgrade": withProbe,
  "a way back": withTwoProbes,
  "a confirmation": withTwoProbes,
  "a removal": withProbe,
  "the end of a friendship": withFriend,
};

/** Does a deed while its process dies; whether the crash came before the deed had ended. */
async function interrupt(what: string, commits: number, isHeard: boolean): Promise<boolean> {
  await using town = new Town();
  const label = `${what}, ${commits} commits, ${isHeard}`;
  const scene = await (STAGES[what] ?? claimed)(town);
  const { alice } = scene;
  const { operation, args, input = "", isDone } = await DEEDS[what]!(scene);
  alice.crashAfter({ commits, isHeard });
  let isOver = false;
  alice.visit(operation, args, { input }).then(() => isOver = true, () => isOver = true);
  await town.until(() => isOver || !alice.isRunning, label);
  alice.crashAfter();
  const isInterrupted = !alice.isRunning;
  if (isInterrupted) await alice.open();
  if (!await isDone(alice)) await alice.visit(operation, args, { input });
  assert.ok(await isDone(alice), label);
  await checkWhole(alice, label);
  assert.deepEqual(town.errors, [], label);
  return isInterrupted;
}

/** Nothing is half there: no blob without its pod, no row without its owner, and all works. */
async function checkWhole(alice: Home, label: string): Promise<void> {
  const doctor = await alice.visit("doctor");
  assert.deepEqual(doctor.items.filter(({ ok }) => !ok), [], label);
  const residents = new Set(["periphery", ...Object.keys(await pods(alice))]);
  for (const { key } of alice.disk.rows()) {
    const isOfPod = key[0] === "pod" || key[0] === "residents";
    if (isOfPod) assert.ok(residents.has(String(key[2])), `${label}: ${key.join("/")}`);
  }
  const { items } = await alice.visit("pod.list");
  const kept = items.filter(({ previous }) => previous !== undefined).length;
  assert.equal(alice.blobs.count, residents.size - 1 + kept, label);
  if (residents.has("probe")) await count(alice);
  await restartsWell(alice, label);
}

async function restartsWell(alice: House, label: string): Promise<void> {
  const before = (await alice.visit("pod.list")).items.map(({ name, serial }) => [name, serial]);
  await alice.restart();
  const after = (await alice.visit("pod.list")).items.map(({ name, serial }) => [name, serial]);
  assert.deepEqual(after, before, label);
}

for (const what of Object.keys(DEEDS)) {
  Deno.test(`${what} happens as a whole, whenever its process dies`, async () => {
    for (const isHeard of [true, false]) {
      let commits = 1;
      while (await interrupt(what, commits, isHeard)) commits++;
      assert.ok(commits > 1 || isHeard, "there was a commit to die after");
    }
  });
}
