/**
 * Versions of one pod that take each other's place, for the tests of the supervisor.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Reply } from "../../runtime/model/message.ts";
import { parsePodName, type PodRef } from "../../runtime/model/words.ts";
import { componentOf, counter, type Guest, idOf } from "./guest.ts";
import { ALICE, certificateOf, eventOf, SERVER, World } from "./world.ts";
import type { Watcher } from "../../runtime/supervisor/version/copy.ts";
import type { InstallWish } from "../../runtime/supervisor/version/install.ts";
import type { ResidentPod } from "../../runtime/supervisor/resident.ts";

/** The pod that has versions. */
export const REF = { person: ALICE, pod: parsePodName("counter") };

/** A later version: its sum is kept under another name, a hundred higher. */
export const later: Guest = async (run) => {
  const [n] = run.args as [number];
  const total = await run.get("count", "total") as number + n;
  run.put("count", "total", total);
  return total;
};

/** Brings the state of {@link counter} up to date. */
export const migrate: Guest = async (run) => {
  const [{ from }] = run.args as [{ from: string | null }];
  if (from === null) return;
  run.put("count", "total", 100 + (await run.get("count", "sum") as number ?? 0));
  run.put("count", "sum", undefined);
  for (let n = 0; n < 300; n++) run.put("log", `${n}`, n);
};

/** A version that is wished for, and what it does at first and then. */
export interface Wishes extends Partial<InstallWish> {
  readonly guest?: Guest;
  readonly begin?: Guest;
}

/** Puts a version in the place of the one that runs. */
export async function upgrade(
  world: World,
  version: string,
  { guest = later, begin = migrate, ...more }: Wishes = {},
  watcher?: Watcher,
): Promise<ResidentPod> {
  const component = componentOf("counter", version);
  const { guests, beginnings } = world.remains.sandbox;
  guests.set(idOf(component), guest);
  beginnings.set(idOf(component), begin);
  const { installs } = world.supervisor;
  const certificate = certificateOf(ALICE);
  const wish = { person: ALICE, certificate, endpoint: SERVER, component, isUpgrade: true };
  const draft = await installs.planInstall({ ...wish, ...more });
  const upgrading = installs.complete(draft, await world.sign(ALICE, draft.document), watcher);
  return await driven(world, upgrading);
}

/** Goes back to the version before. */
export async function rollback(world: World): Promise<ResidentPod> {
  const { installs } = world.supervisor;
  const draft = await installs.planRollback(REF, certificateOf(ALICE), SERVER);
  return await driven(world, installs.complete(draft, await world.sign(ALICE, draft.document)));
}

/** Lets time pass until something is over. */
export async function driven<Value>(world: World, work: Promise<Value>): Promise<Value> {
  let isOver = false;
  work.then(() => isOver = true, () => isOver = true);
  for (let round = 0; !isOver && !world.isKilled; round++) {
    assert.ok(round < 1_000, "it comes to an end");
    await world.rest();
    await world.remains.clock.advance(200);
  }
  return world.isKilled ? undefined as Value : await work;
}

/** What is kept of what a pod said, whatever became of it. */
export const SAID = new Set(["log", "run", "ran"]);

/** Names of what stands in a pod's partition, without what it said. */
export function partsOf(world: World, ref: PodRef): string[] {
  const rows = world.remains.disk.rows().filter(({ key }) =>
    key[0] === "pod" && key[2] === ref.pod
  );
  return [...new Set(rows.map(({ key }) => String(key[3])))].filter((part) => !SAID.has(part));
}

/** What the pod has answered, in order. */
export function answersOf(world: World): unknown[] {
  return world.rows<Reply>(REF, "sent").map(({ outcome }) => outcome);
}

/** A world with the pod, which has been told these numbers. */
export async function begun(...sums: number[]): Promise<World> {
  const world = await World.open();
  const ref = await world.install(counter);
  world.deliver(ref, ...sums);
  await world.until(world.isDone(ref));
  return world;
}

/** Each message was answered once, in order, by the version that knew what came before it. */
export function checkAnswers(world: World, label: string): void {
  const tokens = world.rows<Reply>(REF, "sent").map(({ token }) => token);
  const asked = Array.from(tokens, (_, arrival) => eventOf(REF, arrival, 0).message.body.token);
  assert.deepEqual(tokens, asked, label);
  assert.equal(tokens.length, world.remains.arrivals, label);
  for (const outcome of answersOf(world)) assert.ok("ok" in (outcome as object), label);
}

/** Nothing but what the version that runs and the one that is kept need is there. */
export function checkWhole(world: World, label: string): string {
  const { generation, previous, manifest, component } = world.supervisor.residents.get(REF);
  const allowed = [generation, ...previous === undefined ? [] : [previous.generation]]
    .map((one) => one === 0 ? "state" : `state.${one}`);
  const states = partsOf(world, REF).filter((part) => part.startsWith("state"));
  for (const state of states) assert.ok(allowed.includes(state), `${label}: ${state}`);
  const kept = world.remains.disk.rows().filter(({ key }) => key[3] === "kept");
  const keptOf = new Set(kept.map(({ key }) => key[4]));
  assert.deepEqual([...keptOf], previous === undefined ? [] : [previous.generation], label);
  const isOld = manifest.version === "1.0.0";
  const sum = world.state(REF, "count", "sum");
  const total = world.state(REF, "count", "total");
  const isMigrated =
    world.rows(REF, `state${generation === 0 ? "" : `.${generation}`}`).length > 100;
  assert.deepEqual(
    [sum !== undefined, total !== undefined, isMigrated],
    [isOld, !isOld, !isOld],
    label,
  );
  assert.equal(component, idOf(componentOf("counter", manifest.version)), label);
  return manifest.version;
}
